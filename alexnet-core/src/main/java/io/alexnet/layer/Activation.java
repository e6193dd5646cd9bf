package io.alexnet.layer;

import io.alexnet.kernels.ActivationFunction;
import io.alexnet.tensor.Shape;
import java.util.Set;

/**
 * An activation function, element by element: ReLU max(0, x) (Krizhevsky et al. 2012, section 3.1),
 * leaky ReLU (x where positive, else slope·x), tanh, sigmoid 1/(1 + e^−x). The derivative is told
 * from the output, so it runs in place.
 *
 * <p>Any input, output the same shape.
 *
 * @param slope of leaky ReLU for negative inputs, in (0, 1]; ignored by the others
 */
public record Activation(ActivationFunction function, float slope) implements UnaryLayer {

  /** Throws {@link IllegalArgumentException} for a leaky ReLU with a slope out of range. */
  public Activation {
    if (function == ActivationFunction.LEAKY_RELU && !(slope > 0 && slope <= 1)) {
      throw new IllegalArgumentException("leaky ReLU: the slope must be in (0, 1], not " + slope);
    }
  }

  /** max(0, x). */
  public static Activation relu() {
    return new Activation(ActivationFunction.RELU, 0);
  }

  /** x where positive, else slope·x (Maas et al. 2013, with slope 0.01). */
  public static Activation leakyRelu(float slope) {
    return new Activation(ActivationFunction.LEAKY_RELU, slope);
  }

  /** Hyperbolic tangent. */
  public static Activation tanh() {
    return new Activation(ActivationFunction.TANH, 0);
  }

  /** 1/(1 + e^−x). */
  public static Activation sigmoid() {
    return new Activation(ActivationFunction.SIGMOID, 0);
  }

  @Override
  public String type() {
    return switch (function) {
      case RELU -> "ReLU";
      case LEAKY_RELU -> "LeakyReLU";
      case TANH -> "Tanh";
      case SIGMOID -> "Sigmoid";
    };
  }

  @Override
  public Shape outputShape(Shape input) {
    return input;
  }

  @Override
  public Set<BufferUse> bufferUse(boolean training) {
    return Set.of(BufferUse.IN_PLACE, BufferUse.GRADIENT_IN_PLACE, BufferUse.KEEPS_OUTPUT);
  }

  @Override
  public Pass bind(Binding binding) {
    return new ActivationPass(binding, this);
  }

  private static final class ActivationPass extends UnaryPass {
    private final io.alexnet.kernels.Activation.Forward forward;
    private final io.alexnet.kernels.Activation.Backward backward;

    ActivationPass(Binding binding, Activation layer) {
      super(binding);
      forward = binding.kernels().activationForward(layer.function, layer.slope, y.size());
      backward =
          dx == null
              ? null
              : binding.kernels().activationBackward(layer.function, layer.slope, y.size());
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
