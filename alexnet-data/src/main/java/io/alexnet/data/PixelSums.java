package io.alexnet.data;

import java.io.Serializable;

/**
 * What {@link ImageStatistics} are made of: sums over the pixels of images, to which more images
 * can be added, also those that another thread or machine has added up.
 *
 * <p>Sums are of whole numbers, so neither threads nor order can change a bit of them. Safe for use
 * by any number of threads.
 */
public final class PixelSums implements Serializable {

  private static final long serialVersionUID = 1;

  final int channels;
  final int side;
  private int images;

  /** Of each place and channel, [side][side][channels]. */
  private final long[] sums;

  /** Of products of two channels; the upper triangle is not used. */
  private final long[][] products;

  /**
   * @param channels 1 (grey) or 3 (RGB)
   * @param side height and width of the images, in pixels
   * @throws IllegalArgumentException if there are no such images
   */
  public PixelSums(int channels, int side) {
    ResizedImages.requireShape(channels, side);
    this.channels = channels;
    this.side = side;
    sums = new long[side * side * channels];
    products = new long[channels][channels];
  }

  /**
   * Adds an image.
   *
   * @param pixels [side][side][channels]
   * @throws IllegalArgumentException if there are more or fewer
   */
  public void add(byte[] pixels) {
    if (pixels.length != sums.length) {
      throw new IllegalArgumentException(
          "%d samples of an image of %d×%d×%d".formatted(pixels.length, side, side, channels));
    }
    long[][] image = new long[channels][channels];
    for (int i = 0; i < pixels.length; i += channels) {
      for (int a = 0; a < channels; a++) {
        for (int b = 0; b <= a; b++) {
          image[a][b] += (pixels[i + a] & 0xFF) * (pixels[i + b] & 0xFF);
        }
      }
    }
    synchronized (this) {
      images++;
      for (int i = 0; i < pixels.length; i++) {
        sums[i] += pixels[i] & 0xFF;
      }
      addProducts(image);
    }
  }

  /**
   * Adds another's images, which nobody adds to at the same time.
   *
   * @throws IllegalArgumentException if they are of another shape
   */
  public synchronized void add(PixelSums other) {
    if (other.channels != channels || other.side != side) {
      throw new IllegalArgumentException(
          "sums of images of %d×%d×%d and %d×%d×%d"
              .formatted(channels, side, side, other.channels, other.side, other.side));
    }
    images += other.images;
    for (int i = 0; i < sums.length; i++) {
      sums[i] += other.sums[i];
    }
    addProducts(other.products);
  }

  private void addProducts(long[][] more) {
    for (int a = 0; a < channels; a++) {
      for (int b = 0; b <= a; b++) {
        products[a][b] += more[a][b];
      }
    }
  }

  /** How many have been added. */
  public synchronized int images() {
    return images;
  }

  /** At each place, [side][side][channels], in [0, 1]. */
  synchronized double[] meanImage() {
    double[] mean = new double[sums.length];
    for (int i = 0; i < sums.length; i++) {
      mean[i] = sums[i] / 255.0 / images;
    }
    return mean;
  }

  synchronized double mean(int channel) {
    long sum = 0;
    for (int i = channel; i < sums.length; i += channels) {
      sum += sums[i];
    }
    return sum / 255.0 / images / side / side;
  }

  synchronized double covariance(int a, int b) {
    double product = products[Math.max(a, b)][Math.min(a, b)] / (255.0 * 255.0);
    return product / images / side / side - mean(a) * mean(b);
  }
}
