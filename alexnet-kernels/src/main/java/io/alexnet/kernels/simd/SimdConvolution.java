package io.alexnet.kernels.simd;

import io.alexnet.kernels.ConvAlgorithm;
import io.alexnet.kernels.ConvShape;
import io.alexnet.kernels.Convolution;

/** What every pass of a convolution is asked for. */
abstract class SimdConvolution implements Convolution.Pass {

  final ConvShape shape;
  private final ConvAlgorithm algorithm;

  SimdConvolution(ConvShape shape, ConvAlgorithm algorithm) {
    this.shape = shape;
    this.algorithm = algorithm;
  }

  @Override
  public final ConvShape shape() {
    return shape;
  }

  @Override
  public final ConvAlgorithm algorithm() {
    return algorithm;
  }
}
