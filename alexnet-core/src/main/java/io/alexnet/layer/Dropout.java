package io.alexnet.layer;

import io.alexnet.tensor.Shape;
import java.util.Set;

/**
 * Inverted dropout (Krizhevsky et al. 2012, section 4.2; Srivastava et al. 2014): in training an
 * element becomes 0 with probability {@code rate}, else x/(1 − rate); in inference nothing happens.
 * The mask is a function of the network's seed, the step and the layer's place in the graph.
 *
 * <p>Any input, output the same shape.
 *
 * @param rate in [0, 1)
 */
public record Dropout(float rate) implements UnaryLayer {

  /** Throws {@link IllegalArgumentException} if the rate is out of range. */
  public Dropout {
    if (!(rate >= 0 && rate < 1)) {
      throw new IllegalArgumentException("dropout: the rate must be in [0, 1), not " + rate);
    }
  }

  @Override
  public Shape outputShape(Shape input) {
    return input;
  }

  @Override
  public Set<BufferUse> bufferUse(boolean training) {
    return training
        ? Set.of(BufferUse.IN_PLACE, BufferUse.GRADIENT_IN_PLACE)
        : Set.of(BufferUse.VIEW);
  }

  @Override
  public Pass bind(Binding binding) {
    return new DropoutPass(binding, rate);
  }

  private static final class DropoutPass extends UnaryPass {
    private final int layerIndex;
    private final io.alexnet.kernels.Dropout kernel;

    DropoutPass(Binding binding, float rate) {
      super(binding);
      layerIndex = binding.layerIndex();
      kernel = binding.training() ? binding.kernels().dropout(y.size(), rate) : null;
    }

    @Override
    public void forward(Run run) {
      if (kernel == null) {
        y.copyFrom(x);
      } else {
        kernel.run(run.team(), key(run), x.array(), x.offset(), y.array(), y.offset());
      }
    }

    @Override
    public void backward(Run run) {
      kernel.run(run.team(), key(run), dy.array(), dy.offset(), dx.array(), dx.offset());
    }

    private long key(Run run) {
      return io.alexnet.kernels.Dropout.key(run.seed(), run.step(), layerIndex);
    }
  }
}
