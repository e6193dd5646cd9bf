package io.alexnet.kernels;

/**
 * The sliding window of a convolution or a pooling: its size, step, the padding on each side of the
 * plane and the distance between its taps.
 */
public record Window(
    int height,
    int width,
    int strideHeight,
    int strideWidth,
    int padTop,
    int padLeft,
    int padBottom,
    int padRight,
    int dilationHeight,
    int dilationWidth) {

  /** Far beyond any image's side, and short enough for sums of such lengths to be ints. */
  private static final int LONGEST = 1 << 24;

  /**
   * Throws {@link IllegalArgumentException} for a size, stride or dilation under 1 or pad under 0,
   * and if the window, its stride or its padding on one side is longer than 2²⁴.
   */
  public Window {
    require("window height", height, 1);
    require("window width", width, 1);
    require("stride", Math.min(strideHeight, strideWidth), 1);
    require("padding", Math.min(Math.min(padTop, padLeft), Math.min(padBottom, padRight)), 0);
    require("dilation", Math.min(dilationHeight, dilationWidth), 1);
    requireShort("window", dilationHeight * (height - 1L) + 1);
    requireShort("window", dilationWidth * (width - 1L) + 1);
    requireShort("stride", Math.max(strideHeight, strideWidth));
    requireShort("padding", Math.max(Math.max(padTop, padLeft), Math.max(padBottom, padRight)));
  }

  private static void requireShort(String name, long length) {
    if (length > LONGEST) {
      throw new IllegalArgumentException(
          name + " must be at most " + LONGEST + " long, not " + length);
    }
  }

  private static void require(String name, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(name + " must be at least " + least + ", not " + value);
    }
  }

  /** A square window of stride 1 without padding. */
  public static Window square(int size) {
    return of(size, size);
  }

  /** A window of stride 1 without padding. */
  public static Window of(int height, int width) {
    return new Window(height, width, 1, 1, 0, 0, 0, 0, 1, 1);
  }

  /** The same window with this step in both directions. */
  public Window stride(int stride) {
    return stride(stride, stride);
  }

  /** The same window with a step for rows and one for columns. */
  public Window stride(int strideHeight, int strideWidth) {
    return new Window(
        height,
        width,
        strideHeight,
        strideWidth,
        padTop,
        padLeft,
        padBottom,
        padRight,
        dilationHeight,
        dilationWidth);
  }

  /** The same window with this padding on all four sides. */
  public Window padding(int padding) {
    return padding(padding, padding);
  }

  /** The same window with one padding above and below, and one left and right. */
  public Window padding(int vertical, int horizontal) {
    return padding(vertical, horizontal, vertical, horizontal);
  }

  /** The same window with a padding for each side. */
  public Window padding(int top, int left, int bottom, int right) {
    return new Window(
        height,
        width,
        strideHeight,
        strideWidth,
        top,
        left,
        bottom,
        right,
        dilationHeight,
        dilationWidth);
  }

  /** The same window with this dilation in both directions (1: neighbouring taps). */
  public Window dilation(int dilation) {
    return dilation(dilation, dilation);
  }

  /** The same window with a dilation for rows and one for columns. */
  public Window dilation(int dilationHeight, int dilationWidth) {
    return new Window(
        height,
        width,
        strideHeight,
        strideWidth,
        padTop,
        padLeft,
        padBottom,
        padRight,
        dilationHeight,
        dilationWidth);
  }

  /** Rows that the window spans: dilation·(height − 1) + 1. */
  public int extentHeight() {
    return dilationHeight * (height - 1) + 1;
  }

  /** Columns that the window spans. */
  public int extentWidth() {
    return dilationWidth * (width - 1) + 1;
  }
}
