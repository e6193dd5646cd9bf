package io.alexnet.train;

import java.io.Serializable;
import java.util.List;
import java.util.Optional;

/**
 * How a training went.
 *
 * @param epochs finished ones, from the very first on, also across a resume
 * @param end why it is over
 */
public record History(List<EpochRecord> epochs, End end) implements Serializable {

  /** Why a training is over. */
  public enum End {
    /** All epochs are done. */
    COMPLETED,
    /** {@link Trainer#stop} or an interrupt; it can be resumed. */
    STOPPED,
    /** {@link EarlyStopping} saw no more progress. */
    NO_PROGRESS
  }

  /** Keeps its own copy of the list. */
  public History {
    epochs = List.copyOf(epochs);
  }

  /** The best epoch, the first of equal ones; empty if none has the figure. */
  public Optional<EpochRecord> best(Metric metric) {
    int best = metric.best(epochs, 0);
    return best < 0 ? Optional.empty() : Optional.of(epochs.get(best));
  }
}
