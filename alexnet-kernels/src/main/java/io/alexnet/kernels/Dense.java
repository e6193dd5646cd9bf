package io.alexnet.kernels;

/**
 * Fully connected layer over a batch: y = x·Wᵀ + b with x [batch][inputs], W [outputs][inputs], b
 * [outputs] and y [batch][outputs], all row-major.
 */
public interface Dense {

  /** y = x·Wᵀ + b. */
  interface Forward extends WeightedSum.Forward {}

  /** dx = dy·W. */
  interface BackwardData extends WeightedSum.BackwardData {}

  /** dW = dyᵀ·x, and db = Σ dy over the batch. */
  interface BackwardWeights extends WeightedSum.BackwardWeights {}
}
