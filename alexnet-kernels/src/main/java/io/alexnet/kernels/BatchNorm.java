package io.alexnet.kernels;

/**
 * Batch normalisation (Ioffe and Szegedy 2015, algorithm 1); shapes as in {@link BatchNormShape}.
 */
public interface BatchNorm {

  /** Normalises with the batch's own statistics and moves the running ones towards them. */
  interface Training extends Kernel {
    /**
     * @param momentum the share of the old running value that stays (Keras's meaning; PyTorch's
     *     momentum is one minus this). The running variance takes the unbiased batch variance.
     * @param mean [channels], receives the batch mean, for the backward pass
     * @param inverseDeviation [channels], receives 1/√(variance + ε) with the biased variance
     */
    void run(
        ThreadTeam team,
        float[] x,
        int xOffset,
        float[] gamma,
        float[] beta,
        float momentum,
        float[] runningMean,
        float[] runningVariance,
        float[] mean,
        float[] inverseDeviation,
        float[] y,
        int yOffset);
  }

  /** y = γ·(x − running mean)/√(running variance + ε) + β. x and y may be one array. */
  interface Inference extends Kernel {
    void run(
        ThreadTeam team,
        float[] x,
        int xOffset,
        float[] gamma,
        float[] beta,
        float[] runningMean,
        float[] runningVariance,
        float[] y,
        int yOffset);
  }

  /** dx, dγ and dβ of the training form. dx may be dy's own array. */
  interface Backward extends Kernel {
    /**
     * @param accumulate adds to dγ and dβ instead of overwriting them
     */
    void run(
        ThreadTeam team,
        float[] x,
        int xOffset,
        float[] mean,
        float[] inverseDeviation,
        float[] gamma,
        float[] dy,
        int dyOffset,
        float[] dx,
        int dxOffset,
        float[] dGamma,
        float[] dBeta,
        boolean accumulate);
  }
}
