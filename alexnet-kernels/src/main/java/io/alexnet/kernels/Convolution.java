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

  /** y from x. */
  interface Forward extends Pass {
    /**
     * @param bias [filters], or null for none
     */
    void run(
        ThreadTeam team,
        float[] workspace,
        float[] x,
        int xOffset,
        float[] weights,
        int weightsOffset,
        float[] bias,
        int biasOffset,
        float[] y,
        int yOffset);
  }

  /** dx from dy; dx is overwritten. */
  interface BackwardData extends Pass {
    void run(
        ThreadTeam team,
        float[] workspace,
        float[] dy,
        int dyOffset,
        float[] weights,
        int weightsOffset,
        float[] dx,
        int dxOffset);
  }

  /** dw and db from x and dy, summed over the batch. */
  interface BackwardWeights extends Pass {
    /**
     * @param dBias [filters], or null if there is no bias
     * @param accumulate adds to the gradients instead of overwriting them
     */
    void run(
        ThreadTeam team,
        float[] workspace,
        float[] x,
        int xOffset,
        float[] dy,
        int dyOffset,
        float[] dWeights,
        int dWeightsOffset,
        float[] dBias,
        int dBiasOffset,
        boolean accumulate);
  }
}
