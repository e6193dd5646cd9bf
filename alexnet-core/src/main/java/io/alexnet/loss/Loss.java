package io.alexnet.loss;

import io.alexnet.kernels.Kernels;
import io.alexnet.kernels.ThreadTeam;
import io.alexnet.tensor.Tensor;

/** What training makes small: a function of one example's logits and its label. Immutable. */
public interface Loss {

  /** Prepares for logits [batch][classes], so that computing allocates nothing. */
  Bound bind(Kernels kernels, ThreadTeam team, int batch, int classes);

  /** A loss for one batch size. Used by one thread at a time. */
  interface Bound {
    /**
     * The losses of all examples, added up in their order; divide by the batch for the usual mean.
     *
     * @param logits [batch][classes]
     * @param labels [batch], each in 0 ≤ label &lt; classes
     * @param scale 1/batch for the gradient of the mean loss
     * @param dLogits [batch][classes], receives scale · ∂(sum)/∂logits; null if not needed
     */
    double compute(Tensor logits, int[] labels, float scale, Tensor dLogits);
  }
}
