package io.alexnet.optim;

import io.alexnet.kernels.Kernels;
import io.alexnet.kernels.ThreadTeam;
import io.alexnet.layer.Parameter;
import io.alexnet.tensor.Tensor;
import java.util.List;
import java.util.Map;

/** How parameters follow their gradients. Immutable. */
public interface Optimizer {

  /**
   * Takes the memory that these parameters need and prepares their kernels, but for those that are
   * frozen.
   */
  Bound bind(List<Parameter> parameters, Kernels kernels, ThreadTeam team);

  /** The learning rate of a training that is given none. */
  default float defaultRate() {
    return 0.01f;
  }

  /** How many tensors of a parameter's size it remembers of each trainable parameter. */
  int tensorsPerParameter();

  /** An optimiser of certain parameters, with its memory. Used by one thread at a time. */
  interface Bound {
    /**
     * Moves every trainable parameter one step; allocates nothing. The rate and the weight decay
     * are those given, times the parameter's own multipliers.
     *
     * @param step of this optimiser, from 1
     * @param rate learning rate
     * @param gradientScale what the gradients are multiplied with first
     */
    void update(long step, float rate, float gradientScale);

    /** The tensors to save, in a fixed order, under names made of their kind and the parameter. */
    Map<String, Tensor> state();
  }
}
