package io.alexnet.train;

import java.util.List;

/**
 * Ends a training that makes no more progress (Prechelt 1998). It follows from the epochs' records
 * alone, so it remembers nothing and a resumed training ends where the straight one would. The
 * network has the last epoch's weights then; those of the best are in {@link Checkpoint#BEST}, if
 * checkpoints are kept, and {@link Checkpoint#loadWeights} takes them.
 *
 * @param metric what is watched
 * @param patience epochs in a row without progress after which to stop, at least 1
 * @param minDelta progress has to be larger than this, at least 0
 */
public record EarlyStopping(Metric metric, int patience, double minDelta) {

  /** Throws {@link IllegalArgumentException} if a value is out of range. */
  public EarlyStopping {
    if (patience < 1) {
      throw new IllegalArgumentException(
          "early stopping's patience must be at least 1 epoch, not " + patience);
    }
    if (!(minDelta >= 0)) {
      throw new IllegalArgumentException(
          "early stopping's least progress must be at least 0, not " + minDelta);
    }
  }

  /** On the validation loss. */
  public static EarlyStopping patience(int epochs) {
    return new EarlyStopping(Metric.VALIDATION_LOSS, epochs, 0);
  }

  boolean isDue(List<EpochRecord> records) {
    return records.size() - 1 - metric.best(records, minDelta) >= patience;
  }
}
