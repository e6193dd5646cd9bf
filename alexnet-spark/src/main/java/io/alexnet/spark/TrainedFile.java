package io.alexnet.spark;

import io.alexnet.data.Preprocessing;
import io.alexnet.data.predict.ImageClassifier;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/** A trained network's file in memory, and its way to the executors. */
final class TrainedFile implements Serializable, AutoCloseable {

  private static final long serialVersionUID = 1L;

  private final byte[] file;
  private final List<String> classNames;
  private final LinkedHashMap<String, String> preprocessing;
  private transient SparkContext context;
  private transient Broadcast<ExecutorClassifier> broadcast; // null for none

  private TrainedFile(byte[] file, Preprocessing preprocessing, List<String> classNames) {
    this.file = file;
    this.preprocessing = new LinkedHashMap<>(preprocessing.toText());
    this.classNames = classNames;
  }

  /**
   * Looks whether all is there.
   *
   * @param file as {@link ImageClassifier#save} writes it; not copied
   * @throws java.io.UncheckedIOException if it is damaged or of another network
   */
  static TrainedFile of(byte[] file, GraphSource network) {
    try (ImageClassifier classifier = ExecutorClassifier.open(file, network, 1, 1)) {
      return new TrainedFile(file, classifier.preprocessing(), classifier.classNames());
    }
  }

  byte[] file() {
    return file;
  }

  List<String> classNames() {
    return classNames;
  }

  Preprocessing preprocessing() {
    return Preprocessing.ofText(preprocessing);
  }

  synchronized Broadcast<ExecutorClassifier> broadcast(SparkContext spark, NetworkOptions network) {
    if (broadcast == null || context != spark) {
      context = spark;
      broadcast =
          JavaSparkContext.fromSparkContext(spark).broadcast(new ExecutorClassifier(file, network));
    }
    return broadcast;
  }

  synchronized Optional<Broadcast<ExecutorClassifier>> broadcast() {
    return Optional.ofNullable(broadcast);
  }

  @Override
  public synchronized void close() {
    if (broadcast != null && !context.isStopped()) {
      broadcast.destroy();
    }
    broadcast = null;
    context = null;
  }
}
