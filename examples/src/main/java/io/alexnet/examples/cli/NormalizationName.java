package io.alexnet.examples.cli;

import io.alexnet.data.ImageStatistics;
import io.alexnet.data.ResizedImages;
import io.alexnet.data.image.Normalization;

/** What {@code --normalization} names: how pixels become the network's input. */
enum NormalizationName {
  /** From 0 to 1. */
  UNIT,
  /** From 0 to 255, less each channel's mean. */
  MEAN,
  /** Each channel to mean 0 and standard deviation 1. */
  STANDARD;

  Normalization of(ResizedImages training, long seed) {
    return switch (this) {
      case UNIT -> Normalization.unit();
      case MEAN -> ImageStatistics.of(training, seed).meanPixel();
      case STANDARD -> ImageStatistics.of(training, seed).standard();
    };
  }

  @Override
  public String toString() {
    return Choice.label(this);
  }
}
