package io.alexnet.data;

import io.alexnet.data.image.Normalization;
import java.util.Locale;

/** The usual ways to make pixels a network's input, each with a name. */
public enum NormalizationKind {
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
  public boolean isMeasured() {
    return this != UNIT && this != IMAGENET;
  }

  /**
   * @param training null if it is not measured
   */
  public Normalization of(ImageStatistics training) {
    return switch (this) {
      case UNIT -> Normalization.unit();
      case MEAN -> training.meanPixel();
      case MEAN_IMAGE -> training.meanImage();
      case STANDARD -> training.standard();
      case IMAGENET -> Normalization.imageNet();
    };
  }

  /** As users type it: {@code mean-image}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
