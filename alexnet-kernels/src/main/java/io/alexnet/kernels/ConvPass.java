package io.alexnet.kernels;

/** The three computations of a convolution in one training step, and the one of inference. */
public enum ConvPass {
  FORWARD,
  BACKWARD_DATA,
  BACKWARD_WEIGHTS,

  /** Forward with weights that are the same in every run, so that preparing them costs nothing. */
  INFERENCE
}
