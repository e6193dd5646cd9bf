package io.alexnet.data.source;

import io.alexnet.data.Dataset;
import io.alexnet.data.DatasetException;
import io.alexnet.data.Split;
import io.alexnet.format.Npz;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Images in an {@code .npz} file of NumPy arrays, named as in Keras' {@code mnist.npz}: {@code
 * x_train} and {@code y_train} and, for a test set, {@code x_test} and {@code y_test}. x is uint8,
 * (images, height, width), (images, height, width, 1) or (images, height, width, 3); y whole
 * numbers from 0 to 255, (images) or (images, 1). Classes are called by their numbers. All is held
 * in memory.
 */
public final class NpzImages {

  private static final int MOST_CLASSES = 256;

  private NpzImages() {}

  /**
   * The training and test set, or a stratified random split if there is no test set.
   *
   * @param trainFraction share of training in a random split
   * @throws DatasetException if the file is missing, damaged or does not hold such arrays
   */
  public static Split split(Path file, double trainFraction, long seed) {
    try (Npz arrays = Npz.open(file)) {
      requireMemory(arrays, file);
      Map<String, byte[]> labels = labels(arrays, file);
      Dataset train = open(arrays, file, "train", labels);
      return hasTest(arrays)
          ? new Split(train, open(arrays, file, "test", labels))
          : train.split(trainFraction, seed);
    } catch (IOException e) {
      throw new DatasetException(e.getMessage(), e);
    }
  }

  /**
   * What a trained network is tested with: the test set, or all images if there is none.
   *
   * @throws DatasetException as for {@link #split}
   */
  public static Dataset forTest(Path file) {
    try (Npz arrays = Npz.open(file)) {
      return open(arrays, file, hasTest(arrays) ? "test" : "train", labels(arrays, file));
    } catch (IOException e) {
      throw new DatasetException(e.getMessage(), e);
    }
  }

  private static void requireMemory(Npz arrays, Path file) throws IOException {
    long bytes = 0;
    for (String part : parts(arrays)) {
      bytes += arrays.shape("x_" + part).size();
    }
    if (bytes > Runtime.getRuntime().maxMemory() / 4 * 3) {
      throw new DatasetException(
          "%s: its images take %d MB of memory, more than the JVM may have: give it more with -Xmx"
              .formatted(file, bytes / 1_000_000));
    }
  }

  private static boolean hasTest(Npz arrays) {
    return arrays.names().contains("x_test");
  }

  private static List<String> parts(Npz arrays) {
    return hasTest(arrays) ? List.of("train", "test") : List.of("train");
  }

  /** Of each part. */
  private static Map<String, byte[]> labels(Npz arrays, Path file) throws IOException {
    Map<String, byte[]> labels = new HashMap<>();
    for (String part : parts(arrays)) {
      labels.put(part, labels(arrays, file, part));
    }
    return labels;
  }

  /** The names of the classes, as many as the largest label of any part asks for. */
  private static List<String> classNames(Map<String, byte[]> labels) {
    int classes = 0;
    for (byte[] ofPart : labels.values()) {
      for (byte label : ofPart) {
        classes = Math.max(classes, (label & 0xFF) + 1);
      }
    }
    return IntStream.range(0, classes).mapToObj(Integer::toString).toList();
  }

  private static byte[] labels(Npz arrays, Path file, String part) throws IOException {
    String name = "y_" + part;
    Tensor y = arrays.read(name);
    Shape shape = y.shape();
    if (shape.rank() == 0 || shape.size() != shape.dimension(0)) {
      throw wrong(file, name, "is %s, not a label for each image".formatted(shape));
    }
    byte[] labels = new byte[y.size()];
    for (int i = 0; i < labels.length; i++) {
      float label = y.array()[i];
      if (!(label >= 0 && label < MOST_CLASSES && label == (int) label)) {
        throw wrong(
            file,
            name,
            "label %s of image %d is no whole number from 0 to 255".formatted(label, i));
      }
      labels[i] = (byte) label;
    }
    return labels;
  }

  private static Dataset open(Npz arrays, Path file, String part, Map<String, byte[]> allLabels)
      throws IOException {
    String name = "x_" + part;
    Shape shape = arrays.shape(name);
    int channels = shape.rank() == 4 ? shape.dimension(3) : 1;
    if (shape.rank() != 3 && shape.rank() != 4 || channels != 1 && channels != 3) {
      throw wrong(
          file,
          name,
          "is %s, not images×height×width or images×height×width×1 or 3; transpose it"
              .formatted(shape));
    }
    byte[] labels = allLabels.get(part);
    if (labels.length != shape.dimension(0)) {
      throw wrong(
          file,
          name,
          "holds %d images, but y_%s %d labels".formatted(shape.dimension(0), part, labels.length));
    }
    if (!arrays.type(name).equals("u1")) {
      throw wrong(
          file,
          name,
          "is not of uint8: save it from 0 to 255 as numpy.uint8, or train on floats with"
              + " ArrayBatches");
    }
    return new RawImages(
        file + ", " + name,
        shape.dimension(2),
        shape.dimension(1),
        channels,
        arrays.readBytes(name),
        labels,
        classNames(allLabels));
  }

  private static DatasetException wrong(Path file, String array, String problem) {
    return new DatasetException(file + ": " + array + " " + problem);
  }
}
