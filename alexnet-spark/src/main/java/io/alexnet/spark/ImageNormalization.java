package io.alexnet.spark;

import io.alexnet.data.ImageStatistics;
import io.alexnet.data.image.Normalization;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The ways to make pixels the network's input that have a name, as on the command line. */
enum ImageNormalization {
  /** Each channel to mean 0 and standard deviation 1. */
  STANDARD,
  /** From 0 to 255, less each channel's mean. */
  MEAN,
  /** From 0 to 255, less the mean image: AlexNet's paper. */
  MEAN_IMAGE,
  /** From 0 to 1. */
  UNIT,
  /** As {@link #STANDARD} by ImageNet's means and deviations: torchvision. */
  IMAGENET;

  static ImageNormalization of(String label) {
    return valueOf(label.toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  static List<String> labels() {
    return Arrays.stream(values()).map(ImageNormalization::label).toList();
  }

  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  Normalization of(ImageStatistics training) {
    return switch (this) {
      case STANDARD -> training.standard();
      case MEAN -> training.meanPixel();
      case MEAN_IMAGE -> training.meanImage();
      case UNIT -> Normalization.unit();
      case IMAGENET -> Normalization.imageNet();
    };
  }
}
