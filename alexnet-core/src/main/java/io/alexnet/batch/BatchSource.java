package io.alexnet.batch;

import io.alexnet.tensor.Shape;
import java.util.List;

/**
 * Where training and evaluation take their examples from: the port between data and training, so
 * that neither knows the other.
 */
public interface BatchSource {

  /** Examples in one epoch. */
  int size();

  /** Examples in each batch but the last, which may be smaller. */
  int batchSize();

  /** Shape of one image, without the batch: (channels, height, width). */
  Shape imageShape();

  /** Names of the classes; a label is an index into this list. */
  List<String> classNames();

  /**
   * Opens one epoch. Which examples, in which order and with which random changes, depends on the
   * source's seed and the epoch alone, so that a stopped training can go on where it was.
   *
   * @param epoch from 0
   * @param firstBatch batches to skip, without decoding them
   * @return to be closed before another epoch is opened
   */
  Batches open(int epoch, int firstBatch);

  /**
   * How many consecutive examples are views of the same image, with the same label: 1, or more, as
   * with the ten crops of AlexNet's test. This number divides {@link #size} and {@link #batchSize},
   * so that no batch ends within an image. Evaluation and prediction average over the views;
   * training takes each for an example of its own.
   */
  default int views() {
    return 1;
  }

  /**
   * Tells these examples in this order from others: a {@link Fingerprint}, or empty if it is not
   * known. A training that is resumed in the middle of an epoch insists on the one it began with.
   */
  default String fingerprint() {
    return "";
  }

  /** Batches in one epoch. */
  default int batches() {
    return size() == 0 ? 0 : (size() - 1) / batchSize() + 1;
  }

  /** Examples in an epoch's last batch, 1 to {@link #batchSize()}. */
  default int lastBatchSize() {
    return size() - (batches() - 1) * batchSize();
  }

  /** The batches of one epoch, in order. Used by one thread; close it if you stop early. */
  interface Batches extends AutoCloseable {
    /**
     * The next batch, or null at the end of the epoch. A batch's arrays are valid until the next
     * call: they are used again.
     *
     * @throws java.io.UncheckedIOException if an example cannot be read; the message names it
     */
    Batch next();

    @Override
    void close();
  }
}
