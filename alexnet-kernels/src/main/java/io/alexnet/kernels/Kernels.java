package io.alexnet.kernels;

import io.alexnet.kernels.scalar.ScalarKernels;

/**
 * A provider of kernels: {@link #scalar()}, plain loops that read like the formulas, or {@link
 * #simd()}, their fast twins on {@code jdk.incubator.vector}. {@link #best()} looks up the faster
 * one that this JVM can run.
 *
 * <p>Providers are immutable and may be shared; the kernels they make may not (see {@link Kernel}).
 */
public interface Kernels {

  /** Forces a provider for {@link #best()}: {@code scalar}, {@code simd} or {@code auto}. */
  String PROVIDER_PROPERTY = "io.alexnet.kernels.provider";

  /** The command-line flag that makes the incubating module readable on the class path. */
  String VECTOR_MODULE_FLAG = "--add-modules jdk.incubator.vector";

  /**
   * SIMD where this JVM compiles vectors well, else scalar with one warning in the log: the module
   * {@code jdk.incubator.vector} is not readable (the warning names the flag), the processor has no
   * fused multiply-add, or the optimising compiler is switched off.
   *
   * @throws IllegalStateException if {@value #PROVIDER_PROPERTY} asks for SIMD where there is none,
   *     or holds an unknown name
   */
  static Kernels best() {
    return ProviderLookup.best();
  }

  /** The reference implementation. */
  static Kernels scalar() {
    return ScalarKernels.INSTANCE;
  }

  /**
   * The vector implementation.
   *
   * @throws IllegalStateException if the vector module is not readable; the message names the flag
   */
  static Kernels simd() {
    return ProviderLookup.simd();
  }

  /** {@code scalar}, or {@code simd} with the number of lanes, as in {@code simd-16}. */
  String name();

  /** Floats in a vector register; 1 for the scalar provider. */
  int lanes();

  /**
   * Runs the code that takes most of a training step's time on a little data, over and over, so
   * that the JVM has compiled it when the first step comes. Takes some seconds the first time,
   * nothing later, and changes no result.
   */
  default void warmUp() {}

  Gemm gemm(GemmShape shape);

  Dense.Forward denseForward(DenseShape shape);

  Dense.BackwardData denseBackwardData(DenseShape shape);

  Dense.BackwardWeights denseBackwardWeights(DenseShape shape);

  /**
   * The algorithm that {@link ConvAlgorithm#AUTO} stands for: a function of the shape, the pass and
   * the width of the processor's vectors alone.
   */
  ConvAlgorithm plan(ConvShape shape, ConvPass pass);

  /**
   * Whether this provider has the algorithm for the shape, in all passes. Always true of {@link
   * ConvAlgorithm#AUTO} and {@link ConvAlgorithm#LOOPS}.
   */
  boolean supports(ConvShape shape, ConvAlgorithm algorithm);

  /**
   * What the planner expects a pass to cost; {@link ConvAlgorithm#AUTO} stands for its choice.
   *
   * @throws IllegalArgumentException if this provider has no such algorithm for the shape
   */
  ConvCost cost(ConvShape shape, ConvPass pass, ConvAlgorithm algorithm);

  /**
   * @throws IllegalArgumentException if this provider has no such algorithm for the shape
   */
  Convolution.Forward convolutionForward(ConvShape shape, ConvAlgorithm algorithm);

  /**
   * The same for weights and biases that are those of the first run in every run, {@link
   * ConvPass#INFERENCE}: what the kernel makes of them it may keep among the prepared weights, in
   * that run, or find there, made by another kernel. Later runs are still handed both; what they
   * read of them is not said.
   *
   * @param prepared of these same weights, from no other provider
   * @throws IllegalArgumentException if this provider has no such algorithm for the shape
   */
  Convolution.Forward convolutionInference(
      ConvShape shape, ConvAlgorithm algorithm, PreparedWeights prepared);

  /**
   * @throws IllegalArgumentException if this provider has no such algorithm for the shape
   */
  Convolution.BackwardData convolutionBackwardData(ConvShape shape, ConvAlgorithm algorithm);

  /**
   * @throws IllegalArgumentException if this provider has no such algorithm for the shape
   */
  Convolution.BackwardWeights convolutionBackwardWeights(ConvShape shape, ConvAlgorithm algorithm);

  Pooling.MaxForward maxPoolForward(PoolShape shape);

  Pooling.MaxBackward maxPoolBackward(PoolShape shape);

  Pooling.AverageForward averagePoolForward(PoolShape shape);

  Pooling.AverageBackward averagePoolBackward(PoolShape shape);

  Pooling.AverageForward adaptiveAveragePoolForward(AdaptivePoolShape shape);

  Pooling.AverageBackward adaptiveAveragePoolBackward(AdaptivePoolShape shape);

  ChannelLrn.Forward lrnForward(LrnShape shape);

  ChannelLrn.Backward lrnBackward(LrnShape shape);

  BatchNorm.Training batchNormTraining(BatchNormShape shape);

  BatchNorm.Inference batchNormInference(BatchNormShape shape);

  BatchNorm.Backward batchNormBackward(BatchNormShape shape);

  /**
   * @param slope of {@link ActivationFunction#LEAKY_RELU} for negative inputs, in (0, 1]; ignored
   *     by the others
   */
  Activation.Forward activationForward(ActivationFunction function, float slope, int length);

  /** See {@link #activationForward}. */
  Activation.Backward activationBackward(ActivationFunction function, float slope, int length);

  Softmax.Forward softmaxForward(int batch, int classes);

  Softmax.Backward softmaxBackward(int batch, int classes);

  Softmax.CrossEntropy softmaxCrossEntropy(int batch, int classes);

  /**
   * @param rate share of elements dropped, 0 ≤ rate &lt; 1
   */
  Dropout dropout(int length, float rate);

  ParameterUpdate.Sgd sgd(int length);

  ParameterUpdate.Adam adam(int length);

  Arithmetic arithmetic(int length);
}
