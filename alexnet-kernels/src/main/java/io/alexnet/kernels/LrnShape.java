package io.alexnet.kernels;

/**
 * Local response normalisation across channels.
 *
 * @param pixels height × width of a plane
 * @param size channels in the window, odd (the paper's n)
 * @param alpha divided by {@code size} in the formula, as in Caffe, PyTorch and ONNX
 */
public record LrnShape(
    int batch, int channels, int pixels, int size, float alpha, float beta, float k) {

  /** Throws {@link IllegalArgumentException} if a value is out of range. */
  public LrnShape {
    if (batch < 1 || channels < 1 || pixels < 1) {
      throw new IllegalArgumentException(
          "lrn: sizes must be positive: batch %d, channels %d, pixels %d"
              .formatted(batch, channels, pixels));
    }
    if (size < 1 || size % 2 == 0) {
      throw new IllegalArgumentException("lrn: size must be odd and positive, not " + size);
    }
    if (!(k > 0) || !(alpha >= 0) || !Float.isFinite(alpha + beta + k)) {
      throw new IllegalArgumentException(
          "lrn: needs k > 0, alpha >= 0 and finite values: alpha %s, beta %s, k %s"
              .formatted(alpha, beta, k));
    }
  }
}
