package io.alexnet.batch;

import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Batches of examples that lie in memory, as arrays from NumPy do ({@link io.alexnet.format.Npz}):
 * x of (examples, channels, height, width), or (examples, features), as the network takes it, and
 * y, a label for each.
 *
 * <pre>{@code
 * try (Npz arrays = Npz.open(file)) {
 *   BatchSource train =
 *       ArrayBatches.of(arrays.read("x"), arrays.read("y")).batchSize(64).shuffle(1);
 * }
 * }</pre>
 *
 * <p>As first made, batches hold 32 examples in the arrays' order. Immutable; the arrays are
 * shared, not copied, and to be left as they are.
 */
public final class ArrayBatches implements BatchSource {

  /** Each has a name; labels beyond are no classes but something else. */
  private static final int MOST_CLASSES = 1 << 20;

  private final Tensor x;
  private final int[] y;
  private final List<String> classNames;
  private final int batchSize;
  private final Long seed;

  private ArrayBatches(Tensor x, int[] y, List<String> classNames, int batchSize, Long seed) {
    this.x = x;
    this.y = y;
    this.classNames = classNames;
    this.batchSize = batchSize;
    this.seed = seed;
  }

  /**
   * The classes are called by their numbers, from 0 to the largest label.
   *
   * @throws IllegalArgumentException if there is not a label from 0 to 1,048,575 for each example
   */
  public static ArrayBatches of(Tensor x, int[] y) {
    if (x.shape().rank() < 2) {
      throw new IllegalArgumentException(
          "x must be of examples with features or pixels, not of shape " + x.shape());
    }
    if (x.shape().dimension(0) != y.length) {
      throw new IllegalArgumentException(
          "x must be of %d examples, as there are labels, not of shape %s"
              .formatted(y.length, x.shape()));
    }
    int smallest = Arrays.stream(y).min().orElseThrow();
    if (smallest < 0) {
      throw new IllegalArgumentException("labels must be from 0 on, not " + smallest);
    }
    return new ArrayBatches(x, y, numbers(Arrays.stream(y).max().orElseThrow() + 1L), 32, null);
  }

  /**
   * The same with labels of whole numbers in a tensor of shape (examples) or (examples, 1).
   *
   * @throws IllegalArgumentException as {@link #of(Tensor, int[])}, and if y is of another shape or
   *     a label is no whole number
   */
  public static ArrayBatches of(Tensor x, Tensor y) {
    int[] labels = new int[y.size()];
    if (y.shape().rank() == 0 || labels.length != y.shape().dimension(0)) {
      throw new IllegalArgumentException("y must be a label for each example, not " + y.shape());
    }
    for (int i = 0; i < labels.length; i++) {
      float label = y.array()[y.offset() + i];
      if (Math.rint(label) != label) {
        throw new IllegalArgumentException(
            "label %d is %s, not a whole number".formatted(i, label));
      }
      labels[i] = (int) label; // one beyond the integers stays out of range
    }
    return of(x, labels);
  }

  private static List<String> numbers(long count) {
    if (count > MOST_CLASSES) {
      throw new IllegalArgumentException(
          "there can be at most %d classes, not %d".formatted(MOST_CLASSES, count));
    }
    return IntStream.range(0, (int) count).mapToObj(Integer::toString).toList();
  }

  /**
   * So many classes, called by their numbers: for data in which the last ones do not occur.
   *
   * @throws IllegalArgumentException if a label is none of them, or they are more than 1,048,576
   */
  public ArrayBatches classes(int count) {
    return classNames(numbers(count));
  }

  /**
   * Names of the classes.
   *
   * @throws IllegalArgumentException if a label has none
   */
  public ArrayBatches classNames(List<String> names) {
    int largest = Arrays.stream(y).max().orElseThrow();
    if (largest >= names.size()) {
      throw new IllegalArgumentException(
          "label %d is none of the %d classes".formatted(largest, names.size()));
    }
    return new ArrayBatches(x, y, List.copyOf(names), batchSize, seed);
  }

  /**
   * Examples in a batch; the last one of an epoch holds what is left.
   *
   * @throws IllegalArgumentException if under 1
   */
  public ArrayBatches batchSize(int batchSize) {
    if (batchSize < 1) {
      throw new IllegalArgumentException("batch size must be at least 1, not " + batchSize);
    }
    return new ArrayBatches(x, y, classNames, batchSize, seed);
  }

  /** Gives each epoch an order of its own, drawn from the seed and the epoch. */
  public ArrayBatches shuffle(long seed) {
    return new ArrayBatches(x, y, classNames, batchSize, seed);
  }

  @Override
  public int size() {
    return y.length;
  }

  @Override
  public int batchSize() {
    return batchSize;
  }

  @Override
  public Shape imageShape() {
    return x.shape().dropFirst();
  }

  @Override
  public List<String> classNames() {
    return classNames;
  }

  /** Of the arrays' contents and the seed; reads all of them. */
  @Override
  public String fingerprint() {
    Fingerprint fingerprint = new Fingerprint().add(String.valueOf(seed));
    fingerprint.add(x.shape().toString()).add(x.array(), x.offset(), x.size());
    for (int label : y) {
      fingerprint.add(label);
    }
    return fingerprint.text();
  }

  @Override
  public Batches open(int epoch, int firstBatch) {
    Objects.checkIndex(firstBatch, batches() + 1);
    int[] order = order(epoch);
    Batch full = empty(Math.min(batchSize, size()));
    Batch last = lastBatchSize() == full.size() ? full : empty(lastBatchSize());
    int elements = imageShape().size();
    return new Batches() {
      private int batch = firstBatch;

      @Override
      public Batch next() {
        if (batch >= batches()) {
          return null;
        }
        Batch next = batch == batches() - 1 ? last : full;
        for (int n = 0; n < next.size(); n++) {
          int example = order[batch * batchSize + n];
          System.arraycopy(
              x.array(),
              x.offset() + example * elements,
              next.images().array(),
              n * elements,
              elements);
          next.labels()[n] = y[example];
        }
        batch++;
        return next;
      }

      @Override
      public void close() {}
    };
  }

  private Batch empty(int size) {
    return new Batch(Tensor.zeros(imageShape().prepend(size)), new int[size]);
  }

  private int[] order(int epoch) {
    int[] order = IntStream.range(0, size()).toArray();
    if (seed != null) {
      Random random = new Random(seed * 0x9E3779B97F4A7C15L + epoch);
      for (int i = order.length - 1; i > 0; i--) {
        int j = random.nextInt(i + 1);
        int swapped = order[i];
        order[i] = order[j];
        order[j] = swapped;
      }
    }
    return order;
  }
}
