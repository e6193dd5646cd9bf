package io.alexnet.kernels.simd;

import io.alexnet.kernels.ConvAlgorithm;
import io.alexnet.kernels.ConvPass;
import io.alexnet.kernels.ConvShape;
import io.alexnet.kernels.Convolution;
import io.alexnet.kernels.Kernels;

/**
 * Knows the algorithms of convolution: chooses one for a shape and a pass, and makes it. The choice
 * depends on the shape alone, so that a training gives the same bits wherever it runs; what an
 * algorithm needs of workspace the kernel itself says.
 */
final class ConvPlanner {

  private ConvPlanner() {}

  static ConvAlgorithm choose(ConvShape shape, ConvPass pass) {
    // A tile is for many filters: one a group would waste all lanes but one, four times slower.
    boolean oneFilterAGroup = shape.groups() > 1 && shape.filtersPerGroup() == 1;
    return oneFilterAGroup && pass == ConvPass.BACKWARD_WEIGHTS
        ? ConvAlgorithm.LOOPS
        : ConvAlgorithm.IMPLICIT_GEMM;
  }

  static Convolution.Forward forward(ConvShape shape, ConvAlgorithm algorithm) {
    return switch (algorithm) {
      case AUTO -> forward(shape, choose(shape, ConvPass.FORWARD));
      case LOOPS -> Kernels.scalar().convolutionForward(shape, algorithm);
      case IMPLICIT_GEMM -> new ImplicitGemmForward(shape);
    };
  }

  static Convolution.BackwardData backwardData(ConvShape shape, ConvAlgorithm algorithm) {
    return switch (algorithm) {
      case AUTO -> backwardData(shape, choose(shape, ConvPass.BACKWARD_DATA));
      case LOOPS -> Kernels.scalar().convolutionBackwardData(shape, algorithm);
      case IMPLICIT_GEMM ->
          ScatterBackwardData.cost(shape) < ImplicitGemmBackwardData.cost(shape)
              ? new ScatterBackwardData(shape)
              : new ImplicitGemmBackwardData(shape);
    };
  }

  static Convolution.BackwardWeights backwardWeights(ConvShape shape, ConvAlgorithm algorithm) {
    return switch (algorithm) {
      case AUTO -> backwardWeights(shape, choose(shape, ConvPass.BACKWARD_WEIGHTS));
      case LOOPS -> Kernels.scalar().convolutionBackwardWeights(shape, algorithm);
      case IMPLICIT_GEMM -> new ImplicitGemmBackwardWeights(shape);
    };
  }
}
