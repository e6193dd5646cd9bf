package io.alexnet.kernels;

/**
 * Batch normalisation of [batch][channels][pixels]: over batch and pixels for each channel; with
 * pixels = 1 that is the per-feature form behind a dense layer.
 *
 * @param epsilon added to the variance
 */
public record BatchNormShape(int batch, int channels, int pixels, float epsilon) {

  /** Throws {@link IllegalArgumentException} if a value is out of range. */
  public BatchNormShape {
    if (batch < 1 || channels < 1 || pixels < 1) {
      throw new IllegalArgumentException(
          "batch norm: sizes must be positive: batch %d, channels %d, pixels %d"
              .formatted(batch, channels, pixels));
    }
    if (!(epsilon > 0)) {
      throw new IllegalArgumentException("batch norm: epsilon must be positive, not " + epsilon);
    }
  }
}
