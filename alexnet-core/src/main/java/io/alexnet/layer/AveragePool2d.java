package io.alexnet.layer;

import io.alexnet.kernels.PoolShape;
import io.alexnet.kernels.Window;
import io.alexnet.tensor.Shape;
import java.util.Set;

/**
 * Mean over windows of each channel; the gradient is spread evenly over the window.
 *
 * <p>Shapes as in {@link MaxPool2d}.
 *
 * @param window moves by its stride, which is 1 unless set, not the window's size as in Keras and
 *     PyTorch
 * @param roundUp whether a last, partial window counts, as in {@link MaxPool2d}
 * @param countPadding whether padded places count in the divisor, as in Caffe and by default in
 *     PyTorch; Keras does not count them
 */
public record AveragePool2d(Window window, boolean roundUp, boolean countPadding)
    implements UnaryLayer {

  /** Rounds down and counts padding, as PyTorch does; the window's own stride, 1 unless set. */
  public static AveragePool2d of(Window window) {
    return new AveragePool2d(window, false, true);
  }

  private PoolShape shape(int batch, Shape input) {
    Shape image = UnaryLayer.requireImage(input);
    return new PoolShape(
        batch,
        image.dimension(0),
        image.dimension(1),
        image.dimension(2),
        window,
        roundUp,
        countPadding);
  }

  @Override
  public Shape outputShape(Shape input) {
    PoolShape shape = shape(1, input);
    return Shape.of(shape.channels(), shape.outHeight(), shape.outWidth());
  }

  @Override
  public Set<BufferUse> bufferUse(boolean training) {
    return Set.of();
  }

  @Override
  public Pass bind(Binding binding) {
    PoolShape shape = shape(binding.batch(), binding.input().shape().dropFirst());
    return new AveragePass(
        binding,
        binding.kernels().averagePoolForward(shape),
        binding.kernels().averagePoolBackward(shape));
  }
}
