package io.alexnet.kernels;

/** The activation functions, each with a derivative that can be told from its output alone. */
public enum ActivationFunction {
  /** max(0, x); NaN stays NaN. */
  RELU,
  /** x for x &gt; 0, slope·x otherwise. */
  LEAKY_RELU,
  TANH,
  /** 1/(1 + e^−x). */
  SIGMOID
}
