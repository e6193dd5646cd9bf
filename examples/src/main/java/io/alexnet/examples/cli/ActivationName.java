package io.alexnet.examples.cli;

import io.alexnet.layer.Activation;

/** The activation functions that {@code --activation} names. */
enum ActivationName {
  RELU,
  LEAKY_RELU,
  TANH,
  SIGMOID;

  private static final float LEAKY_SLOPE = 0.01f;

  Activation layer() {
    return switch (this) {
      case RELU -> Activation.relu();
      case LEAKY_RELU -> Activation.leakyRelu(LEAKY_SLOPE);
      case TANH -> Activation.tanh();
      case SIGMOID -> Activation.sigmoid();
    };
  }

  @Override
  public String toString() {
    return Choice.label(this);
  }
}
