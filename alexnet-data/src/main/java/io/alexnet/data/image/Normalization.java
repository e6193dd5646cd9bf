package io.alexnet.data.image;

import io.alexnet.data.image.Distortion.Rectangle;
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
    for (float m : mean) {
      if (!Float.isFinite(m)) {
        throw new IllegalArgumentException("means must be finite, not " + m);
      }
    }
    this.mean = mean;
    this.deviation = deviation;
  }

  /** Samples as they are, in [0, 1], for grey and for colour. */
  public static Normalization unit() {
    return new Normalization(new float[] {0}, new float[] {1});
  }

  /**
   * By the means and deviations of ImageNet's red, green and blue: what torchvision's trained
   * networks take.
   */
  public static Normalization imageNet() {
    return new Normalization(
        new float[] {0.485f, 0.456f, 0.406f}, new float[] {0.229f, 0.224f, 0.225f});
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
    Crop crop = Crop.of(pixels, side, channels, distortion, size);
    if (distortion.keepsChannelsApart()) {
      writeByTable(crop, channels, distortion, target, offset, table);
    } else {
      writeMixed(crop, distortion, target, offset);
    }
    if (side() > 1) {
      subtractMeanImage(channels, distortion, size, target, offset);
    }
    cutOut(distortion.cutout(), channels, size, target, offset);
  }

  /** Each channel by itself: a table has what becomes of the 256 values of a sample. */
  private void writeByTable(
      Crop crop, int channels, Distortion distortion, float[] target, int offset, float[] table) {
    byte[] pixels = crop.pixels();
    int size = crop.size();
    int step = crop.step();
    int at = offset;
    for (int c = 0; c < channels; c++) {
      float gain = distortion.mix()[c * (channels + 1)];
      float scale = 1 / deviation(c);
      float subtracted = mean(c);
      for (int v = 0; v < 256; v++) {
        float distorted = gain * (v / 255f) + distortion.offsets()[c];
        table[v] = (distorted - subtracted) * scale;
      }
      for (int y = 0; y < size; y++) {
        int from = crop.first() + y * crop.row() + c;
        for (int x = 0; x < size; x++) {
          target[at + x] = table[pixels[from + x * step] & 0xFF];
        }
        at += size;
      }
    }
  }

  /** Red, green and blue, each of all three. */
  private void writeMixed(Crop crop, Distortion distortion, float[] target, int offset) {
    float[] m = distortion.mix().clone();
    float[] b = distortion.offsets().clone();
    for (int c = 0; c < 3; c++) {
      float scale = 1 / deviation(c);
      for (int k = 0; k < 3; k++) {
        m[3 * c + k] *= scale / 255;
      }
      b[c] = (b[c] - mean(c)) * scale;
    }
    byte[] pixels = crop.pixels();
    int size = crop.size();
    int step = crop.step();
    int plane = size * size;
    int at = offset;
    for (int y = 0; y < size; y++) {
      int from = crop.first() + y * crop.row();
      for (int x = 0; x < size; x++) {
        float red = pixels[from + x * step] & 0xFF;
        float green = pixels[from + x * step + 1] & 0xFF;
        float blue = pixels[from + x * step + 2] & 0xFF;
        target[at + x] = m[0] * red + m[1] * green + m[2] * blue + b[0];
        target[at + plane + x] = m[3] * red + m[4] * green + m[5] * blue + b[1];
        target[at + 2 * plane + x] = m[6] * red + m[7] * green + m[8] * blue + b[2];
      }
      at += size;
    }
  }

  /** Of a crop that is resampled, the mean of the nearest place is taken: it changes but slowly. */
  private void subtractMeanImage(
      int channels, Distortion distortion, int size, float[] target, int offset) {
    Rectangle source = distortion.source();
    int side = side();
    int[] rows = Crop.places(source.top(), source.height(), side, size);
    int[] columns = Crop.places(source.left(), source.width(), side, size);
    int at = offset;
    for (int c = 0; c < channels; c++) {
      float scale = 1 / deviation(c);
      for (int row : rows) {
        int from = (c * side + row) * side;
        for (int x = 0; x < size; x++) {
          int column = columns[distortion.mirror() ? size - 1 - x : x];
          target[at + x] -= mean[from + column] * scale;
        }
        at += size;
      }
    }
  }

  private static void cutOut(Rectangle hole, int channels, int size, float[] target, int offset) {
    for (int c = 0; c < channels; c++) {
      for (int y = hole.top(); y < hole.top() + hole.height(); y++) {
        int from = offset + (c * size + y) * size + hole.left();
        Arrays.fill(target, from, from + hole.width(), 0);
      }
    }
  }

  /** What is subtracted from all of a channel; a mean image is subtracted place by place. */
  private float mean(int channel) {
    return side() > 1 ? 0 : mean[Math.min(channel, mean.length - 1)];
  }

  private float deviation(int channel) {
    return deviation[Math.min(channel, deviation.length - 1)];
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Normalization normalization
        && Arrays.equals(mean, normalization.mean)
        && Arrays.equals(deviation, normalization.deviation);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(mean) + Arrays.hashCode(deviation);
  }

  @Override
  public String toString() {
    String means = side() == 1 ? Arrays.toString(mean) : "image of " + side() + "×" + side();
    return "mean " + means + ", deviation " + Arrays.toString(deviation);
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
