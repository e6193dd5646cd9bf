package io.alexnet.examples;

import io.alexnet.train.EpochRecord;
import io.alexnet.train.Evaluation;
import io.alexnet.train.TrainingListener;
import java.util.Locale;

/** Prints a line for each epoch. */
final class PrintEpochs implements TrainingListener {

  @Override
  public void onEpoch(EpochRecord epoch, Evaluation validation) {
    System.out.printf(
        Locale.ROOT,
        "epoch %d: training loss %.4f, top-1 %.1f %%; validation %s; %.0f images/s%n",
        epoch.epoch(),
        epoch.trainLoss(),
        100 * epoch.trainTop1(),
        validation == null ? "none" : validation,
        epoch.imagesPerSecond());
  }
}
