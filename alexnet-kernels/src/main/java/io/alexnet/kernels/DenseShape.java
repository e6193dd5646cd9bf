package io.alexnet.kernels;

/** A fully connected layer's sizes. */
public record DenseShape(int batch, int inputs, int outputs) {

  /** Throws {@link IllegalArgumentException} if a size is not positive. */
  public DenseShape {
    if (batch < 1 || inputs < 1 || outputs < 1) {
      throw new IllegalArgumentException(
          "dense: sizes must be positive: batch "
              + batch
              + ", inputs "
              + inputs
              + ", outputs "
              + outputs);
    }
  }

  /** Multiplications and additions of one pass. */
  public long flops() {
    return 2L * batch * inputs * outputs;
  }
}
