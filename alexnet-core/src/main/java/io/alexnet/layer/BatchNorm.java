package io.alexnet.layer;

import io.alexnet.init.Initializer;
import io.alexnet.kernels.BatchNormShape;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.util.List;
import java.util.Set;

/**
 * Batch normalisation (Ioffe and Szegedy 2015, algorithm 1): y = γ·(x − mean)/√(variance + ε) + β,
 * for each channel of an image, over the batch and all pixels, or for each feature of a vector,
 * over the batch. Training takes the batch's own statistics and moves the running ones towards
 * them, running ← momentum·running + (1 − momentum)·batch, the variance unbiased; inference takes
 * the running ones. Where neither parameter is trainable, training takes the running ones too and
 * leaves them alone, as Keras does: y is then linear in x, and dx = dy·γ/√(variance + ε).
 *
 * <p>Input channels×height×width or features, output the same. Parameters {@code weight} (γ, ones
 * at first) and {@code bias} (β, zeros) and state {@code running_mean} (zeros) and {@code
 * running_var} (ones), each of one float a channel; the names are PyTorch's.
 *
 * <p>Training needs at least two values for each channel, as one alone would be normalised to
 * nothing: a batch of one image of one pixel is refused.
 *
 * @param momentum the share of the old running value that stays, in [0, 1] (Keras's meaning;
 *     PyTorch's momentum is one minus this)
 * @param epsilon added to the variance, positive
 */
public record BatchNorm(float momentum, float epsilon) implements UnaryLayer {

  private static final ParameterOptions GAMMA = ParameterOptions.of(Initializer.constant(1));
  private static final ParameterOptions BETA = ParameterOptions.of(Initializer.zeros());

  /** Throws {@link IllegalArgumentException} if a value is out of range. */
  public BatchNorm {
    if (!(momentum >= 0 && momentum <= 1)) {
      throw new IllegalArgumentException("batch norm: momentum must be in [0, 1], not " + momentum);
    }
    if (!(epsilon > 0)) {
      throw new IllegalArgumentException("batch norm: epsilon must be positive, not " + epsilon);
    }
  }

  /** Keras's defaults: momentum 0.99, ε = 1e-3. */
  public static BatchNorm keras() {
    return new BatchNorm(0.99f, 1e-3f);
  }

  /** PyTorch's defaults: momentum 0.9 (0.1 in PyTorch's own meaning), ε = 1e-5. */
  public static BatchNorm pytorch() {
    return new BatchNorm(0.9f, 1e-5f);
  }

  @Override
  public Shape outputShape(Shape input) {
    if (input.rank() != 1 && input.rank() != 3) {
      throw new IllegalArgumentException(
          "batch norm needs channels×height×width or a vector of features, not " + input);
    }
    return input;
  }

  @Override
  public List<ParameterSpec> parameters(Shape input) {
    Shape channels = Shape.of(input.dimension(0));
    return List.of(
        new ParameterSpec("weight", channels, 1, 1, GAMMA),
        new ParameterSpec("bias", channels, 1, 1, BETA));
  }

  @Override
  public List<StateSpec> state(Shape input) {
    Shape channels = Shape.of(input.dimension(0));
    return List.of(
        new StateSpec("running_mean", channels, 0), new StateSpec("running_var", channels, 1));
  }

  @Override
  public Set<BufferUse> bufferUse(boolean training) {
    return training
        ? Set.of(BufferUse.KEEPS_INPUT, BufferUse.GRADIENT_IN_PLACE)
        : Set.of(BufferUse.IN_PLACE);
  }

  @Override
  public Pass bind(Binding binding) {
    Shape input = binding.input().shape();
    int channels = input.dimension(1);
    int pixels = input.size() / (binding.batch() * channels);
    BatchNormShape shape = new BatchNormShape(binding.batch(), channels, pixels, epsilon);
    if (!binding.learns()) {
      return new FixedPass(binding, shape);
    }
    if (binding.batch() * pixels == 1) {
      throw new IllegalArgumentException(
          "batch norm cannot train on a batch of one image of one pixel, whose deviation is 0: choose"
              + " a batch size of at least 2 that leaves no single image for an epoch's last batch");
    }
    return new TrainingPass(binding, shape, momentum);
  }

  /** By the running statistics: in inference, and in training where it is frozen. */
  private static final class FixedPass extends UnaryPass {
    private final Parameter gamma;
    private final Parameter beta;
    private final Tensor runningMean;
    private final Tensor runningVariance;
    private final float[] zeros;
    private final io.alexnet.kernels.BatchNorm.Inference forward;

    FixedPass(Binding binding, BatchNormShape shape) {
      super(binding);
      gamma = binding.parameters().get("weight");
      beta = binding.parameters().get("bias");
      runningMean = binding.state().get("running_mean");
      runningVariance = binding.state().get("running_var");
      zeros = dx == null ? null : new float[shape.channels()];
      forward = binding.kernels().batchNormInference(shape);
    }

    @Override
    public void forward(Run run) {
      forward.run(
          run.team(),
          x.array(),
          x.offset(),
          gamma.value().array(),
          beta.value().array(),
          runningMean.array(),
          runningVariance.array(),
          y.array(),
          y.offset());
    }

    @Override
    public void backward(Run run) {
      // The same linear map, without what does not depend on x.
      forward.run(
          run.team(),
          dy.array(),
          dy.offset(),
          gamma.value().array(),
          zeros,
          zeros,
          runningVariance.array(),
          dx.array(),
          dx.offset());
    }
  }

  private static final class TrainingPass extends UnaryPass {
    private final Parameter gamma;
    private final Parameter beta;
    private final float momentum;
    private final Tensor runningMean;
    private final Tensor runningVariance;
    private final float[] mean;
    private final float[] inverseDeviation;
    private final io.alexnet.kernels.BatchNorm.Training forward;
    private final io.alexnet.kernels.BatchNorm.Backward backward;

    TrainingPass(Binding binding, BatchNormShape shape, float momentum) {
      super(binding);
      gamma = binding.parameters().get("weight");
      beta = binding.parameters().get("bias");
      this.momentum = momentum;
      runningMean = binding.state().get("running_mean");
      runningVariance = binding.state().get("running_var");
      mean = new float[shape.channels()];
      inverseDeviation = new float[shape.channels()];
      forward = binding.kernels().batchNormTraining(shape);
      backward = binding.kernels().batchNormBackward(shape);
    }

    @Override
    public void forward(Run run) {
      forward.run(
          run.team(),
          x.array(),
          x.offset(),
          gamma.value().array(),
          beta.value().array(),
          momentum,
          runningMean.array(),
          runningVariance.array(),
          mean,
          inverseDeviation,
          y.array(),
          y.offset());
    }

    @Override
    public void backward(Run run) {
      // One kernel makes all three gradients; where no input gradient is asked for, dy is dead
      // after this call and takes it.
      Buffer target = dx == null ? dy : dx;
      backward.run(
          run.team(),
          x.array(),
          x.offset(),
          mean,
          inverseDeviation,
          gamma.value().array(),
          dy.array(),
          dy.offset(),
          target.array(),
          target.offset(),
          gamma.gradient().array(),
          beta.gradient().array(),
          run.accumulate());
    }
  }
}
