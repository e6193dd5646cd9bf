package io.alexnet.kernels;

/**
 * Convolution in its passes; shapes as in {@link ConvShape}. With i = oh·stride − pad + r·dilation
 * and likewise for columns:
 *
 * <p>y[n][f][oh][ow] = b[f] + Σ_{c,r,s} w[f][c][r][s] · x[n][c][i][j]
 */
public interface Convolution {

  /** What the planner settled for one shape and pass. */
  interface Pass extends Kernel {
    ConvShape shape();

    /** The algorithm in use, never {@link ConvAlgorithm#AUTO}. */
    ConvAlgorithm algorithm();
  }

  /** y from x; the bias is [filters]. */
  interface Forward extends Pass, WeightedSum.Forward {}

  /** dx from dy. */
  interface BackwardData extends Pass, WeightedSum.BackwardData {}

  /** dw and db from x and dy. */
  interface BackwardWeights extends Pass, WeightedSum.BackwardWeights {}
}
