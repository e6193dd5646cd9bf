package io.alexnet.kernels;

/**
 * Optimiser steps over one parameter array, each one pass through memory. In all of them but
 * decoupled Adam the effective gradient is g = gradientScale·gradient + weightDecay·w (L2, as in
 * Caffe and PyTorch).
 */
public interface ParameterUpdate {

  /** v ← momentum·v + rate·g; w ← w − v (Caffe's form: the rate is inside the velocity). */
  interface Sgd extends Kernel {
    /**
     * @param nesterov w ← w − (momentum·v_new + rate·g) instead
     */
    void run(
        ThreadTeam team,
        float[] weights,
        int weightsOffset,
        float[] gradient,
        int gradientOffset,
        float[] velocity,
        float rate,
        float momentum,
        float weightDecay,
        float gradientScale,
        boolean nesterov);
  }

  /**
   * Adam (Kingma and Ba 2015, algorithm 1): m ← β₁m + (1−β₁)g; v ← β₂v + (1−β₂)g²; w ← w −
   * rate·(m/(1−β₁ᵗ)) / (√(v/(1−β₂ᵗ)) + ε).
   */
  interface Adam extends Kernel {
    /**
     * @param step t, from 1
     * @param decoupled AdamW (Loshchilov and Hutter 2019): the decay leaves g alone and takes
     *     rate·weightDecay·w off w instead
     */
    void run(
        ThreadTeam team,
        float[] weights,
        int weightsOffset,
        float[] gradient,
        int gradientOffset,
        float[] firstMoment,
        float[] secondMoment,
        long step,
        float rate,
        float beta1,
        float beta2,
        float epsilon,
        float weightDecay,
        float gradientScale,
        boolean decoupled);
  }
}
