package io.alexnet.train;

import io.alexnet.tensor.Tensor;
import java.util.List;

/**
 * Copies of one network that are trained together, each by a {@link Trainer} of its own with a part
 * of every batch: the port between training and what carries numbers from one copy to the others,
 * such as threads, processes or machines. {@link Trainer#replicas} says what comes of it.
 *
 * <p>All replicas make the same calls in the same order, and each call returns when all have made
 * it. Where one fails with an exception, this has to let the others fail, too, or they wait for
 * ever. Used by one thread.
 */
public interface Replicas {

  /** Which of the replicas this is: from 0, below {@link #count}. The first writes checkpoints. */
  int rank();

  /** How many there are, at least 1. */
  int count();

  /** What this replica may use of the heap, in bytes: less than all where a JVM has several. */
  default long heapBytes() {
    return Runtime.getRuntime().maxMemory();
  }

  /**
   * Adds up what all replicas have. The additions are made in an order that depends on the number
   * of replicas alone, and each of them gets the same bits.
   *
   * @param tensors of the same shapes in every replica; each becomes the sum of all replicas'
   * @param own a few numbers, as many in every replica
   * @return each replica's numbers, by rank; exactly as given
   */
  double[][] sum(List<Tensor> tensors, double... own);

  /**
   * As {@link #sum}, but what is added up are gradients, which may be rounded on their way, for all
   * replicas alike.
   */
  default double[][] sumGradients(List<Tensor> gradients, double... own) {
    return sum(gradients, own);
  }
}
