package io.alexnet.data.image;

import io.alexnet.data.image.Distortion.Rectangle;
import io.alexnet.data.random.SplitMix64;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * The random changes that make a small training set larger. Immutable; each method gives a new
 * value with one change more:
 *
 * <pre>{@code Augment.none().randomCrop().mirror().brightness(0.1)}</pre>
 *
 * <p>What happens to an image in an epoch depends on the seed, the epoch and the image's index in
 * its dataset, and on nothing else; with {@link #mixup}, also on the other images of its batch.
 */
public final class Augment {

  private static final Augment NONE = new Augment();

  // Set by with() alone, before anybody else sees the value.
  private boolean randomCrop;
  private ResizedCrop resizedCrop; // null for none
  private boolean mirror;
  private double shift;
  private double brightness;
  private double contrast;
  private double saturation;
  private double hue;
  private double colorNoise;
  private PrincipalColors principalColors;
  private double cutout;
  private double mixup;

  private Augment() {}

  private Augment with(Consumer<Augment> change) {
    Augment other = new Augment();
    other.randomCrop = randomCrop;
    other.resizedCrop = resizedCrop;
    other.mirror = mirror;
    other.shift = shift;
    other.brightness = brightness;
    other.contrast = contrast;
    other.saturation = saturation;
    other.hue = hue;
    other.colorNoise = colorNoise;
    other.principalColors = principalColors;
    other.cutout = cutout;
    other.mixup = mixup;
    change.accept(other);
    require(
        other.resizedCrop == null || !other.randomCrop && other.shift == 0,
        "a resized crop lies anywhere in the image already: no random crop or shift goes with it");
    return other;
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }

  private static void requireShare(String name, double value) {
    require(value >= 0 && value <= 1, name + " must be from 0 to 1, not " + value);
  }

  /** No change: the centre crop, as for evaluation. */
  public static Augment none() {
    return NONE;
  }

  /**
   * What AlexNet was trained with (Krizhevsky et al. 2012, §4.1), and nothing else: random crops,
   * mirror images and colour noise of σ = 0.1 along ImageNet's principal colours.
   */
  public static Augment paper() {
    return paper(PrincipalColors.IMAGENET);
  }

  /** The same with the principal colours of another training set, as the paper takes its own. */
  public static Augment paper(PrincipalColors colors) {
    return NONE.randomCrop().mirror().colorNoise(0.1, colors);
  }

  /**
   * Takes the network's square from anywhere in the resized image, not from its centre: which needs
   * images that were resized to more than the network takes. {@link #shift} moves any.
   */
  public Augment randomCrop() {
    return with(a -> a.randomCrop = true);
  }

  /** A {@link #resizedCrop(double, double, double, double)} of any of torchvision's shapes. */
  public Augment resizedCrop() {
    return resizedCrop(0.08, 1, 3.0 / 4, 4.0 / 3);
  }

  /**
   * Takes a rectangle of random area and proportions from anywhere in the resized image and resizes
   * it to the network's square (Szegedy et al. 2015, §6; torchvision's {@code RandomResizedCrop}).
   *
   * @param leastArea of the rectangle as a share of the image's, above 0
   * @param mostArea at most 1
   * @param leastAspect width by height, above 0; its logarithm is drawn uniformly
   */
  public Augment resizedCrop(
      double leastArea, double mostArea, double leastAspect, double mostAspect) {
    ResizedCrop crop = new ResizedCrop(leastArea, mostArea, leastAspect, mostAspect);
    return with(a -> a.resizedCrop = crop);
  }

  /** Swaps left and right in every second image. */
  public Augment mirror() {
    return with(a -> a.mirror = true);
  }

  /**
   * Moves the image ("panning") by up to this share of the network's image size, up or down and to
   * a side; the edge's pixels fill what becomes free.
   *
   * @param fraction from 0 (never) to below 1
   */
  public Augment shift(double fraction) {
    require(fraction >= 0 && fraction < 1, "shift must be in 0 ≤ shift < 1, not " + fraction);
    return with(a -> a.shift = fraction);
  }

  /**
   * Adds one number from −limit to limit to all samples of an image, which are in [0, 1]. Nothing
   * is clipped afterwards.
   *
   * @throws IllegalArgumentException if the limit is not in [0, 1]
   */
  public Augment brightness(double limit) {
    requireShare("brightness", limit);
    return with(a -> a.brightness = limit);
  }

  /**
   * Multiplies the samples' distance from middle grey, 0.5, by one number from 1 − limit to 1 +
   * limit. Nothing is clipped afterwards.
   *
   * @throws IllegalArgumentException if the limit is not in [0, 1]
   */
  public Augment contrast(double limit) {
    requireShare("contrast", limit);
    return with(a -> a.contrast = limit);
  }

  /**
   * Multiplies each pixel's distance from the grey of the same luma by one number from 1 − limit to
   * 1 + limit. Leaves grey images alone.
   *
   * @throws IllegalArgumentException if the limit is not in [0, 1]
   */
  public Augment saturation(double limit) {
    requireShare("saturation", limit);
    return with(a -> a.saturation = limit);
  }

  /**
   * Turns all hues by one angle from −limit to limit, as a share of the full circle: 0.5 reaches
   * the complementary colours. Luma and saturation stay; leaves grey images alone.
   *
   * @throws IllegalArgumentException if the limit is not in [0, 0.5]
   */
  public Augment hue(double limit) {
    require(limit >= 0 && limit <= 0.5, "hue must be from 0 to 0.5, not " + limit);
    return with(a -> a.hue = limit);
  }

  /**
   * Adds a random colour to all pixels of an image; see {@link PrincipalColors}. Leaves grey images
   * alone.
   *
   * @throws IllegalArgumentException if sigma is negative or not finite
   */
  public Augment colorNoise(double sigma, PrincipalColors colors) {
    require(
        sigma >= 0 && sigma < Double.POSITIVE_INFINITY,
        "sigma must not be negative or infinite: " + sigma);
    return with(
        a -> {
          a.colorNoise = sigma;
          a.principalColors = colors;
        });
  }

  /**
   * Sets a square about a random place of the crop to 0 after normalisation, the part of it that
   * lies inside (DeVries and Taylor, "Improved regularization of convolutional neural networks with
   * cutout", 2017). That is the mean colour if the normalisation subtracts a mean, black with
   * {@link Normalization#unit}.
   *
   * @param share of the crop's side, from 0 (never) to 1
   */
  public Augment cutout(double share) {
    requireShare("cutout", share);
    return with(a -> a.cutout = share);
  }

  /**
   * Mixes the images of a batch in pairs, λ of one and 1 − λ of the other, with one λ for the
   * batch, from Beta(α, α); labels are mixed by the loss (Zhang et al., "mixup: beyond empirical
   * risk minimization", 2018). Images are augmented and normalised first.
   *
   * @param alpha 0 for never; the larger, the nearer λ is to a half
   */
  public Augment mixup(double alpha) {
    require(
        alpha >= 0 && alpha < Double.POSITIVE_INFINITY,
        "mixup must not be negative or infinite: " + alpha);
    return with(a -> a.mixup = alpha);
  }

  /**
   * Draws the changes for one use of one image, from (seed, epoch, index) alone.
   *
   * @param index of the image in its dataset
   * @param side of the square that the crop is taken from
   * @param size of the crop, size ≤ side
   * @param channels 1 or 3
   */
  public Distortion draw(long seed, int epoch, int index, int side, int size, int channels) {
    // The order of the draws is part of what a seed means: what comes new draws last.
    SplitMix64 random = SplitMix64.of(seed, epoch, index);
    Rectangle source =
        resizedCrop == null ? drawCrop(random, side, size) : resizedCrop.draw(random, side);
    boolean mirrored = mirror && random.nextBoolean();
    int reach = (int) (shift * size);
    if (reach > 0) {
      int right = random.nextInt(2 * reach + 1) - reach;
      int down = random.nextInt(2 * reach + 1) - reach;
      source = Rectangle.square(source.left() + right, source.top() + down, size);
    }
    double gain = contrast > 0 ? random.nextDouble(1 - contrast, 1 + contrast) : 1;
    double offset = 0.5 - 0.5 * gain;
    if (brightness > 0) {
      offset += random.nextDouble(-brightness, brightness);
    }
    float[] mix = Distortion.gain((float) gain, channels);
    float[] offsets = new float[channels];
    Arrays.fill(offsets, (float) offset);
    if (colorNoise > 0 && channels == 3) {
      addColorNoise(random, offsets);
    }
    if ((saturation > 0 || hue > 0) && channels == 3) {
      double stretch = saturation > 0 ? random.nextDouble(1 - saturation, 1 + saturation) : 1;
      double turn = hue > 0 ? random.nextDouble(-hue, hue) : 0;
      double[] chroma = Chroma.map(stretch, turn);
      for (int i = 0; i < 9; i++) {
        // Chroma keeps grey, so the offset of brightness and contrast may stand before or after it.
        mix[i] = (float) (gain * chroma[i]);
      }
    }
    Rectangle hole = cutout > 0 ? drawCutout(random, size) : Rectangle.EMPTY;
    return new Distortion(source, mirrored, mix, offsets, hole);
  }

  private Rectangle drawCrop(SplitMix64 random, int side, int size) {
    int margin = side - size;
    int left = margin / 2;
    int top = margin / 2;
    if (randomCrop) {
      left = random.nextInt(margin + 1);
      top = random.nextInt(margin + 1);
    }
    return Rectangle.square(left, top, size);
  }

  private void addColorNoise(SplitMix64 random, float[] offsets) {
    for (int k = 0; k < 3; k++) {
      double alpha = colorNoise * random.nextGaussian();
      for (int c = 0; c < 3; c++) {
        offsets[c] +=
            (float) (alpha * principalColors.deviation(k) * principalColors.direction(k, c));
      }
    }
  }

  private Rectangle drawCutout(SplitMix64 random, int size) {
    int side = (int) Math.round(cutout * size);
    int left = random.nextInt(size) - side / 2;
    int top = random.nextInt(size) - side / 2;
    int right = Math.min(left + side, size);
    int bottom = Math.min(top + side, size);
    left = Math.max(left, 0);
    top = Math.max(top, 0);
    return new Rectangle(left, top, right - left, bottom - top);
  }

  /** Whether batches are mixed. */
  public boolean hasMixup() {
    return mixup > 0;
  }

  /**
   * Draws the λ that a batch is mixed with, from (seed, epoch, batch) alone; 1 without mixup.
   *
   * @param batch from 0 in each epoch
   */
  public float drawShare(long seed, int epoch, int batch) {
    // ~batch is no image's index, so no image's stream is this one.
    return mixup > 0 ? (float) SplitMix64.of(seed, epoch, ~batch).nextBeta(mixup) : 1;
  }

  private record ResizedCrop(
      double leastArea, double mostArea, double leastAspect, double mostAspect) {

    /** Tries before it is the largest rectangle at the centre, as in torchvision. */
    private static final int TRIES = 10;

    ResizedCrop {
      require(
          leastArea > 0 && leastArea <= mostArea && mostArea <= 1,
          "a resized crop's area must be in 0 < least ≤ most ≤ 1, not %s to %s"
              .formatted(leastArea, mostArea));
      require(
          leastAspect > 0 && leastAspect <= mostAspect && mostAspect < Double.POSITIVE_INFINITY,
          "a resized crop's width by height must be in 0 < least ≤ most, not %s to %s"
              .formatted(leastAspect, mostAspect));
    }

    Rectangle draw(SplitMix64 random, int side) {
      double leastLog = StrictMath.log(leastAspect);
      double mostLog = StrictMath.log(mostAspect);
      for (int i = 0; i < TRIES; i++) {
        double area = random.nextDouble(leastArea, mostArea) * side * side;
        double aspect = StrictMath.exp(random.nextDouble(leastLog, mostLog));
        long width = Math.round(Math.sqrt(area * aspect));
        long height = Math.round(Math.sqrt(area / aspect));
        if (width >= 1 && width <= side && height >= 1 && height <= side) {
          int left = random.nextInt((int) (side - width + 1));
          int top = random.nextInt((int) (side - height + 1));
          return new Rectangle(left, top, (int) width, (int) height);
        }
      }
      double aspect = Math.max(leastAspect, Math.min(1, mostAspect));
      int width = (int) Math.max(1, Math.round(side * Math.min(1, aspect)));
      int height = (int) Math.max(1, Math.round(side / Math.max(1, aspect)));
      return new Rectangle((side - width) / 2, (side - height) / 2, width, height);
    }
  }
}
