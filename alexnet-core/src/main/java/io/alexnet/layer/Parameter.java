package io.alexnet.layer;

import io.alexnet.tensor.Tensor;

/** A tensor that is learnt: its value, its gradient and how the optimiser is to treat it. */
public final class Parameter {

  private final String name;
  private final Tensor value;
  private final ParameterOptions options;
  private Tensor gradient;
  private boolean trainable = true;

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

  /** Times the schedule's rate. */
  public float learningRateMultiplier() {
    return options.learningRateMultiplier();
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
   * the gradients of frozen parameters without meaning.
   */
  public void trainable(boolean trainable) {
    this.trainable = trainable;
  }

  @Override
  public String toString() {
    return "Parameter " + name + " " + value.shape();
  }
}
