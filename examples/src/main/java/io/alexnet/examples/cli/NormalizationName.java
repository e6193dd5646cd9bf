package io.alexnet.examples.cli;

import io.alexnet.data.ImageStatistics;
import io.alexnet.data.image.Normalization;

/** What {@code --normalization} names: how pixels become the network's input. */
enum NormalizationName {
  /** From 0 to 1. */
  UNIT,
  /** From 0 to 255, less each channel's mean. */
  MEAN,
  /** From 0 to 255, less the mean image: AlexNet's paper. */
  MEAN_IMAGE,
  /** Each channel to mean 0 and standard deviation 1. */
  STANDARD,
  /** The same by ImageNet's means and deviations: torchvision. */
  IMAGENET;

  /** Whether it goes by the training images. */
  boolean isMeasured() {
    return this != UNIT && this != IMAGENET;
  }

  /**
   * @param training null if it is not measured
   */
  Normalization of(ImageStatistics training) {
    return switch (this) {
      case UNIT -> Normalization.unit();
      case MEAN -> training.meanPixel();
      case MEAN_IMAGE -> training.meanImage();
      case STANDARD -> training.standard();
      case IMAGENET -> Normalization.imageNet();
    };
  }

  @Override
  public String toString() {
    return Choice.label(this);
  }
}
