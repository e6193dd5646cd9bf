package io.alexnet.layer;

import io.alexnet.tensor.Shape;
import java.util.Set;

/**
 * Softmax over a vector of classes: y_i = e^(x_i − max x) / Σ_j e^(x_j − max x).
 *
 * <p>For probabilities inside a graph. A network that is trained with cross-entropy ends in its
 * logits instead: the loss holds the softmax, fused and exact for tiny probabilities.
 *
 * <p>Input a vector of features, output the same shape.
 */
public record Softmax() implements UnaryLayer {

  @Override
  public Shape outputShape(Shape input) {
    if (input.rank() != 1) {
      throw new IllegalArgumentException(
          "softmax needs a vector of features, not an input of shape " + input);
    }
    return input;
  }

  @Override
  public Set<BufferUse> bufferUse(boolean training) {
    return Set.of(BufferUse.IN_PLACE, BufferUse.GRADIENT_IN_PLACE, BufferUse.KEEPS_OUTPUT);
  }

  @Override
  public Pass bind(Binding binding) {
    return new SoftmaxPass(binding);
  }

  private static final class SoftmaxPass extends UnaryPass {
    private final io.alexnet.kernels.Softmax.Forward forward;
    private final io.alexnet.kernels.Softmax.Backward backward;

    SoftmaxPass(Binding binding) {
      super(binding);
      int classes = x.shape().dimension(1);
      forward = binding.kernels().softmaxForward(binding.batch(), classes);
      backward = dx == null ? null : binding.kernels().softmaxBackward(binding.batch(), classes);
    }

    @Override
    public void forward(Run run) {
      forward.run(run.team(), x.array(), x.offset(), y.array(), y.offset());
    }

    @Override
    public void backward(Run run) {
      backward.run(
          run.team(), y.array(), y.offset(), dy.array(), dy.offset(), dx.array(), dx.offset());
    }
  }
}
