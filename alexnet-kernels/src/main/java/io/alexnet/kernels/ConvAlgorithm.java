package io.alexnet.kernels;

/**
 * How a convolution is computed. {@link #AUTO} lets the provider's planner choose from the shape
 * and the pass alone, so the choice, and with it every bit of the result, is reproducible.
 */
public enum ConvAlgorithm {
  /** The planner's choice. */
  AUTO,
  /** The loop nest of the formula, scalar. */
  LOOPS,
  /**
   * Matrix multiplication whose right-hand side is cut out of the image panel by panel, in cache,
   * without ever holding the whole im2col matrix.
   */
  IMPLICIT_GEMM,
  /**
   * Winograd's minimal filtering (Lavin and Gray 2016), for windows of 3 to 5 taps with stride and
   * dilation 1 on images of up to half a megapixel: several times fewer multiplications, rounding
   * errors some 5 times larger, up to 70 times for the weights. An output's error follows the
   * largest values that its tile sees.
   */
  WINOGRAD
}
