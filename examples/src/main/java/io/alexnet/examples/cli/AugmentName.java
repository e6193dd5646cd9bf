package io.alexnet.examples.cli;

import io.alexnet.data.image.Augment;
import io.alexnet.data.image.PrincipalColors;

/** The random changes to training images that {@code --augment} names. */
enum AugmentName {
  NONE,
  MIRROR,
  /** Also moved by up to a tenth. */
  SHIFT,
  /** A random crop, mirrored or not, from an image resized somewhat larger. */
  CROP,
  /** Also with the paper's colour noise. */
  PAPER;

  /** Whether it goes by the principal colours of the training images, if these have colours. */
  boolean hasColorNoise() {
    return this == PAPER;
  }

  /**
   * @param colors of the training images; null if they are grey or without colour noise
   */
  Augment augment(PrincipalColors colors) {
    return switch (this) {
      case NONE -> Augment.none();
      case MIRROR -> Augment.none().mirror();
      case SHIFT -> Augment.none().mirror().shift(0.1);
      case CROP -> Augment.none().randomCrop().mirror();
      case PAPER -> colors == null ? CROP.augment(null) : Augment.paper(colors);
    };
  }

  /** Side that images are resized to before a square of {@code imageSize} is cut out. */
  int resizedSide(int imageSize) {
    // The paper cuts 227 out of 256.
    return this == CROP || this == PAPER ? Math.round(imageSize * 256f / 227) : imageSize;
  }

  @Override
  public String toString() {
    return Choice.label(this);
  }
}
