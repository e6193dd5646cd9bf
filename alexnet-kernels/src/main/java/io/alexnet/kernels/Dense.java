package io.alexnet.kernels;

/**
 * Fully connected layer over a batch: y = x·Wᵀ + b with x [batch][inputs], W [outputs][inputs], b
 * [outputs] and y [batch][outputs], all row-major.
 */
public interface Dense {

  /** y = x·Wᵀ + b. */
  interface Forward extends Kernel {
    /**
     * @param bias null for none
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

  /** dx = dy·W. */
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

  /** dW = dyᵀ·x, and db = Σ dy over the batch. */
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
