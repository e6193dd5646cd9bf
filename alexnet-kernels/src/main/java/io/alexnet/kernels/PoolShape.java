package io.alexnet.kernels;

/**
 * The shape of a pooling over NCHW planes.
 *
 * @param roundUp whether a last, partial window counts (Caffe's and ONNX's ceil mode) or not; as in
 *     PyTorch, and in Caffe where there is padding, a window that would begin beyond the plane and
 *     its leading padding is dropped
 * @param countPadding for average pooling, whether padded places count in the divisor (Caffe's and
 *     PyTorch's default); places beyond the padding, reached by rounding up, never do
 */
public record PoolShape(
    int batch,
    int channels,
    int height,
    int width,
    Window window,
    boolean roundUp,
    boolean countPadding) {

  /** Throws {@link IllegalArgumentException} if sizes do not fit together. */
  public PoolShape {
    if (batch < 1 || channels < 1 || height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "pooling: sizes must be positive: batch %d, input %d×%d×%d"
              .formatted(batch, channels, height, width));
    }
    if (window.padTop() >= window.extentHeight()
        || window.padBottom() >= window.extentHeight()
        || window.padLeft() >= window.extentWidth()
        || window.padRight() >= window.extentWidth()) {
      throw new IllegalArgumentException(
          "pooling: padding must be smaller than the window, or some windows hold no pixel");
    }
    if (height + window.padTop() + window.padBottom() < window.extentHeight()
        || width + window.padLeft() + window.padRight() < window.extentWidth()) {
      throw new IllegalArgumentException(
          "pooling: a window of %d×%d does not fit into the padded input of %d×%d"
              .formatted(
                  window.extentHeight(),
                  window.extentWidth(),
                  height + window.padTop() + window.padBottom(),
                  width + window.padLeft() + window.padRight()));
    }
    Window w = window;
    int outHeight =
        out(height, w.padTop(), w.padBottom(), w.extentHeight(), w.strideHeight(), roundUp);
    int outWidth = out(width, w.padLeft(), w.padRight(), w.extentWidth(), w.strideWidth(), roundUp);
    if (someWindowIsEmpty(
            height, outHeight, w.padTop(), w.extentHeight(), w.strideHeight(), w.dilationHeight())
        || someWindowIsEmpty(
            width, outWidth, w.padLeft(), w.extentWidth(), w.strideWidth(), w.dilationWidth())) {
      throw new IllegalArgumentException(
          "pooling: a dilated window steps over the whole input of %d×%d into its padding"
              .formatted(height, width));
    }
  }

  /** Only with dilation can a window lie over the plane and yet touch no pixel of it. */
  private static boolean someWindowIsEmpty(
      int size, int outputs, int before, int extent, int stride, int dilation) {
    for (int o = 0; o < outputs; o++) {
      int start = o * stride - before;
      int first = start < 0 ? Math.floorMod(start, dilation) : start;
      if (first >= Math.min(size, start + extent)) {
        return true;
      }
    }
    return false;
  }

  public int outHeight() {
    return out(
        height,
        window.padTop(),
        window.padBottom(),
        window.extentHeight(),
        window.strideHeight(),
        roundUp);
  }

  public int outWidth() {
    return out(
        width,
        window.padLeft(),
        window.padRight(),
        window.extentWidth(),
        window.strideWidth(),
        roundUp);
  }

  private static int out(int size, int before, int after, int extent, int stride, boolean roundUp) {
    int room = size + before + after - extent;
    int out = (roundUp ? (room + stride - 1) / stride : room / stride) + 1;
    return roundUp && (out - 1) * stride >= size + before ? out - 1 : out;
  }
}
