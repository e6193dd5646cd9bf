package io.alexnet.data.image;

import io.alexnet.data.random.SplitMix64;
import java.util.Arrays;

/**
 * The random changes that make a small training set larger. Immutable; each method gives a new
 * value with one change more:
 *
 * <pre>{@code Augment.none().randomCrop().mirror().brightness(0.1)}</pre>
 *
 * <p>What happens to an image in an epoch depends on the seed, the epoch and the image's index in
 * its dataset, and on nothing else.
 */
public final class Augment {

  private static final Augment NONE = new Augment(false, false, 0, 0, 0, 0, null);

  private final boolean randomCrop;
  private final boolean mirror;
  private final double shift;
  private final double brightness;
  private final double contrast;
  private final double colorNoise;
  private final PrincipalColors principalColors;

  private Augment(
      boolean randomCrop,
      boolean mirror,
      double shift,
      double brightness,
      double contrast,
      double colorNoise,
      PrincipalColors principalColors) {
    this.randomCrop = randomCrop;
    this.mirror = mirror;
    this.shift = shift;
    this.brightness = brightness;
    this.contrast = contrast;
    this.colorNoise = colorNoise;
    this.principalColors = principalColors;
  }

  /** No change: the centre crop, as for evaluation. */
  public static Augment none() {
    return NONE;
  }

  /**
   * What AlexNet was trained with (Krizhevsky et al. 2012, §4.1): random crops, mirror images and
   * colour noise of σ = 0.1 along ImageNet's principal colours.
   */
  public static Augment paper() {
    return paper(PrincipalColors.IMAGENET);
  }

  /** The same with the principal colours of another training set, as the paper takes its own. */
  public static Augment paper(PrincipalColors colors) {
    return NONE.randomCrop().mirror().colorNoise(0.1, colors);
  }

  /** Takes the network's square from anywhere in the resized image, not from its centre. */
  public Augment randomCrop() {
    return new Augment(true, mirror, shift, brightness, contrast, colorNoise, principalColors);
  }

  /** Swaps left and right in every second image. */
  public Augment mirror() {
    return new Augment(randomCrop, true, shift, brightness, contrast, colorNoise, principalColors);
  }

  /**
   * Moves the image ("panning") by up to this share of the network's image size, up or down and to
   * a side; the edge's pixels fill what becomes free.
   *
   * @param fraction from 0 (never) to below 1
   */
  public Augment shift(double fraction) {
    if (!(fraction >= 0 && fraction < 1)) {
      throw new IllegalArgumentException("shift must be in 0 ≤ shift < 1, not " + fraction);
    }
    return new Augment(
        randomCrop, mirror, fraction, brightness, contrast, colorNoise, principalColors);
  }

  /**
   * Adds one number from −limit to limit to all samples of an image, which are in [0, 1]. Nothing
   * is clipped afterwards.
   */
  public Augment brightness(double limit) {
    if (!(limit >= 0 && limit <= 1)) {
      throw new IllegalArgumentException("brightness must be from 0 to 1, not " + limit);
    }
    return new Augment(randomCrop, mirror, shift, limit, contrast, colorNoise, principalColors);
  }

  /**
   * Multiplies the samples' distance from middle grey, 0.5, by one number from 1 − limit to 1 +
   * limit. Nothing is clipped afterwards.
   */
  public Augment contrast(double limit) {
    if (!(limit >= 0 && limit <= 1)) {
      throw new IllegalArgumentException("contrast must be from 0 to 1, not " + limit);
    }
    return new Augment(randomCrop, mirror, shift, brightness, limit, colorNoise, principalColors);
  }

  /** Adds a random colour to all pixels of an image; see {@link PrincipalColors}. */
  public Augment colorNoise(double sigma, PrincipalColors colors) {
    if (!(sigma >= 0 && sigma < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("sigma must not be negative or infinite: " + sigma);
    }
    return new Augment(randomCrop, mirror, shift, brightness, contrast, sigma, colors);
  }

  /**
   * Draws the changes for one use of one image, from (seed, epoch, index) alone.
   *
   * @param index of the image in its dataset
   * @param side of the square that the crop is taken from
   * @param size of the crop, size ≤ side
   * @param channels 1 or 3; colour noise leaves grey images alone
   */
  public Distortion draw(long seed, int epoch, int index, int side, int size, int channels) {
    SplitMix64 random = SplitMix64.of(seed, epoch, index);
    int margin = side - size;
    int left = margin / 2;
    int top = margin / 2;
    if (randomCrop) {
      left = random.nextInt(margin + 1);
      top = random.nextInt(margin + 1);
    }
    boolean mirrored = mirror && random.nextBoolean();
    int reach = (int) (shift * size);
    if (reach > 0) {
      left += random.nextInt(2 * reach + 1) - reach;
      top += random.nextInt(2 * reach + 1) - reach;
    }
    double gain = contrast > 0 ? random.nextDouble(1 - contrast, 1 + contrast) : 1;
    double offset = 0.5 - 0.5 * gain;
    if (brightness > 0) {
      offset += random.nextDouble(-brightness, brightness);
    }
    float[] offsets = new float[channels];
    Arrays.fill(offsets, (float) offset);
    if (colorNoise > 0 && channels == 3) {
      for (int k = 0; k < 3; k++) {
        double alpha = colorNoise * random.nextGaussian();
        for (int c = 0; c < 3; c++) {
          offsets[c] +=
              (float) (alpha * principalColors.deviation(k) * principalColors.direction(k, c));
        }
      }
    }
    return new Distortion(left, top, mirrored, (float) gain, offsets);
  }
}
