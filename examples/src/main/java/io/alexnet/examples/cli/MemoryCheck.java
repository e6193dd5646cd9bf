package io.alexnet.examples.cli;

import io.alexnet.data.Dataset;
import io.alexnet.data.ResizedImages;
import io.alexnet.graph.Network;
import io.alexnet.train.TrainingMemory;

/** Whether a training fits into the heap, before it has run for an hour. */
final class MemoryCheck {

  /** Batches ahead, the one in use and one of validation. */
  private static final int BATCHES_HELD = 5;

  private MemoryCheck() {}

  /** Best and last epoch, by one and by ten crops, at the end of a training. */
  private static final int EVALUATIONS_HELD = 4;

  /**
   * @param isNew whether the batch may still be another
   * @param heap what the JVM may take, in bytes
   * @throws Failure if it does not
   */
  static void require(
      Network network,
      Recipe recipe,
      ResizedImages training,
      ResizedImages validation,
      boolean isNew,
      long heap) {
    long needed = needed(network, recipe);
    // What is decoded may fill an eighth each, and another is for what is young: see ChildJvm.
    long decoded = Math.min(heap / 8, bytes(training)) + Math.min(heap / 8, bytes(validation));
    long held = held(training.dataset().whole(), validation.dataset().whole());
    long room = heap - heap / 8 - decoded - held;
    if (needed > room) {
      int largest =
          TrainingMemory.largestBatch(
              recipe.batchSize, batch -> needed(network, recipe.withBatchSize(batch)) <= room);
      long allDecoded = needed + held + bytes(training) + bytes(validation);
      throw new Failure(
          String.format(
              "training with batches of %d needs about %d MB (%d for images, and %s) and the JVM may"
                  + " take %d MB: give it more (java -Xmx%dm -jar …)%s",
              recipe.batchSize,
              (needed + held + decoded) / 1_000_000,
              (held + decoded + batches(network, recipe)) / 1_000_000,
              memory(network, recipe),
              heap / 1_000_000,
              roundUp(Math.min((needed + held) * 8 / 5, allDecoded * 8 / 7) / 1_000_000),
              largest == 0 || !isNew ? "" : " or take at most --batch-size " + largest));
    }
  }

  /** What a training and the evaluation at its end hold besides their images, in bytes. */
  static long needed(Network network, Recipe recipe) {
    TrainingMemory training = memory(network, recipe);
    long inference =
        network.plan(evaluated(recipe), false).totalBytes()
            + training.gradients()
            + training.optimizer();
    long classes = network.outputShape().size();
    long confusion = EVALUATIONS_HELD * Integer.BYTES * classes * classes;
    return Math.max(training.bytes(), inference) + batches(network, recipe) + confusion;
  }

  /** What the data hold of themselves; two parts of one whole hold it together. */
  private static long held(Dataset training, Dataset validation) {
    return training.heapBytes() + (training == validation ? 0 : validation.heapBytes());
  }

  private static TrainingMemory memory(Network network, Recipe recipe) {
    return TrainingMemory.of(network, recipe.batchSize, recipe.optimizer.of(recipe));
  }

  /** The ten crops of one image are the least that a batch of them holds. */
  private static int evaluated(Recipe recipe) {
    return recipe.canBeCropped() ? Math.max(10, recipe.batchSize) : recipe.batchSize;
  }

  private static long batches(Network network, Recipe recipe) {
    return (long) BATCHES_HELD * Float.BYTES * network.inputShape().size() * evaluated(recipe);
  }

  private static long bytes(ResizedImages images) {
    if (!images.keeps()) {
      return 0;
    }
    return (long) images.dataset().size() * images.channels() * images.side() * images.side();
  }

  private static long roundUp(long megabytes) {
    return (megabytes / 100 + 1) * 100;
  }
}
