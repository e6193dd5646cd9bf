package io.alexnet.layer;

import io.alexnet.init.Initializer;
import io.alexnet.kernels.DenseShape;
import io.alexnet.kernels.Kernels;
import io.alexnet.tensor.Shape;
import java.util.List;
import java.util.Set;

/**
 * Fully connected layer: y = W·x + b.
 *
 * <p>Input a vector of features (put a {@link Flatten} before it where images come in), output a
 * vector of {@code outputs}. Parameters {@code weight} [outputs][inputs] and {@code bias}
 * [outputs].
 *
 * @param weight options of the weights
 * @param bias options of the bias; null for none
 */
public record Dense(int outputs, ParameterOptions weight, ParameterOptions bias)
    implements UnaryLayer {

  /** Throws {@link IllegalArgumentException} if there are no outputs. */
  public Dense {
    if (outputs < 1) {
      throw new IllegalArgumentException("dense: outputs must be at least 1, not " + outputs);
    }
  }

  /** Glorot-uniform weights and a bias of zeros (Keras's defaults). */
  public static Dense of(int outputs) {
    return new Dense(
        outputs,
        ParameterOptions.of(Initializer.glorotUniform()),
        ParameterOptions.of(Initializer.zeros()));
  }

  /** The same layer with these weights. */
  public Dense weight(ParameterOptions options) {
    return new Dense(outputs, options, bias);
  }

  /** The same layer with this bias. */
  public Dense bias(ParameterOptions options) {
    return new Dense(outputs, weight, options);
  }

  /** The same layer without a bias. */
  public Dense withoutBias() {
    return new Dense(outputs, weight, null);
  }

  @Override
  public Shape outputShape(Shape input) {
    if (input.rank() != 1) {
      throw new IllegalArgumentException(
          "dense needs a vector of features, not an input of shape "
              + input
              + ": put a Flatten before it");
    }
    return Shape.of(outputs);
  }

  @Override
  public List<ParameterSpec> parameters(Shape input) {
    int inputs = input.size();
    ParameterSpec weights =
        new ParameterSpec("weight", Shape.of(outputs, inputs), inputs, outputs, weight);
    return bias == null
        ? List.of(weights)
        : List.of(weights, new ParameterSpec("bias", Shape.of(outputs), inputs, outputs, bias));
  }

  @Override
  public Set<BufferUse> bufferUse(boolean training) {
    return Set.of(BufferUse.KEEPS_INPUT);
  }

  @Override
  public Pass bind(Binding binding) {
    DenseShape shape =
        new DenseShape(binding.batch(), binding.input().shape().dimension(1), outputs);
    Kernels kernels = binding.kernels();
    return new WeightedPass(
        binding,
        kernels.denseForward(shape),
        binding.inputGradient() == null ? null : kernels.denseBackwardData(shape),
        binding.learns() ? kernels.denseBackwardWeights(shape) : null);
  }
}
