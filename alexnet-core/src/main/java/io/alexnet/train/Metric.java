package io.alexnet.train;

import java.util.List;

/** A figure of an epoch by which epochs can be compared. */
public enum Metric {
  TRAIN_LOSS,
  VALIDATION_LOSS,
  VALIDATION_TOP1,
  VALIDATION_TOP5;

  /** NaN if the record does not have it. */
  public double of(EpochRecord record) {
    return switch (this) {
      case TRAIN_LOSS -> record.trainLoss();
      case VALIDATION_LOSS -> record.validationLoss();
      case VALIDATION_TOP1 -> record.validationTop1();
      case VALIDATION_TOP5 -> record.validationTop5();
    };
  }

  /** By how much {@code value} is better than {@code other}; NaN if either is. */
  double gain(double value, double other) {
    boolean isLoss = this == TRAIN_LOSS || this == VALIDATION_LOSS;
    return isLoss ? other - value : value - other;
  }

  /**
   * Index of the best record: the last one that was better by more than {@code minDelta} than the
   * best before it; −1 if none has the figure.
   */
  int best(List<EpochRecord> records, double minDelta) {
    int best = -1;
    for (int i = 0; i < records.size(); i++) {
      double value = of(records.get(i));
      if (best < 0 ? !Double.isNaN(value) : gain(value, of(records.get(best))) > minDelta) {
        best = i;
      }
    }
    return best;
  }
}
