package io.alexnet.kernels.scalar;

import io.alexnet.kernels.AdaptivePoolShape;
import io.alexnet.kernels.PoolShape;

/**
 * The pooling windows along one axis of a plane, without the padding they reach over: output o
 * covers the inputs first(o), first(o) + step, … below end(o).
 */
public final class PoolAxis {
  private final int[] first;
  private final int[] end;
  private final int[] divisor;
  private final int step;

  private PoolAxis(int outputs, int step) {
    first = new int[outputs];
    end = new int[outputs];
    divisor = new int[outputs];
    this.step = step;
  }

  public static PoolAxis rows(PoolShape shape) {
    var window = shape.window();
    return sliding(
        shape.height(),
        shape.outHeight(),
        window.extentHeight(),
        window.strideHeight(),
        window.dilationHeight(),
        window.padTop(),
        shape.countPadding() ? shape.height() + window.padBottom() : -1);
  }

  public static PoolAxis columns(PoolShape shape) {
    var window = shape.window();
    return sliding(
        shape.width(),
        shape.outWidth(),
        window.extentWidth(),
        window.strideWidth(),
        window.dilationWidth(),
        window.padLeft(),
        shape.countPadding() ? shape.width() + window.padRight() : -1);
  }

  /**
   * A dilation may be far longer than the axis, of a single tap as long as an int goes. The step is
   * cut to the axis: it still leads out of it, and sums and products with it stay ints.
   *
   * @param countedEnd where the places end that count in the divisor; negative if only inputs do
   */
  private static PoolAxis sliding(
      int size, int outputs, int extent, int stride, int dilation, int padding, int countedEnd) {
    PoolAxis axis = new PoolAxis(outputs, Math.min(dilation, size));
    for (int o = 0; o < outputs; o++) {
      int start = o * stride - padding;
      axis.first[o] = start < 0 ? Math.floorMod(start, dilation) : start;
      axis.end[o] = Math.min(start + extent, size);
      axis.divisor[o] =
          countedEnd < 0
              ? taps(axis.first[o], axis.end[o], dilation)
              : taps(start, Math.min(start + extent, countedEnd), dilation);
    }
    return axis;
  }

  /** The windows of {@link AdaptivePoolShape} along an axis. */
  public static PoolAxis adaptive(int size, int outputs) {
    PoolAxis axis = new PoolAxis(outputs, 1);
    for (int o = 0; o < outputs; o++) {
      axis.first[o] = (int) ((long) o * size / outputs);
      axis.end[o] = (int) (((o + 1L) * size + outputs - 1) / outputs);
      axis.divisor[o] = axis.end[o] - axis.first[o];
    }
    return axis;
  }

  private static int taps(int from, int to, int dilation) {
    return (to - from + dilation - 1) / dilation;
  }

  public int outputs() {
    return first.length;
  }

  public int first(int output) {
    return first[output];
  }

  public int end(int output) {
    return end[output];
  }

  public int step() {
    return step;
  }

  /** Places of the window that count in an average. */
  public int divisor(int output) {
    return divisor[output];
  }
}
