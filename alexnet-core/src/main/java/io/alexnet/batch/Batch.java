package io.alexnet.batch;

import io.alexnet.tensor.Tensor;

/**
 * Some examples: images [size][channels][height][width] and their labels.
 *
 * @param labels of length images.shape().dimension(0), each in 0 ≤ label &lt; classes
 */
public record Batch(Tensor images, int[] labels) {

  public int size() {
    return labels.length;
  }
}
