package io.alexnet.kernels;

/**
 * Average pooling to a fixed output size: output row i covers input rows ⌊i·height/outHeight⌋ up to
 * but not including ⌈(i+1)·height/outHeight⌉, columns likewise (PyTorch's AdaptiveAvgPool2d).
 */
public record AdaptivePoolShape(
    int batch, int channels, int height, int width, int outHeight, int outWidth) {

  /** Throws {@link IllegalArgumentException} if a size is not positive. */
  public AdaptivePoolShape {
    if (batch < 1 || channels < 1 || height < 1 || width < 1 || outHeight < 1 || outWidth < 1) {
      throw new IllegalArgumentException(
          "adaptive pooling: sizes must be positive: batch %d, input %d×%d×%d, output %d×%d"
              .formatted(batch, channels, height, width, outHeight, outWidth));
    }
  }
}
