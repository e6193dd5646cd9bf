package io.alexnet.kernels;

/**
 * The shape of a pooling over NCHW planes.
 *
 * @param roundUp whether a last, partial window counts (Caffe's and ONNX's ceil mode) or not; as in
 *     Caffe, a window that would begin beyond the plane and its leading padding is dropped
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
  }

  public int outHeight() {
    return out(
        height, window.padTop(), window.padBottom(), window.extentHeight(), window.strideHeight());
  }

  public int outWidth() {
    return out(
        width, window.padLeft(), window.padRight(), window.extentWidth(), window.strideWidth());
  }

  private int out(int size, int before, int after, int extent, int stride) {
    int room = size + before + after - extent;
    int out = (roundUp ? (room + stride - 1) / stride : room / stride) + 1;
    return roundUp && (out - 1) * stride >= size + before ? out - 1 : out;
  }
}
