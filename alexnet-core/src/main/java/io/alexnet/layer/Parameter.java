package io.alexnet.layer;

import io.alexnet.tensor.Tensor;

/** A tensor that is learnt: its value, its gradient and how the optimiser is to treat it. */
public final class Parameter {

  private final String name;
  private final Tensor value;
  private final ParameterOptions options;
  private Tensor gradient;
  private boolean trainable = true;
  private float learningRateFactor = 1;

  /**
   * @param name unique in the network, as in {@code conv1.weight}
   */
  public Parameter(String name, Tensor value, ParameterOptions options) {
    this.name = name;
    this.value = value;
    this.options = options;
  }

  public String name() {
    return name;
  }

  public Tensor value() {
    return value;
  }

  /**
   * Of the value's shape. Its memory is taken on the first call, so a network that only infers does
   * not pay for it; the tensor is the same ever after.
   */
  public Tensor gradient() {
    if (gradient == null) {
      gradient = Tensor.zeros(value.shape());
    }
    return gradient;
  }

  /** Times the schedule's rate: the layer's own multiplier times the factor set here. */
  public float learningRateMultiplier() {
    return options.learningRateMultiplier() * learningRateFactor;
  }

  /**
   * Sets a factor of the learning rate beside the layer's own multiplier, 1 at first: for layers of
   * a trained network that are to learn slower than a fresh one.
   *
   * @throws IllegalArgumentException if it is negative or not finite
   */
  public void learningRateFactor(float factor) {
    if (!(factor >= 0 && factor < Float.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "the factor of the learning rate must be at least 0, not " + factor);
    }
    this.learningRateFactor = factor;
  }

  /** Times the weight decay. */
  public float decayMultiplier() {
    return options.decayMultiplier();
  }

  /** Whether the optimiser changes it; true from the start. */
  public boolean trainable() {
    return trainable;
  }

  /**
   * Freezes or thaws it. A backward pass stops where nothing further back is trainable, and leaves
   * the gradients of frozen parameters without meaning. Counts from the next forward pass; a {@link
   * io.alexnet.optim.Optimizer.Bound} updates only what was trainable when it was bound.
   */
  public void trainable(boolean trainable) {
    this.trainable = trainable;
  }

  @Override
  public String toString() {
    return "Parameter " + name + " " + value.shape();
  }
}
