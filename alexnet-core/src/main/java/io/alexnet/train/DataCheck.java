package io.alexnet.train;

import io.alexnet.batch.Batch;
import io.alexnet.batch.BatchSource;
import io.alexnet.format.OneLine;
import io.alexnet.graph.Network;
import java.util.List;

/** Whether data fit a network; what does not is an {@link IllegalArgumentException}. */
final class DataCheck {

  private DataCheck() {}

  /**
   * @param name of the data in messages, as in {@code "validation data"}
   */
  static void source(BatchSource source, String name, Network network) {
    if (source.size() < 1) {
      throw new IllegalArgumentException("the " + name + " has no examples");
    }
    if (source.batchSize() < 1) {
      throw new IllegalArgumentException(
          "the batch size must be at least 1, not " + source.batchSize());
    }
    int views = source.views();
    if (views < 1 || source.size() % views != 0 || source.batchSize() % views != 0) {
      throw new IllegalArgumentException(
          "the %s has %d examples in batches of %d, which %d views of each image do not divide"
              .formatted(name, source.size(), source.batchSize(), views));
    }
    int classes = source.classNames().size();
    int outputs = network.outputShape().size();
    if (classes != outputs) {
      throw new IllegalArgumentException(
          "the %s has %d classes but the network %d outputs: give the network as many outputs, or the data the names of all classes"
              .formatted(name, classes, outputs));
    }
    for (String className : source.classNames()) {
      if (className.isEmpty() || OneLine.isBroken(className)) {
        throw new IllegalArgumentException(
            "the %s has a class named \"%s\": names of classes are kept one a line"
                .formatted(name, className.replace("\n", "\\n").replace("\r", "\\r")));
      }
    }
    if (!source.imageShape().equals(network.inputShape())) {
      throw new IllegalArgumentException(
          "the %s has images of %s but the network takes %s"
              .formatted(name, source.imageShape(), network.inputShape()));
    }
  }

  /** Else a label of the one would mean another class than in the other. */
  static void sameClasses(List<String> training, List<String> validation) {
    for (int i = 0; i < training.size(); i++) {
      if (!training.get(i).equals(validation.get(i))) {
        throw new IllegalArgumentException(
            "class %d is '%s' in the training data and '%s' in the validation data"
                .formatted(i, training.get(i), validation.get(i)));
      }
    }
  }

  static void labels(Batch batch, int classes) {
    labels(batch.labels(), classes);
    if (batch.share() < 1) {
      labels(batch.partnerLabels(), classes);
    }
  }

  private static void labels(int[] labels, int classes) {
    for (int label : labels) {
      if (label < 0 || label >= classes) {
        throw new IllegalArgumentException(
            "a label of %d in the data, but there are %d classes".formatted(label, classes));
      }
    }
  }
}
