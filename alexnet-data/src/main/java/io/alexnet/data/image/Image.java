package io.alexnet.data.image;

import java.awt.image.BufferedImage;
import java.util.Objects;

/**
 * An image of 8-bit samples, rows from the top, the channels of a pixel side by side: grey (1
 * channel) or red, green, blue (3 channels).
 *
 * <p>The pixels are shared with whoever made the image and are not to be changed once it exists.
 */
public final class Image {

  private final int width;
  private final int height;
  private final int channels;
  private final byte[] pixels;

  /**
   * @param pixels [height][width][channels], kept, not copied
   */
  public Image(int width, int height, int channels, byte[] pixels) {
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException("an image of " + width + "×" + height + " pixels");
    }
    if (channels != 1 && channels != 3) {
      throw new IllegalArgumentException("channels must be 1 or 3, not " + channels);
    }
    if (pixels.length != (long) width * height * channels) {
      throw new IllegalArgumentException(
          width + "×" + height + "×" + channels + " pixels in an array of " + pixels.length);
    }
    this.width = width;
    this.height = height;
    this.channels = channels;
    this.pixels = pixels;
  }

  public int width() {
    return width;
  }

  public int height() {
    return height;
  }

  /** 1 (grey) or 3 (red, green, blue). */
  public int channels() {
    return channels;
  }

  /** The shared samples, [height][width][channels], each an unsigned byte. */
  public byte[] pixels() {
    return pixels;
  }

  /** One sample, 0 to 255. */
  public int sample(int x, int y, int channel) {
    int pixel = Objects.checkIndex(y, height) * width + Objects.checkIndex(x, width);
    return pixels[pixel * channels + Objects.checkIndex(channel, channels)] & 0xFF;
  }

  /**
   * A copy of the rectangle whose top left corner is (left, top).
   *
   * @throws IllegalArgumentException if it is empty or not all in this image
   */
  public Image crop(int left, int top, int width, int height) {
    if (left < 0
        || top < 0
        || width < 1
        || height < 1
        || width > this.width - left
        || height > this.height - top) {
      throw new IllegalArgumentException(
          "no crop of " + width + "×" + height + " at (" + left + ", " + top + ") in " + this);
    }
    byte[] cropped = new byte[width * height * channels];
    for (int y = 0; y < height; y++) {
      int from = ((top + y) * this.width + left) * channels;
      System.arraycopy(pixels, from, cropped, y * width * channels, width * channels);
    }
    return new Image(width, height, channels, cropped);
  }

  /** The largest square about the centre; this image itself if it is square. */
  public Image centreSquare() {
    int side = Math.min(width, height);
    if (width == height) {
      return this;
    }
    return crop((width - side) / 2, (height - side) / 2, side, side);
  }

  /** This image in grey (1, by ITU-R BT.601 luma) or in colour (3, grey repeated). */
  public Image withChannels(int channels) {
    if (channels == this.channels) {
      return this;
    }
    if (channels != 1 && channels != 3) {
      throw new IllegalArgumentException("channels must be 1 or 3, not " + channels);
    }
    byte[] converted = new byte[width * height * channels];
    for (int i = 0; i < width * height; i++) {
      if (channels == 1) {
        int red = pixels[3 * i] & 0xFF;
        int green = pixels[3 * i + 1] & 0xFF;
        int blue = pixels[3 * i + 2] & 0xFF;
        converted[i] = (byte) ((299 * red + 587 * green + 114 * blue + 500) / 1000);
      } else {
        converted[3 * i] = pixels[i];
        converted[3 * i + 1] = pixels[i];
        converted[3 * i + 2] = pixels[i];
      }
    }
    return new Image(width, height, channels, converted);
  }

  /** A copy in RGB, for drawing and ImageIO. */
  public BufferedImage toBufferedImage() {
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int rgb = 0;
        for (int c = 0; c < 3; c++) {
          rgb = rgb << 8 | sample(x, y, channels == 3 ? c : 0);
        }
        picture.setRGB(x, y, rgb);
      }
    }
    return picture;
  }

  @Override
  public String toString() {
    return "Image " + width + "×" + height + "×" + channels;
  }
}
