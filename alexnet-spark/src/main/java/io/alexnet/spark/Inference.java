package io.alexnet.spark;

import io.alexnet.data.image.Image;
import io.alexnet.data.image.ImageDecoder;
import io.alexnet.data.image.ImageException;
import io.alexnet.data.predict.ImageClassifier;
import io.alexnet.data.predict.Prediction;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Queue;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.TaskCompletionListener;

/** A task's part of {@link AlexNetModel#transform}: rows with what is predicted for each. */
final class Inference implements MapPartitionsFunction<Row, Row> {

  private static final long serialVersionUID = 1L;

  private final Broadcast<ExecutorClassifier> model;
  private final int image;
  private final int name;
  private final int batchSize;
  private final String handleInvalid;

  /**
   * @param image the column of the images' bytes
   * @param name the column of their names; negative for none
   */
  Inference(
      Broadcast<ExecutorClassifier> model,
      int image,
      int name,
      int batchSize,
      String handleInvalid) {
    this.model = model;
    this.image = image;
    this.name = name;
    this.batchSize = batchSize;
    this.handleInvalid = handleInvalid;
  }

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    TaskContext task = TaskContext.get();
    ExecutorClassifier shared = model.value();
    ImageClassifier classifier = shared.borrow(task.cpus());
    task.addTaskCompletionListener((TaskCompletionListener) end -> shared.giveBack());
    return new Predicted(rows, classifier);
  }

  /**
   * @param image null if it is invalid
   */
  private record Decoded(Row row, Image image) {}

  private final class Predicted implements Iterator<Row> {

    private final Iterator<Row> rows;
    private final ImageClassifier classifier;
    private final ImageDecoder decoder = new ImageDecoder();
    private final Queue<Row> ready = new ArrayDeque<>();
    private final int partition = TaskContext.getPartitionId();
    private long read;

    Predicted(Iterator<Row> rows, ImageClassifier classifier) {
      this.rows = rows;
      this.classifier = classifier;
    }

    @Override
    public boolean hasNext() {
      while (ready.isEmpty() && rows.hasNext()) {
        predictBatch();
      }
      return !ready.isEmpty();
    }

    @Override
    public Row next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return ready.remove();
    }

    private void predictBatch() {
      List<Decoded> batch = new ArrayList<>();
      while (batch.size() < batchSize && rows.hasNext()) {
        Row row = rows.next();
        Image image = decode(row);
        if (image != null || handleInvalid.equals("keep")) {
          batch.add(new Decoded(row, image));
        }
      }
      List<Image> images = batch.stream().map(Decoded::image).filter(Objects::nonNull).toList();
      Iterator<List<Prediction>> predictions =
          classifier.classify(images, classifier.classNames().size()).iterator();
      for (Decoded each : batch) {
        ready.add(with(each.row, each.image == null ? null : predictions.next()));
      }
    }

    /** Resized at once, as photographs would fill the memory; null if it is invalid. */
    private Image decode(Row row) {
      String called =
          name < 0 || row.isNullAt(name)
              ? "row %d of partition %d".formatted(read, partition)
              : row.get(name).toString();
      read++;
      try {
        if (row.isNullAt(image)) {
          throw new ImageException(called, "its bytes are null");
        }
        return classifier.preprocessing().resized(decoder.decode(row.getAs(image), called));
      } catch (ImageException e) {
        if (handleInvalid.equals("error")) {
          throw e;
        }
        return null;
      }
    }

    private Row with(Row row, List<Prediction> predictions) {
      Object[] values = new Object[row.size() + 3];
      Arrays.setAll(values, i -> i < row.size() ? row.get(i) : null);
      if (predictions != null) {
        double[] probabilities = new double[predictions.size()];
        predictions.forEach(p -> probabilities[p.index()] = p.probability());
        Prediction best = predictions.get(0);
        values[row.size()] = (double) best.index();
        values[row.size() + 1] = Vectors.dense(probabilities);
        values[row.size() + 2] = best.className();
      }
      return RowFactory.create(values);
    }
  }
}
