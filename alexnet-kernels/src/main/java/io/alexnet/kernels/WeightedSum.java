package io.alexnet.kernels;

/**
 * What convolutions and dense layers have in common: y = b + Σ w·x with weights that are learnt,
 * and its two backward passes. All run over a batch.
 */
public interface WeightedSum {

  /** y from x. */
  interface Forward extends Kernel {
    /**
     * @param bias one for each filter or output; null for none
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
  interface BackwardData extends Kernel {
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
  interface BackwardWeights extends Kernel {
    /**
     * @param dBias null if there is no bias
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
