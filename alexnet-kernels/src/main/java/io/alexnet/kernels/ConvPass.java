package io.alexnet.kernels;

/** The three computations of a convolution in one training step. */
public enum ConvPass {
  FORWARD,
  BACKWARD_DATA,
  BACKWARD_WEIGHTS
}
