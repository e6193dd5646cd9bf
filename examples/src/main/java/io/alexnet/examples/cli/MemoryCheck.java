package io.alexnet.examples.cli;

import io.alexnet.graph.Network;

/** Whether a training will fit into the heap, before it has run for an hour. */
final class MemoryCheck {

  private MemoryCheck() {}

  /**
   * @throws Failure if it will not
   */
  static void require(Network network, Recipe recipe) {
    long parameters = network.plan(1, true).parameterGradientBytes();
    long optimizer = recipe.optimizer == OptimizerName.ADAM ? 2 * parameters : parameters;
    long image = 4L * network.inputShape().size();
    long batchesAhead = 4 * recipe.batchSize * image;
    long needed = network.plan(recipe.batchSize, true).totalBytes() + optimizer + batchesAhead;
    long limit = Runtime.getRuntime().maxMemory();
    if (needed > limit) {
      throw new Failure(
          String.format(
              "training with batches of %d needs about %d MB and the JVM may take %d MB: give it"
                  + " more (java -Xmx%dm -jar …) or take a smaller --batch-size",
              recipe.batchSize,
              needed / 1_000_000,
              limit / 1_000_000,
              (needed + needed / 5) / 1_000_000 / 100 * 100 + 100));
    }
  }
}
