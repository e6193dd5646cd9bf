package io.alexnet.examples.cli;

import io.alexnet.data.ResizedImages;
import io.alexnet.graph.Network;
import io.alexnet.graph.Plan;

/** Whether a training fits into the heap, before it has run for an hour. */
final class MemoryCheck {

  /** Batches ahead, the one in use and one of validation. */
  private static final int BATCHES_HELD = 5;

  private MemoryCheck() {}

  /**
   * @param heap what the JVM may take, in bytes
   * @throws Failure if it does not
   */
  static void require(
      Network network, Recipe recipe, ResizedImages training, ResizedImages validation, long heap) {
    long needed = needed(network, recipe);
    // What is decoded may fill an eighth each, and another is for what is young: see ChildJvm.
    long decoded = Math.min(heap / 8, bytes(training)) + Math.min(heap / 8, bytes(validation));
    if (needed + decoded > heap - heap / 8) {
      long allDecoded = needed + bytes(training) + bytes(validation);
      throw new Failure(
          String.format(
              "training with batches of %d needs about %d MB and the JVM may take %d MB: give it"
                  + " more (java -Xmx%dm -jar …) or take a smaller --batch-size",
              recipe.batchSize,
              (needed + decoded) / 1_000_000,
              heap / 1_000_000,
              roundUp(Math.min(needed * 8 / 5, allDecoded * 8 / 7) / 1_000_000)));
    }
  }

  /** What a training and the evaluation at its end hold besides their images, in bytes. */
  static long needed(Network network, Recipe recipe) {
    // The ten crops of one image are the least that a batch of them holds.
    int evaluated = recipe.canBeCropped() ? Math.max(10, recipe.batchSize) : recipe.batchSize;
    Plan training = network.plan(recipe.batchSize, true);
    Plan inference = network.plan(evaluated, false);
    long parameters = training.parameterGradientBytes();
    long optimizer = recipe.optimizer == OptimizerName.ADAM ? 2 * parameters : parameters;
    long batch = (long) Float.BYTES * network.inputShape().size() * evaluated;
    return Math.max(training.totalBytes(), inference.totalBytes() + parameters)
        + optimizer
        + BATCHES_HELD * batch;
  }

  private static long bytes(ResizedImages images) {
    return (long) images.dataset().size() * images.channels() * images.side() * images.side();
  }

  private static long roundUp(long megabytes) {
    return (megabytes / 100 + 1) * 100;
  }
}
