package io.alexnet.data.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;

/**
 * Brings whatever ImageIO decodes to 8-bit RGB.
 *
 * <p>{@link BufferedImage#getRGB} would not do for grey: it takes grey samples for linear light and
 * brightens them. Grey and RGB samples are therefore read as they are.
 */
final class RgbPixels {

  private RgbPixels() {}

  static Image of(BufferedImage image, int background) {
    int width = image.getWidth();
    int height = image.getHeight();
    byte[] rgb = new byte[3 * width * height];
    if (image.getType() == BufferedImage.TYPE_3BYTE_BGR
        && image.getRaster().getDataBuffer() instanceof DataBufferByte buffer
        && buffer.getData().length == rgb.length) {
      swapRedAndBlue(buffer.getData(), rgb);
    } else if (hasPlainSamples(image.getColorModel())) {
      fromSamples(image, background, rgb);
    } else {
      fromColours(image, background, rgb);
    }
    return new Image(width, height, 3, rgb);
  }

  private static void swapRedAndBlue(byte[] bgr, byte[] rgb) {
    for (int i = 0; i < rgb.length; i += 3) {
      rgb[i] = bgr[i + 2];
      rgb[i + 1] = bgr[i + 1];
      rgb[i + 2] = bgr[i];
    }
  }

  private static boolean hasPlainSamples(ColorModel colours) {
    int space = colours.getColorSpace().getType();
    return colours instanceof ComponentColorModel
        && (space == ColorSpace.TYPE_GRAY || space == ColorSpace.TYPE_RGB)
        && colours.getTransferType() <= DataBuffer.TYPE_USHORT
        && !colours.isAlphaPremultiplied();
  }

  private static void fromSamples(BufferedImage image, int background, byte[] rgb) {
    Raster raster = image.getRaster();
    ColorModel colours = image.getColorModel();
    int bands = raster.getNumBands();
    int step = colours.getNumColorComponents() == 3 ? 1 : 0;
    int largest = (1 << colours.getComponentSize(0)) - 1;
    int[] row = new int[image.getWidth() * bands];
    int at = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, image.getWidth(), 1, row);
      for (int i = 0; i < row.length; i += bands) {
        int alpha = colours.hasAlpha() ? scale(row[i + bands - 1], largest) : 255;
        for (int c = 0; c < 3; c++) {
          rgb[at++] = over(scale(row[i + c * step], largest), alpha, background, c);
        }
      }
    }
  }

  private static void fromColours(BufferedImage image, int background, byte[] rgb) {
    int[] row = new int[image.getWidth()];
    int at = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      image.getRGB(0, y, row.length, 1, row, 0, row.length);
      for (int argb : row) {
        for (int c = 0; c < 3; c++) {
          rgb[at++] = over(argb >>> (16 - 8 * c) & 0xFF, argb >>> 24, background, c);
        }
      }
    }
  }

  private static int scale(int sample, int largest) {
    return largest == 255 ? sample : (sample * 255 + largest / 2) / largest;
  }

  private static byte over(int sample, int alpha, int background, int channel) {
    int behind = background >>> (16 - 8 * channel) & 0xFF;
    return (byte) ((sample * alpha + behind * (255 - alpha) + 127) / 255);
  }
}
