package io.alexnet.layer;

import io.alexnet.kernels.ConvPass;
import io.alexnet.kernels.Convolution;
import java.util.Map;

/**
 * A layer's computation for one batch size, with its kernels made and its buffers known. Neither
 * method allocates.
 */
public interface Pass {

  /** Writes the output from the inputs. */
  void forward(Run run);

  /**
   * Writes the input gradients that are asked for, and the gradients of the parameters, from the
   * output's gradient. Only after a {@link #forward} in training, and only if a gradient of an
   * input or a parameter is asked for.
   */
  void backward(Run run);

  /** The most scratch floats that one of its kernels needs on a team of {@code threads}. */
  default int workspace(int threads) {
    return 0;
  }

  /** Its convolutions by their passes, in the order of {@link ConvPass}; empty for most layers. */
  default Map<ConvPass, Convolution.Pass> convolutions() {
    return Map.of();
  }
}
