package io.alexnet.data.image;

import java.util.Arrays;

/**
 * Changes an image's size: by area averaging along an axis that shrinks (every source pixel counts
 * as much as it covers of the target pixel, so nothing aliases), by linear interpolation between
 * pixel centres along an axis that grows. The arithmetic is the same on every machine.
 */
public final class Resize {

  private Resize() {}

  /**
   * The image at this size; its own proportions are not kept.
   *
   * @throws IllegalArgumentException if there can be no image of it
   */
  public static Image to(Image image, int width, int height) {
    if (width < 1 || height < 1 || width > (Integer.MAX_VALUE - 8) / image.channels() / height) {
      throw new IllegalArgumentException("no image can have " + width + "×" + height + " pixels");
    }
    if (image.width() == width && image.height() == height) {
      return image;
    }
    int channels = image.channels();
    Axis across = new Axis(image.width(), width);
    Axis down = new Axis(image.height(), height);
    byte[] source = image.pixels();
    byte[] target = new byte[width * height * channels];
    // One target row at a time: its source rows are summed first, then shrunk across.
    float[] row = new float[image.width() * channels];
    for (int y = 0; y < height; y++) {
      Arrays.fill(row, 0);
      for (int tap = 0; tap < down.taps; tap++) {
        addRow(source, down.first[y] + tap, down.weights[y * down.taps + tap], row);
      }
      shrinkRow(row, channels, across, target, y * width * channels);
    }
    return new Image(width, height, channels, target);
  }

  /** The image's centre square at side × side: what its shorter side and a centre crop leave. */
  public static Image square(Image image, int side) {
    return to(image.centreSquare(), side, side);
  }

  private static void addRow(byte[] source, int y, float weight, float[] row) {
    if (weight == 0) {
      return;
    }
    int offset = y * row.length;
    for (int i = 0; i < row.length; i++) {
      row[i] += weight * (source[offset + i] & 0xFF);
    }
  }

  private static void shrinkRow(float[] row, int channels, Axis across, byte[] target, int at) {
    for (int x = 0; x < across.first.length; x++) {
      int first = across.first[x] * channels;
      int weight = x * across.taps;
      for (int c = 0; c < channels; c++) {
        float sum = 0.5f; // rounds to the nearest when cut off below
        for (int tap = 0; tap < across.taps; tap++) {
          sum += across.weights[weight + tap] * row[first + tap * channels + c];
        }
        target[at++] = (byte) Math.min((int) sum, 255);
      }
    }
  }

  /** Which source pixels make each target pixel along one axis, and with what weight. */
  private static final class Axis {
    final int taps;
    final int[] first;
    final float[] weights;

    Axis(int source, int target) {
      double scale = (double) source / target;
      taps = Math.min(source, scale > 1 ? (int) Math.ceil(scale) + 1 : 2);
      first = new int[target];
      weights = new float[target * taps];
      for (int i = 0; i < target; i++) {
        double from = scale > 1 ? i * scale : (i + 0.5) * scale - 0.5;
        first[i] = Math.max(0, Math.min((int) Math.floor(from), source - taps));
        for (int tap = 0; tap < taps; tap++) {
          int pixel = first[i] + tap;
          weights[i * taps + tap] =
              (float) (scale > 1 ? covered(pixel, from, scale) : near(pixel, from, source));
        }
      }
    }

    /** The share of [from, from + scale) that lies on the pixel. */
    private static double covered(int pixel, double from, double scale) {
      double overlap = Math.min(pixel + 1, from + scale) - Math.max(pixel, from);
      return Math.max(0, overlap) / scale;
    }

    /** The linear weight of the pixel at a place between pixel centres, edges repeated. */
    private static double near(int pixel, double place, int source) {
      double inside = Math.max(0, Math.min(place, source - 1));
      return Math.max(0, 1 - Math.abs(pixel - inside));
    }
  }
}
