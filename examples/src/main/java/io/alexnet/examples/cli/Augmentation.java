package io.alexnet.examples.cli;

import io.alexnet.data.image.Augment;
import io.alexnet.data.image.PrincipalColors;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The random changes to training images that {@code --augment} describes: a name for the usual
 * ones, or a list of changes with their parameters.
 */
final class Augmentation {

  static final String FORMS =
      "none, mirror, shift, crop, paper, or a list of crop:SHARE, resized-crop:AREA..AREA:ASPECT..ASPECT, mirror,"
          + " shift:SHARE, brightness:B, contrast:C, saturation:S, hue:TURN, color-noise:SIGMA,"
          + " cutout:SHARE and mixup:ALPHA, of which each may go without its parameters";

  /** What names stand for that are all that is said. */
  private static final Map<String, String> NAMES =
      Map.of(
          "shift", "mirror,shift",
          "crop", "crop,mirror",
          "paper", "crop,mirror,color-noise");

  /** One change, with what its parameters are if they are left out. */
  enum Change {
    CROP(227.0 / 256), // the paper cuts 227 out of 256
    RESIZED_CROP(0.08, 1, 3.0 / 4, 4.0 / 3),
    MIRROR,
    SHIFT(0.1),
    BRIGHTNESS(0.2),
    CONTRAST(0.2),
    SATURATION(0.4),
    HUE(0.05),
    COLOR_NOISE(0.1),
    CUTOUT(0.25),
    MIXUP(0.2);

    private final double[] defaults;

    Change(double... defaults) {
      this.defaults = defaults;
    }

    private static Change of(String name) {
      for (Change change : values()) {
        if (change.toString().equals(name)) {
          return change;
        }
      }
      List<String> names = Arrays.stream(values()).map(Change::toString).toList();
      throw new IllegalArgumentException(
          "it is none of %s; none and paper stand alone; did you mean %s?"
              .formatted(String.join(", ", names), Nearest.to(name, names)));
    }

    private Augment addTo(Augment augment, double[] p, PrincipalColors colors) {
      return switch (this) {
        case CROP -> augment.randomCrop();
        case RESIZED_CROP -> augment.resizedCrop(p[0], p[1], p[2], p[3]);
        case MIRROR -> augment.mirror();
        case SHIFT -> augment.shift(p[0]);
        case BRIGHTNESS -> augment.brightness(p[0]);
        case CONTRAST -> augment.contrast(p[0]);
        case SATURATION -> augment.saturation(p[0]);
        case HUE -> augment.hue(p[0]);
        case COLOR_NOISE -> colors == null ? augment : augment.colorNoise(p[0], colors);
        case CUTOUT -> augment.cutout(p[0]);
        case MIXUP -> augment.mixup(p[0]);
      };
    }

    @Override
    public String toString() {
      return Choice.label(this);
    }
  }

  private final Map<Change, double[]> changes = new EnumMap<>(Change.class);

  private Augmentation() {}

  /**
   * @param text one of {@link #FORMS}
   * @throws IllegalArgumentException if it is none of these; the message names the part at fault
   */
  static Augmentation parse(String text) {
    Augmentation augmentation = new Augmentation();
    if (!text.equals("none")) {
      for (String part : NAMES.getOrDefault(text, text).split(",", -1)) {
        try {
          augmentation.add(part.split(":", -1));
          augmentation.augment(PrincipalColors.IMAGENET); // refuses what is out of range
        } catch (IllegalArgumentException e) {
          throw new IllegalArgumentException("'" + part + "': " + e.getMessage(), e);
        }
      }
    }
    return augmentation;
  }

  /** One change alone, with its usual parameters. */
  static Augmentation of(Change change) {
    Augmentation augmentation = new Augmentation();
    augmentation.changes.put(change, change.defaults);
    return augmentation;
  }

  /**
   * @param words a change's name and its parameters
   */
  private void add(String[] words) {
    Change change = Change.of(words[0]);
    double[] parameters = change.defaults.clone();
    int perWord = change == Change.RESIZED_CROP ? 2 : 1;
    if (words.length - 1 > parameters.length / perWord) {
      throw new IllegalArgumentException(
          change + " takes " + parameters.length / perWord + " parameters at most");
    }
    for (int i = 1; i < words.length; i++) {
      String[] numbers = words[i].split("\\.\\.", -1);
      if (numbers.length != perWord) {
        throw new IllegalArgumentException(
            "'" + words[i] + "' is not " + (perWord == 2 ? "a range, as in 0.3..1" : "a number"));
      }
      for (int k = 0; k < perWord; k++) {
        parameters[(i - 1) * perWord + k] = number(numbers[k]);
      }
    }
    if (change == Change.CROP && !(parameters[0] >= 0.5 && parameters[0] <= 1)) {
      throw new IllegalArgumentException(
          "a crop's share of the side must be from 0.5 to 1, not " + parameters[0]);
    }
    if (changes.put(change, parameters) != null) {
      throw new IllegalArgumentException(change + " stands twice in the list");
    }
  }

  private static double number(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + text + "' is not a number", e);
    }
  }

  /** Whether it says itself how large images are to be resized, in proportion to the crop. */
  boolean hasCropShare() {
    return !Arrays.equals(
        changes.getOrDefault(Change.CROP, Change.CROP.defaults), Change.CROP.defaults);
  }

  /** Whether it goes by the principal colours of the training images, if these have colours. */
  boolean hasColorNoise() {
    return changes.containsKey(Change.COLOR_NOISE);
  }

  /**
   * @param colors of the training images; null if they are grey or without colour noise
   */
  Augment augment(PrincipalColors colors) {
    Augment augment = Augment.none();
    for (Map.Entry<Change, double[]> entry : changes.entrySet()) {
      augment = entry.getKey().addTo(augment, entry.getValue(), colors);
    }
    return augment;
  }

  /** Side that images are resized to before a square of {@code imageSize} is made of them. */
  int resizedSide(int imageSize) {
    double[] crop =
        changes.containsKey(Change.RESIZED_CROP)
            ? Change.CROP.defaults
            : changes.getOrDefault(Change.CROP, new double[] {1});
    return (int) Math.round(imageSize / crop[0]);
  }
}
