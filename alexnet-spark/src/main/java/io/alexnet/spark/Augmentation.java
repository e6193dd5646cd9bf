package io.alexnet.spark;

import io.alexnet.data.image.Augment;
import io.alexnet.data.image.PrincipalColors;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The random changes to training images that have a name, as on the command line. */
enum Augmentation {
  NONE,
  MIRROR,
  /** With {@link #MIRROR}. */
  CROP,
  /** With {@link #CROP}, and colour noise. */
  PAPER;

  static Augmentation of(String label) {
    return valueOf(label.toUpperCase(Locale.ROOT));
  }

  static List<String> labels() {
    return Arrays.stream(values()).map(Augmentation::label).toList();
  }

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

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
