package io.alexnet.data.image;

import java.awt.Rectangle;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;

/**
 * An upright picture in 8-bit RGB, into which strips of whatever ImageIO decodes are drawn.
 *
 * <p>{@link BufferedImage#getRGB} would not do for grey: it takes grey samples for linear light and
 * brightens them. Grey and sRGB samples are therefore read as they are.
 */
final class RgbPixels {

  private final Orientation upright;
  private final Rectangle frame;
  private final int background;
  private final byte[] rgb;

  /** The picture that the scan tells of, with nothing but the background where no frame lies. */
  RgbPixels(FileScan scan, int background) {
    this.upright = Orientation.of(scan.orientation(), scan.width(), scan.height());
    this.frame = scan.frame();
    this.background = background;
    this.rgb = new byte[3 * scan.width() * scan.height()];
    if (frame.width < scan.width() || frame.height < scan.height()) {
      for (int i = 0; i < rgb.length; i++) {
        rgb[i] = (byte) (background >>> (16 - 8 * (i % 3)));
      }
    }
  }

  /**
   * @param strip the frame's rows from top on, as many as rows; it may have more below, of no
   *     meaning
   */
  void draw(BufferedImage strip, int top, int rows) {
    boolean bytes =
        strip.getType() == BufferedImage.TYPE_3BYTE_BGR
            && strip.getRaster().getDataBuffer() instanceof DataBufferByte buffer
            && buffer.getData().length == 3 * strip.getWidth() * strip.getHeight();
    boolean plain = hasPlainSamples(strip.getColorModel());
    for (int y = 0; y < rows; y++) {
      int at = upright.start() + (frame.y + top + y) * upright.stepY() + frame.x * upright.stepX();
      if (bytes) {
        swapRedAndBlue(strip, y, at);
      } else if (plain) {
        fromSamples(strip, y, at);
      } else {
        fromColours(strip, y, at);
      }
    }
  }

  Image image() {
    return new Image(upright.width(), upright.height(), 3, rgb);
  }

  private void swapRedAndBlue(BufferedImage strip, int y, int at) {
    byte[] bgr = ((DataBufferByte) strip.getRaster().getDataBuffer()).getData();
    int row = 3 * strip.getWidth() * y;
    for (int i = row; i < row + 3 * strip.getWidth(); i += 3) {
      rgb[3 * at] = bgr[i + 2];
      rgb[3 * at + 1] = bgr[i + 1];
      rgb[3 * at + 2] = bgr[i];
      at += upright.stepX();
    }
  }

  private static boolean hasPlainSamples(ColorModel colours) {
    ColorSpace space = colours.getColorSpace();
    return colours instanceof ComponentColorModel
        && (space.getType() == ColorSpace.TYPE_GRAY || space.isCS_sRGB())
        && colours.getTransferType() <= DataBuffer.TYPE_USHORT
        && !colours.isAlphaPremultiplied();
  }

  private void fromSamples(BufferedImage strip, int y, int at) {
    Raster raster = strip.getRaster();
    ColorModel colours = strip.getColorModel();
    int bands = raster.getNumBands();
    int step = colours.getNumColorComponents() == 3 ? 1 : 0;
    int largest = (1 << colours.getComponentSize(0)) - 1;
    int[] row = raster.getPixels(0, y, strip.getWidth(), 1, (int[]) null);
    for (int i = 0; i < row.length; i += bands) {
      int alpha = colours.hasAlpha() ? scale(row[i + bands - 1], largest) : 255;
      for (int c = 0; c < 3; c++) {
        rgb[3 * at + c] = over(scale(row[i + c * step], largest), alpha, c);
      }
      at += upright.stepX();
    }
  }

  private void fromColours(BufferedImage strip, int y, int at) {
    // A pixel beyond its palette has no alpha either, and is black.
    int opaque = strip.getColorModel().hasAlpha() ? 0 : 255;
    for (int argb : strip.getRGB(0, y, strip.getWidth(), 1, null, 0, strip.getWidth())) {
      for (int c = 0; c < 3; c++) {
        rgb[3 * at + c] = over(argb >>> (16 - 8 * c) & 0xFF, argb >>> 24 | opaque, c);
      }
      at += upright.stepX();
    }
  }

  private static int scale(int sample, int largest) {
    return largest == 255 ? sample : (sample * 255 + largest / 2) / largest;
  }

  private byte over(int sample, int alpha, int channel) {
    int behind = background >>> (16 - 8 * channel) & 0xFF;
    return (byte) ((sample * alpha + behind * (255 - alpha) + 127) / 255);
  }
}
