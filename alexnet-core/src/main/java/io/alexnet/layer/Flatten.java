package io.alexnet.layer;

import io.alexnet.tensor.Shape;
import java.util.Set;

/**
 * The same elements as one vector of features, in NCHW order: channel by channel, each row by row.
 * (Keras flattens NHWC, so its dense weights behind a flatten are in another order.)
 */
public record Flatten() implements UnaryLayer {

  @Override
  public Shape outputShape(Shape input) {
    return Shape.of(input.size());
  }

  @Override
  public Set<BufferUse> bufferUse(boolean training) {
    return Set.of(BufferUse.VIEW, BufferUse.GRADIENT_IN_PLACE);
  }

  @Override
  public Pass bind(Binding binding) {
    return new FlattenPass(binding);
  }

  private static final class FlattenPass extends UnaryPass {
    FlattenPass(Binding binding) {
      super(binding);
    }

    @Override
    public void forward(Run run) {
      y.copyFrom(x);
    }

    @Override
    public void backward(Run run) {
      dx.copyFrom(dy);
    }
  }
}
