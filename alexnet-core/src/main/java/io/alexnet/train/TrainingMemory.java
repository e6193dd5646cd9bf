package io.alexnet.train;

import io.alexnet.graph.Network;
import io.alexnet.graph.Plan;
import io.alexnet.optim.Optimizer;
import java.util.Locale;
import java.util.function.IntPredicate;

/**
 * What a training takes of the heap, in bytes, as the network's plan tells before anything is
 * computed. Images, and what the program holds besides, are not in it.
 *
 * @param weights parameters and state
 * @param gradients of the trainable parameters
 * @param optimizer what it remembers of them
 * @param activations with their gradients and the places of pooling's winners
 * @param workspace scratch space that all kernels share
 */
public record TrainingMemory(
    long weights, long gradients, long optimizer, long activations, long workspace) {

  /**
   * Of batches of this size.
   *
   * @throws IllegalArgumentException if the network cannot be trained with such a batch
   */
  public static TrainingMemory of(Network network, int batch, Optimizer optimizer) {
    Plan plan = network.plan(batch, true);
    return new TrainingMemory(
        plan.parameterBytes(),
        plan.parameterGradientBytes(),
        optimizer.tensorsPerParameter() * plan.parameterGradientBytes(),
        plan.bufferBytes() + plan.indexBytes(),
        plan.workspaceBytes());
  }

  /** All together. */
  public long bytes() {
    return weights + gradients + optimizer + activations + workspace;
  }

  /**
   * The largest batch that fits, of those below one that does not; 0 if none does.
   *
   * @param fits true up to some size, then false, but perhaps not of 1; an {@link
   *     IllegalArgumentException}, as of a batch norm that cannot learn from one image, is taken
   *     for false
   */
  public static int largestBatch(int below, IntPredicate fits) {
    int fitting = 0;
    int tooLarge = below;
    while (fitting + 1 < tooLarge) {
      int middle = (fitting + tooLarge) >>> 1;
      if (fits(fits, middle)) {
        fitting = middle;
      } else {
        tooLarge = middle;
      }
    }
    boolean onlyOneRefused = fitting == 0 && below > 2 && fits(fits, 2);
    return onlyOneRefused ? 2 : fitting;
  }

  private static boolean fits(IntPredicate fits, int batch) {
    try {
      return fits.test(batch);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** As in "1903 MB: weights 249, …". */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%d MB: weights %d, their gradients %d, the optimiser's memory %d, activations and their"
            + " gradients %d, workspace %d",
        megabytes(bytes()),
        megabytes(weights),
        megabytes(gradients),
        megabytes(optimizer),
        megabytes(activations),
        megabytes(workspace));
  }

  private static long megabytes(long bytes) {
    return (bytes + 999_999) / 1_000_000;
  }

  /**
   * Throws {@link IllegalArgumentException} with what to do if there is not as much.
   *
   * @param heap what this training may take, of a JVM that perhaps has others, too
   * @return what the training takes
   */
  static TrainingMemory require(Network network, int batch, Optimizer optimizer, long heap) {
    TrainingMemory memory = of(network, batch, optimizer);
    if (memory.bytes() > heap) {
      double jvm = Math.max(1, (double) Runtime.getRuntime().maxMemory() / heap);
      int largest =
          largestBatch(batch, smaller -> of(network, smaller, optimizer).bytes() <= heap / 8 * 7);
      throw new IllegalArgumentException(
          "training with batches of %d needs %s; %s may take %d MB: %sgive java at least -Xmx%dm"
              .formatted(
                  batch,
                  memory,
                  jvm > 1 ? "of the JVM's memory it" : "the JVM",
                  heap / 1_000_000,
                  largest == 0 ? "" : "take batches of at most " + largest + ", or ",
                  megabytes((long) (jvm * (memory.bytes() * 8 / 7)))));
    }
    return memory;
  }

  /**
   * Throws {@link IllegalArgumentException} if validation in batches of this size takes more. The
   * activations of training are given up for it, not the gradients and the optimiser's memory.
   */
  void requireValidation(Network network, int batch, long heap) {
    long needed = network.plan(batch, false).totalBytes() + gradients + optimizer;
    if (needed > heap) {
      throw new IllegalArgumentException(
          "validation with batches of %d needs %d MB, and may take %d MB: give it smaller batches, or java more with -Xmx"
              .formatted(batch, megabytes(needed), heap / 1_000_000));
    }
  }
}
