package io.alexnet.data;

import io.alexnet.batch.BatchSource;
import io.alexnet.data.image.Distortion;
import io.alexnet.data.image.Image;
import io.alexnet.data.image.Normalization;
import io.alexnet.data.image.Resize;
import io.alexnet.format.SafeTensors;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/**
 * How an image becomes what a trained network takes: grey or RGB, its shorter side resized and the
 * centre square cut out, of this the centre or ten crops, normalised. Immutable.
 *
 * <p>A network is right only for images that are prepared as in its training, so {@link #toText}
 * belongs into its file.
 *
 * @param channels 1 (grey) or 3 (RGB)
 * @param resizedSide side of the square that images are resized to, in pixels
 * @param imageSize side of the crop that the network takes, at most as large
 */
public record Preprocessing(
    int channels, int resizedSide, int imageSize, Normalization normalization) {

  private static final String PREFIX = "preprocessing.";
  private static final String CHANNELS = PREFIX + "channels";
  private static final String RESIZE = PREFIX + "resize";
  private static final String CROP = PREFIX + "crop";
  private static final String BINARY = "base64:";

  /** Of a resized image, one for each pixel and channel: a model's file may say anything. */
  private static final long MOST_BYTES = 1 << 28;

  /**
   * Throws {@link IllegalArgumentException} if the sizes do not fit each other, or a resized image
   * would take more than 2²⁸ bytes.
   */
  public Preprocessing {
    if (channels != 1 && channels != 3) {
      throw new IllegalArgumentException("channels must be 1 or 3, not " + channels);
    }
    if (imageSize < 1 || imageSize > resizedSide) {
      throw new IllegalArgumentException(
          "no images of %d pixels can be cut from %d".formatted(imageSize, resizedSide));
    }
    double bytes = (double) resizedSide * resizedSide * channels; // may be no long
    if (bytes > MOST_BYTES) {
      throw new IllegalArgumentException(
          "images of %d×%d×%d take %.0f MB, more than the %d that one may have"
              .formatted(channels, resizedSide, resizedSide, bytes / 1e6, MOST_BYTES / 1_000_000));
    }
    if (!normalization.fits(channels, resizedSide)) {
      throw new IllegalArgumentException(
          "the normalisation is not for images of %d channels resized to %d"
              .formatted(channels, resizedSide));
    }
  }

  /** Of what the network takes: (channels, size, size). */
  public Shape imageShape() {
    return Shape.of(channels, imageSize, imageSize);
  }

  /** Whether images are resized to more than the network takes, so that there are ten crops. */
  public boolean leavesRoomForCrops() {
    return resizedSide > imageSize;
  }

  /** The dataset's images, resized. */
  public ResizedImages resized(Dataset dataset) {
    return ResizedImages.of(dataset, resizedSide).channels(channels);
  }

  /**
   * All images in their order, as for a test: the centre of each, or its ten crops.
   *
   * @param images as {@link #resized} gives them
   * @throws IllegalArgumentException if they are of another size, or if ten crops are asked for and
   *     there is no room for them
   */
  public BatchSource batches(ResizedImages images, int batchSize, boolean tenCrops) {
    if (images.side() != resizedSide || images.channels() != channels) {
      throw new IllegalArgumentException(
          "images of %d×%d×%d, not %d×%d×%d: take those that resized(dataset) gives"
              .formatted(
                  images.channels(),
                  images.side(),
                  images.side(),
                  channels,
                  resizedSide,
                  resizedSide));
    }
    return Batches.of(images)
        .imageSize(imageSize)
        .batchSize(batchSize)
        .tenCrops(tenCrops)
        .normalization(normalization)
        .build();
  }

  /** Views of an image: 10 crops or 1. */
  public static int views(boolean tenCrops) {
    return tenCrops ? TenCrops.VIEWS : 1;
  }

  /**
   * The square that crops are taken from; of this square itself. Small, where a photograph takes
   * megabytes, so the better one to keep.
   */
  public Image resized(Image image) {
    return Resize.square(image.withChannels(channels), resizedSide);
  }

  /** The centre crop as the network sees it, but for the normalisation. */
  public Image crop(Image image) {
    int margin = (resizedSide - imageSize) / 2;
    return resized(image).crop(margin, margin, imageSize, imageSize);
  }

  /**
   * Images as the network takes them: the same numbers that {@link #batches} has.
   *
   * @param images one at least
   * @return (images·views, channels, size, size), the views of an image one after another
   */
  public Tensor batch(List<Image> images, boolean tenCrops) {
    int rows = Math.multiplyExact(images.size(), views(tenCrops));
    Tensor batch = Tensor.zeros(imageShape().prepend(rows));
    int perImage = batch.size() / images.size();
    for (int i = 0; i < images.size(); i++) {
      write(images.get(i), tenCrops, batch.array(), i * perImage);
    }
    return batch;
  }

  private void write(Image image, boolean tenCrops, float[] target, int offset) {
    byte[] pixels = resized(image).pixels();
    float[] table = new float[256];
    int views = views(tenCrops);
    for (int view = 0; view < views; view++) {
      Distortion crop =
          TenCrops.view(tenCrops ? view : TenCrops.CENTRE, resizedSide, imageSize, channels);
      int at = offset + view * imageShape().size();
      normalization.write(pixels, resizedSide, channels, crop, imageSize, target, at, table);
    }
  }

  /**
   * As text for a model file's metadata, under keys that begin with {@value #PREFIX}. Numbers are
   * decimal and separated by spaces; those of a mean image, which are many, are little-endian
   * float32 in Base64.
   *
   * @throws IllegalArgumentException as {@link #requireTextOf} if there is a mean image
   */
  public Map<String, String> toText() {
    if (normalization.side() > 1) {
      requireTextOf(channels, normalization.side());
    }
    Map<String, String> text = new LinkedHashMap<>();
    text.put(CHANNELS, Integer.toString(channels));
    text.put(RESIZE, Integer.toString(resizedSide));
    text.put(CROP, Integer.toString(imageSize));
    normalization.toMap().forEach((name, values) -> text.put(PREFIX + name, toText(values)));
    return text;
  }

  /**
   * Throws {@link IllegalArgumentException} if a mean image of this size makes a longer text than a
   * model's file can have: in colour from a side of 1119 pixels on.
   */
  public static void requireTextOf(int channels, int side) {
    double numbers = (SafeTensors.LONGEST_TEXT - BINARY.length()) * 3.0 / 16; // 4 bytes in Base64
    if ((double) channels * side * side > numbers) {
      throw new IllegalArgumentException(
          "a mean image of %d×%d×%d is more than a model's file has room for: its side may be %d"
              .formatted(channels, side, side, (int) Math.sqrt(numbers / channels)));
    }
  }

  /**
   * What {@link #toText} gave; other keys are not looked at.
   *
   * @throws IllegalArgumentException if something is missing or is not what it should be
   */
  public static Preprocessing ofText(Map<String, String> text) {
    Map<String, float[]> numbers = new LinkedHashMap<>();
    for (String name : Normalization.unit().toMap().keySet()) {
      numbers.put(name, numbers(text, PREFIX + name));
    }
    return new Preprocessing(
        number(text, CHANNELS),
        number(text, RESIZE),
        number(text, CROP),
        Normalization.fromMap(numbers));
  }

  /** Whether a model file's metadata have {@link #toText}, or begin to. */
  public static boolean isIn(Map<String, String> text) {
    return text.containsKey(CHANNELS);
  }

  private static String toText(float[] values) {
    if (values.length > 3) {
      ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES);
      bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values);
      return BINARY + Base64.getEncoder().encodeToString(bytes.array());
    }
    StringJoiner text = new StringJoiner(" ");
    for (float value : values) {
      text.add(Float.toString(value));
    }
    return text.toString();
  }

  private static float[] numbers(Map<String, String> text, String key) {
    String value = get(text, key);
    try {
      if (value.startsWith(BINARY)) {
        byte[] bytes = Base64.getDecoder().decode(value.substring(BINARY.length()));
        float[] numbers = new float[bytes.length / Float.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(numbers);
        return numbers;
      }
      List<String> words = Arrays.asList(value.split(" "));
      float[] numbers = new float[words.size()];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = Float.parseFloat(words.get(i));
      }
      return numbers;
    } catch (IllegalArgumentException e) {
      throw notNumbers(key, value, e);
    }
  }

  private static int number(Map<String, String> text, String key) {
    String value = get(text, key);
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw notNumbers(key, value, e);
    }
  }

  private static IllegalArgumentException notNumbers(String key, String value, Exception cause) {
    String shown = value.length() > 40 ? value.substring(0, 40) + "…" : value;
    return new IllegalArgumentException(key + " is no number: '" + shown + "'", cause);
  }

  private static String get(Map<String, String> text, String key) {
    String value = text.get(key);
    if (value == null) {
      throw new IllegalArgumentException(key + " is missing");
    }
    return value;
  }
}
