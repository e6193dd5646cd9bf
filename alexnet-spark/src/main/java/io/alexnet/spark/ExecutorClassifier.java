package io.alexnet.spark;

import io.alexnet.data.predict.ImageClassifier;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.SparkEnv;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model on an executor, as a broadcast value: all tasks there share one {@link ImageClassifier},
 * which the first of them opens.
 *
 * <p>Spark's memory store closes a broadcast value when it removes it: when the broadcast is
 * destroyed or Spark stops, but also to make room, while tasks are still at work with it. The
 * classifier is therefore closed when the last of them is done, and opened anew for one that comes
 * even later.
 */
final class ExecutorClassifier implements Serializable, AutoCloseable {

  private static final long serialVersionUID = 1L;

  private static final Logger LOG = LoggerFactory.getLogger(ExecutorClassifier.class);

  private final byte[] file;
  private final NetworkOptions network;
  private transient ImageClassifier classifier;
  private transient int borrowers;
  private transient boolean removed;
  private transient int opened;

  /**
   * @param file as {@link ImageClassifier#save} writes it
   */
  ExecutorClassifier(byte[] file, NetworkOptions network) {
    this.file = file;
    this.network = network;
  }

  /**
   * How many tasks of so many cores this executor runs at the same time, as far as it says. In
   * local mode, where the driver is the executor, Spark does not look at the executors' cores.
   */
  static int slots(int cpus) {
    SparkEnv spark = SparkEnv.get();
    int processors = Runtime.getRuntime().availableProcessors();
    boolean local = spark.executorId().equals("driver");
    int cores = local ? processors : spark.conf().getInt("spark.executor.cores", processors);
    return Math.max(1, cores / cpus);
  }

  /**
   * The executor's classifier, to be given back.
   *
   * @param cpus of the task
   */
  synchronized ImageClassifier borrow(int cpus) {
    if (classifier == null) {
      classifier = open(file, network, slots(cpus), cpus);
      opened++;
      LOG.info("classifier opened: {} classes", classifier.classNames().size());
    }
    borrowers++;
    return classifier;
  }

  synchronized void giveBack() {
    borrowers--;
    closeIfUnused();
  }

  @Override
  public synchronized void close() {
    removed = true;
    closeIfUnused();
  }

  private void closeIfUnused() {
    if (removed && borrowers == 0 && classifier != null) {
      classifier.close();
      classifier = null;
    }
  }

  /** How often the classifier has been opened here: once, unless it was removed in between. */
  synchronized int opened() {
    return opened;
  }

  synchronized boolean isOpen() {
    return classifier != null;
  }

  /**
   * Opens a model's file from memory.
   *
   * @throws UncheckedIOException if it is damaged or of another network, or there is no room for a
   *     temporary file
   */
  static ImageClassifier open(byte[] file, GraphSource network, int workspaces, int threads) {
    try {
      ImageClassifier classifier = null;
      try (TemporaryFolder folder = new TemporaryFolder()) {
        Path path = folder.path().resolve("model.safetensors");
        Files.write(path, file);
        try {
          classifier = ImageClassifier.open(path, network.graph(), workspaces, threads);
        } catch (IOException e) { // of a file that nobody can look at
          throw new IOException(e.getMessage().replace(path + ": ", ""), e);
        }
      } catch (Throwable t) {
        if (classifier != null) {
          classifier.close(); // the folder cannot be deleted; nobody else can close it
        }
        throw t;
      }
      return classifier;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot open the model: " + e.getMessage(), e);
    }
  }
}
