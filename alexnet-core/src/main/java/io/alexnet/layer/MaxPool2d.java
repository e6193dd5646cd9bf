package io.alexnet.layer;

import io.alexnet.kernels.PoolShape;
import io.alexnet.kernels.Pooling;
import io.alexnet.kernels.Window;
import io.alexnet.tensor.Shape;
import java.util.Set;

/**
 * Maximum over windows of each channel, which may overlap (Krizhevsky et al. 2012, section 3.4):
 * y[c][oh][ow] = max over the window of x[c]. The gradient goes to the winner, the first of equals
 * in row-major order.
 *
 * <p>Input channels×height×width, output channels×outHeight×outWidth with outHeight = ⌊(height +
 * pads − extent)/stride⌋ + 1.
 *
 * @param window moves by its stride, which is 1 unless set, not the window's size as in Keras and
 *     PyTorch
 * @param roundUp whether a last, partial window counts, ⌈…⌉ instead of ⌊…⌋, unless it begins beyond
 *     the image: as in Caffe, see {@link PoolShape}
 */
public record MaxPool2d(Window window, boolean roundUp) implements UnaryLayer {

  /** Rounds down, as Keras and PyTorch do; the window's own stride counts, 1 unless set. */
  public static MaxPool2d of(Window window) {
    return new MaxPool2d(window, false);
  }

  private PoolShape shape(int batch, Shape input) {
    Shape image = UnaryLayer.requireImage(input);
    return new PoolShape(
        batch, image.dimension(0), image.dimension(1), image.dimension(2), window, roundUp, false);
  }

  @Override
  public Shape outputShape(Shape input) {
    PoolShape shape = shape(1, input);
    return Shape.of(shape.channels(), shape.outHeight(), shape.outWidth());
  }

  /** For each output the place of its window's winner. */
  @Override
  public int indices(Shape input) {
    return outputShape(input).size();
  }

  @Override
  public Set<BufferUse> bufferUse(boolean training) {
    return Set.of();
  }

  @Override
  public Pass bind(Binding binding) {
    return new MaxPoolPass(binding, shape(binding.batch(), binding.input().shape().dropFirst()));
  }

  private static final class MaxPoolPass extends UnaryPass {
    private final Indices winners;
    private final Pooling.MaxForward forward;
    private final Pooling.MaxBackward backward;

    MaxPoolPass(Binding binding, PoolShape shape) {
      super(binding);
      winners = binding.indices();
      forward = binding.kernels().maxPoolForward(shape);
      backward = dx == null ? null : binding.kernels().maxPoolBackward(shape);
    }

    @Override
    public void forward(Run run) {
      forward.run(
          run.team(),
          x.array(),
          x.offset(),
          y.array(),
          y.offset(),
          winners == null ? null : winners.array());
    }

    @Override
    public void backward(Run run) {
      backward.run(run.team(), dy.array(), dy.offset(), winners.array(), dx.array(), dx.offset());
    }
  }
}
