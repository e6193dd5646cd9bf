package io.alexnet.layer;

import io.alexnet.init.Initializer;

/**
 * How a parameter begins and how the optimiser treats it.
 *
 * @param learningRateMultiplier times the schedule's rate (Caffe's lr_mult), at least 0
 * @param decayMultiplier times the weight decay (Caffe's decay_mult), at least 0
 */
public record ParameterOptions(
    Initializer initializer, float learningRateMultiplier, float decayMultiplier) {

  /** Throws {@link IllegalArgumentException} without an initialiser or for another multiplier. */
  public ParameterOptions {
    if (initializer == null) {
      throw new IllegalArgumentException("a parameter needs an initialiser");
    }
    if (!isMultiplier(learningRateMultiplier) || !isMultiplier(decayMultiplier)) {
      throw new IllegalArgumentException(
          "multipliers must be at least 0 and finite: learning rate %s, decay %s"
              .formatted(learningRateMultiplier, decayMultiplier));
    }
  }

  private static boolean isMultiplier(float value) {
    return value >= 0 && value < Float.POSITIVE_INFINITY;
  }

  /** Both multipliers 1. */
  public static ParameterOptions of(Initializer initializer) {
    return new ParameterOptions(initializer, 1, 1);
  }

  /** These options with another initialiser. */
  public ParameterOptions initializer(Initializer other) {
    return new ParameterOptions(other, learningRateMultiplier, decayMultiplier);
  }

  /** These options with other multipliers. */
  public ParameterOptions multipliers(float learningRate, float decay) {
    return new ParameterOptions(initializer, learningRate, decay);
  }
}
