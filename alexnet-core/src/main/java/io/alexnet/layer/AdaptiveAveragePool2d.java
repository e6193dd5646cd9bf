package io.alexnet.layer;

import io.alexnet.tensor.Shape;
import java.util.Set;

/**
 * Average pooling to a fixed output size, whatever the input's: output row i is the mean of input
 * rows ⌊i·height/outHeight⌋ up to but not including ⌈(i+1)·height/outHeight⌉, columns likewise
 * (PyTorch's AdaptiveAvgPool2d, in torchvision's AlexNet 6×6).
 *
 * <p>Input channels×height×width, output channels×outHeight×outWidth.
 */
public record AdaptiveAveragePool2d(int outHeight, int outWidth) implements UnaryLayer {

  /** Throws {@link IllegalArgumentException} if a size is not positive. */
  public AdaptiveAveragePool2d {
    if (outHeight < 1 || outWidth < 1) {
      throw new IllegalArgumentException(
          "adaptive pooling: output must be at least 1×1, not %d×%d"
              .formatted(outHeight, outWidth));
    }
  }

  @Override
  public Shape outputShape(Shape input) {
    return Shape.of(UnaryLayer.requireImage(input).dimension(0), outHeight, outWidth);
  }

  @Override
  public Set<BufferUse> bufferUse(boolean training) {
    return Set.of();
  }

  @Override
  public Pass bind(Binding binding) {
    return AveragePass.adaptive(binding, outHeight, outWidth);
  }
}
