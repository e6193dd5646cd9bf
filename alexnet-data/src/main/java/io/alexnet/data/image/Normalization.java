package io.alexnet.data.image;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How a sample v in [0, 1] becomes the network's input: (v − mean) / deviation, with a mean for
 * each channel or for each place of the image. Immutable.
 *
 * <p>A trained network understands only the normalisation it was trained with: store {@link #toMap}
 * beside its weights.
 */
public final class Normalization {

  private static final String MEAN = "normalization.mean";
  private static final String DEVIATION = "normalization.deviation";

  private final float[] mean;
  private final float[] deviation;

  private Normalization(float[] mean, float[] deviation) {
    for (float d : deviation) {
      if (!(d > 0 && d < Float.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "deviations must be positive: " + Arrays.toString(deviation));
      }
    }
    if (deviation.length != 1 && deviation.length != 3) {
      throw new IllegalArgumentException(
          "deviations of " + deviation.length + " channels, not 1 or 3");
    }
    int places = mean.length / deviation.length;
    int side = (int) Math.round(Math.sqrt(places));
    if (mean.length == 0 || side * side * deviation.length != mean.length) {
      throw new IllegalArgumentException(
          mean.length
              + " means for "
              + deviation.length
              + " channels: neither one each nor a square each");
    }
    this.mean = mean;
    this.deviation = deviation;
  }

  /** Samples as they are, in [0, 1], for grey and for colour. */
  public static Normalization unit() {
    return new Normalization(new float[] {0}, new float[] {1});
  }

  /** One mean and deviation for each channel, or one for all channels, in [0, 1] units. */
  public static Normalization perChannel(float[] mean, float[] deviation) {
    if (mean.length != deviation.length) {
      throw new IllegalArgumentException(
          mean.length + " means for " + deviation.length + " channels");
    }
    return new Normalization(mean.clone(), deviation.clone());
  }

  /**
   * A mean for each place of the resized square that crops are taken from, as in AlexNet's paper
   * (§2). Deviations of 1/255 leave samples in the range that its initial weights expect, −255 to
   * 255.
   *
   * @param mean [channels][side][side], in [0, 1] units
   * @param deviation [channels], in [0, 1] units
   */
  public static Normalization meanImage(float[] mean, float[] deviation) {
    return new Normalization(mean.clone(), deviation.clone());
  }

  /** Side of the mean image; 1 if there is one mean for each channel. */
  public int side() {
    return (int) Math.round(Math.sqrt(mean.length / deviation.length));
  }

  /** Whether images of this kind can be normalised: resized to side × side. */
  public boolean fits(int channels, int side) {
    return (deviation.length == channels || mean.length == 1) && (side() == 1 || side() == side);
  }

  /**
   * Writes a distorted, normalised crop: [height][width][channels] bytes to [channels][size][size]
   * floats.
   *
   * @param pixels [side][side][channels]
   * @param size of the crop
   * @param target written from {@code offset} on
   * @param table scratch space of at least 256 floats
   */
  public void write(
      byte[] pixels,
      int side,
      int channels,
      Distortion distortion,
      int size,
      float[] target,
      int offset,
      float[] table) {
    boolean image = side() > 1;
    for (int c = 0; c < channels; c++) {
      int parameter = Math.min(c, deviation.length - 1);
      float scale = 1 / deviation[parameter];
      float subtracted = image ? 0 : mean[parameter];
      for (int v = 0; v < 256; v++) {
        float distorted = distortion.gain() * (v / 255f) + distortion.offsets()[c];
        table[v] = (distorted - subtracted) * scale;
      }
      for (int y = 0; y < size; y++) {
        int row = inside(distortion.top() + y, side) * side;
        int at = offset + (c * size + y) * size;
        for (int x = 0; x < size; x++) {
          int across = distortion.mirror() ? size - 1 - x : x;
          int place = row + inside(distortion.left() + across, side);
          float value = table[pixels[place * channels + c] & 0xFF];
          target[at + x] = image ? value - mean[c * side * side + place] * scale : value;
        }
      }
    }
  }

  private static int inside(int place, int side) {
    return Math.max(0, Math.min(place, side - 1));
  }

  /** The numbers to store beside a model, by name. */
  public Map<String, float[]> toMap() {
    Map<String, float[]> map = new LinkedHashMap<>();
    map.put(MEAN, mean.clone());
    map.put(DEVIATION, deviation.clone());
    return map;
  }

  /**
   * What {@link #toMap} gave; other names in the map are not looked at.
   *
   * @throws IllegalArgumentException if a name is missing or an array's length is wrong
   */
  public static Normalization fromMap(Map<String, float[]> map) {
    if (!map.containsKey(MEAN) || !map.containsKey(DEVIATION)) {
      throw new IllegalArgumentException(
          "no " + MEAN + " and " + DEVIATION + " in " + map.keySet());
    }
    return new Normalization(map.get(MEAN).clone(), map.get(DEVIATION).clone());
  }
}
