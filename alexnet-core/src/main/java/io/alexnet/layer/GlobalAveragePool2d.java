package io.alexnet.layer;

import io.alexnet.tensor.Shape;
import java.util.Set;

/**
 * The mean of each channel: y[c] = Σ_{i,j} x[c][i][j] / (height·width) (Lin, Chen and Yan 2014,
 * section 3.2), in place of flattening where the image size may vary.
 *
 * <p>Input channels×height×width, output a vector of channels.
 */
public record GlobalAveragePool2d() implements UnaryLayer {

  @Override
  public Shape outputShape(Shape input) {
    return Shape.of(UnaryLayer.requireImage(input).dimension(0));
  }

  @Override
  public Set<BufferUse> bufferUse(boolean training) {
    return Set.of();
  }

  @Override
  public Pass bind(Binding binding) {
    return AveragePass.adaptive(binding, 1, 1);
  }
}
