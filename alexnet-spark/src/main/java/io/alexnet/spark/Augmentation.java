package io.alexnet.spark;

import io.alexnet.data.image.Augment;
import io.alexnet.data.image.PrincipalColors;

/** The random changes to training images that have a name, as on the command line. */
enum Augmentation {
  NONE,
  MIRROR,
  /** With {@link #MIRROR}. */
  CROP,
  /** With {@link #CROP}, and colour noise. */
  PAPER;

  /** Whether images have to be larger than what is cut from them. */
  boolean crops() {
    return this == CROP || this == PAPER;
  }

  /**
   * @param colors of the training images
   */
  Augment augment(PrincipalColors colors) {
    return switch (this) {
      case NONE -> Augment.none();
      case MIRROR -> Augment.none().mirror();
      case CROP -> Augment.none().randomCrop().mirror();
      case PAPER -> Augment.paper(colors);
    };
  }
}
