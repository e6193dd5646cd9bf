package io.alexnet.format;

import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.util.Arrays;

/**
 * Rows or columns of an adaptive average pool: output i is the mean of inputs ⌊i·in/out⌋ up to but
 * not including ⌈(i+1)·in/out⌉.
 */
record AdaptiveAxis(int in, int out) {

  private int begin(int i) {
    return (int) ((long) i * in / out);
  }

  private int end(int i) {
    return (int) (((long) (i + 1) * in + out - 1) / out);
  }

  /** Of the first window. */
  int length() {
    return end(0);
  }

  /** From the first window to the second. */
  int stride() {
    return out == 1 ? in : Math.max(1, begin(1));
  }

  /** Whether all windows are as long and as far apart as the first, and a pool covers them. */
  boolean isSliding() {
    for (int i = 0; i < out; i++) {
      if (begin(i) != i * stride() || end(i) - begin(i) != length()) {
        return false;
      }
    }
    return true;
  }

  /** Whether a matrix is that of {@link #shares}. */
  boolean hasShares(Tensor matrix, boolean transposed) {
    Shape shape = transposed ? Shape.of(in, out) : Shape.of(out, in);
    return matrix.shape().equals(shape)
        && Arrays.equals(matrix.toArray(), shares(transposed).toArray());
  }

  /** The matrix of means, [out][in], whose product with a column of inputs is the outputs. */
  Tensor shares(boolean transposed) {
    Tensor shares = transposed ? Tensor.zeros(in, out) : Tensor.zeros(out, in);
    for (int i = 0; i < out; i++) {
      for (int j = begin(i); j < end(i); j++) {
        float share = 1f / (end(i) - begin(i));
        if (transposed) {
          shares.set(share, j, i);
        } else {
          shares.set(share, i, j);
        }
      }
    }
    return shares;
  }
}
