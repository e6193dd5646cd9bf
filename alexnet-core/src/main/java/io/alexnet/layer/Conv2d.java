package io.alexnet.layer;

import io.alexnet.init.Initializer;
import io.alexnet.kernels.ConvAlgorithm;
import io.alexnet.kernels.ConvPass;
import io.alexnet.kernels.ConvShape;
import io.alexnet.kernels.Convolution;
import io.alexnet.kernels.Kernels;
import io.alexnet.kernels.Window;
import io.alexnet.tensor.Shape;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Two-dimensional convolution (Krizhevsky et al. 2012, section 3.5; cross-correlation, as in every
 * deep-learning library). With i = oh·stride − pad + r·dilation and likewise for columns:
 *
 * <p>y[n][f][oh][ow] = b[f] + Σ_{c,r,s} w[f][c][r][s] · x[n][c][i][j]
 *
 * <p>Input channels×height×width, output filters×outHeight×outWidth with outHeight = ⌊(height +
 * pads − dilation·(window − 1) − 1)/stride⌋ + 1. Parameters {@code weight}
 * [filters][channels/groups][window][window] and {@code bias} [filters].
 *
 * @param groups the channels are cut into this many parts, and each part's filters see only their
 *     own part
 * @param weight options of the weights
 * @param bias options of the bias; null for none
 */
public record Conv2d(
    int filters, Window window, int groups, ParameterOptions weight, ParameterOptions bias)
    implements UnaryLayer {

  /**
   * Throws {@link IllegalArgumentException} if filters or groups are not positive, or do not
   * divide.
   */
  public Conv2d {
    if (filters < 1 || groups < 1 || filters % groups != 0) {
      throw new IllegalArgumentException(
          "convolution: needs positive filters in groups of one size, not %d in %d groups"
              .formatted(filters, groups));
    }
  }

  /** One group, Glorot-uniform weights and a bias of zeros (Keras's defaults). */
  public static Conv2d of(int filters, Window window) {
    return new Conv2d(
        filters,
        window,
        1,
        ParameterOptions.of(Initializer.glorotUniform()),
        ParameterOptions.of(Initializer.zeros()));
  }

  /** The same layer in this many groups. */
  public Conv2d groups(int groups) {
    return new Conv2d(filters, window, groups, weight, bias);
  }

  /** The same layer with these weights. */
  public Conv2d weight(ParameterOptions options) {
    return new Conv2d(filters, window, groups, options, bias);
  }

  /** The same layer with this bias. */
  public Conv2d bias(ParameterOptions options) {
    return new Conv2d(filters, window, groups, weight, options);
  }

  /** The same layer without a bias, as before a batch norm, which would cancel it. */
  public Conv2d withoutBias() {
    return new Conv2d(filters, window, groups, weight, null);
  }

  private ConvShape shape(int batch, Shape input) {
    Shape image = UnaryLayer.requireImage(input);
    return new ConvShape(
        batch, image.dimension(0), image.dimension(1), image.dimension(2), filters, window, groups);
  }

  @Override
  public Shape outputShape(Shape input) {
    ConvShape shape = shape(1, input);
    return Shape.of(filters, shape.outHeight(), shape.outWidth());
  }

  @Override
  public List<ParameterSpec> parameters(Shape input) {
    int taps = window.height() * window.width();
    int channelsPerGroup = input.dimension(0) / groups;
    int fanIn = channelsPerGroup * taps;
    int fanOut = filters * taps;
    ParameterSpec weights =
        new ParameterSpec(
            "weight",
            Shape.of(filters, channelsPerGroup, window.height(), window.width()),
            fanIn,
            fanOut,
            weight);
    return bias == null
        ? List.of(weights)
        : List.of(weights, new ParameterSpec("bias", Shape.of(filters), fanIn, fanOut, bias));
  }

  @Override
  public Set<BufferUse> bufferUse(boolean training) {
    return Set.of(BufferUse.KEEPS_INPUT);
  }

  @Override
  public Pass bind(Binding binding) {
    ConvShape shape = shape(binding.batch(), binding.input().shape().dropFirst());
    Kernels kernels = binding.kernels();
    Map<ConvPass, Convolution.Pass> passes = new EnumMap<>(ConvPass.class);
    Convolution.Forward forward;
    if (binding.weightsConstant() && !binding.training()) {
      ConvAlgorithm algorithm = algorithm(binding, shape, ConvPass.INFERENCE);
      forward = kernels.convolutionInference(shape, algorithm, binding.preparedWeights());
      passes.put(ConvPass.INFERENCE, forward);
    } else {
      forward = kernels.convolutionForward(shape, algorithm(binding, shape, ConvPass.FORWARD));
      passes.put(ConvPass.FORWARD, forward);
    }
    Convolution.BackwardData backwardData = null;
    if (binding.inputGradient() != null) {
      ConvAlgorithm algorithm = algorithm(binding, shape, ConvPass.BACKWARD_DATA);
      backwardData = kernels.convolutionBackwardData(shape, algorithm);
      passes.put(ConvPass.BACKWARD_DATA, backwardData);
    }
    Convolution.BackwardWeights backwardWeights = null;
    if (binding.learns()) {
      ConvAlgorithm algorithm = algorithm(binding, shape, ConvPass.BACKWARD_WEIGHTS);
      backwardWeights = kernels.convolutionBackwardWeights(shape, algorithm);
      passes.put(ConvPass.BACKWARD_WEIGHTS, backwardWeights);
    }
    return new WeightedPass(binding, forward, backwardData, backwardWeights) {
      @Override
      public Map<ConvPass, Convolution.Pass> convolutions() {
        return passes;
      }
    };
  }

  private static ConvAlgorithm algorithm(Binding binding, ConvShape shape, ConvPass pass) {
    return binding.convolutions().algorithm(binding.kernels(), binding.layerName(), shape, pass);
  }
}
