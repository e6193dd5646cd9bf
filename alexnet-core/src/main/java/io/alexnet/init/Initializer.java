package io.alexnet.init;

import io.alexnet.tensor.Tensor;
import java.util.random.RandomGenerator;

/**
 * How a parameter gets its first values. Immutable and free to share between parameters: each
 * parameter draws from a {@link #stream} of its own, so its values depend on the seed and its name
 * alone, not on what else the network holds.
 */
public interface Initializer {

  /**
   * Sets every element of the tensor.
   *
   * @param fanIn inputs that feed one output of the layer: for a convolution channels per group ×
   *     window
   * @param fanOut for a convolution filters × window, with groups all filters too, as in PyTorch,
   *     Keras and Caffe; for a dense layer its outputs
   */
  void fill(Tensor tensor, int fanIn, int fanOut, RandomGenerator random);

  /** Every element 0. */
  static Initializer zeros() {
    return new Constant(0);
  }

  /** Every element {@code value}. */
  static Initializer constant(float value) {
    return new Constant(value);
  }

  /** Normal with mean 0 and this standard deviation (Krizhevsky et al. 2012, section 5: 0.01). */
  static Initializer gaussian(float deviation) {
    return new Gaussian(deviation);
  }

  /**
   * Uniform in ±√(6/(fanIn + fanOut)) (Glorot and Bengio 2010, equation 16), Keras's default and
   * Caffe's "xavier" with averaged fans.
   */
  static Initializer glorotUniform() {
    return new VarianceScaling(
        1, VarianceScaling.Fan.AVERAGE, VarianceScaling.Distribution.UNIFORM);
  }

  /** Normal with variance 2/(fanIn + fanOut) (Glorot and Bengio 2010, equation 12). */
  static Initializer glorotNormal() {
    return new VarianceScaling(1, VarianceScaling.Fan.AVERAGE, VarianceScaling.Distribution.NORMAL);
  }

  /** Uniform in ±√(6/fanIn), the uniform twin of {@link #heNormal()}. */
  static Initializer heUniform() {
    return new VarianceScaling(2, VarianceScaling.Fan.IN, VarianceScaling.Distribution.UNIFORM);
  }

  /** Normal with variance 2/fanIn, for layers before a ReLU (He et al. 2015, equation 10). */
  static Initializer heNormal() {
    return new VarianceScaling(2, VarianceScaling.Fan.IN, VarianceScaling.Distribution.NORMAL);
  }

  /**
   * Uniform in ±1/√fanIn (LeCun et al. 1998, section 4.6, by its bound): PyTorch's default for the
   * weights and the biases of convolutions and dense layers.
   */
  static Initializer fanInUniform() {
    return new VarianceScaling(
        1 / 3f, VarianceScaling.Fan.IN, VarianceScaling.Distribution.UNIFORM);
  }

  /**
   * The random stream of one parameter: a function of the network's seed and its name, the same on
   * every JDK.
   */
  static RandomGenerator stream(long seed, String parameter) {
    return new ParameterStream(seed, parameter);
  }
}
