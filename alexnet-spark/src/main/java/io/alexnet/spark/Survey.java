package io.alexnet.spark;

import io.alexnet.batch.Fingerprint;
import io.alexnet.data.ImageStatistics;
import io.alexnet.data.PixelSums;
import io.alexnet.data.Preprocessing;
import io.alexnet.data.image.ImageDecoder;
import io.alexnet.data.image.ImageException;
import io.alexnet.data.image.Normalization;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;

/**
 * What a training has to know of all its rows before it begins, from one pass over them on the
 * executors: how many there are, their labels, and the statistics of the images for training. Each
 * image is decoded, so that a damaged one is found now and not in the middle of an epoch.
 */
final class Survey implements Serializable {

  private static final long serialVersionUID = 1L;

  /** By partition. */
  private final TreeMap<Integer, long[]> training = new TreeMap<>();

  private final TreeMap<Integer, long[]> validation = new TreeMap<>();
  private final TreeMap<Integer, String> fingerprints = new TreeMap<>();
  private final TreeSet<String> labels = new TreeSet<>();
  private final PixelSums pixels;
  private final TreeMap<Integer, String> complaints = new TreeMap<>();

  private Survey(int side) {
    pixels = new PixelSums(3, side);
  }

  /**
   * @param rows of {@link ImageRow#select}
   * @param side of the squares that images are resized to
   * @throws IllegalArgumentException if there are no rows, or one has an invalid value: it is named
   */
  static Survey of(JavaRDD<Row> rows, int side) {
    if (rows.getNumPartitions() == 0) {
      throw new IllegalArgumentException("there are no rows to train with");
    }
    Survey survey =
        rows.mapPartitionsWithIndex(
                (partition, part) -> List.of(ofPartition(partition, part, side)).iterator(), false)
            .treeReduce(Survey::plus);
    if (!survey.complaints.isEmpty()) {
      throw new IllegalArgumentException(survey.complaints.firstEntry().getValue());
    }
    return survey;
  }

  private static Survey ofPartition(int partition, Iterator<Row> rows, int side) {
    Survey survey = new Survey(side);
    Preprocessing square = new Preprocessing(3, side, side, Normalization.unit());
    ImageDecoder decoder = new ImageDecoder();
    Fingerprint fingerprint = new Fingerprint();
    long[] training = new long[1];
    long[] validation = new long[1];
    while (rows.hasNext() && survey.complaints.isEmpty()) {
      String where = "row %d of partition %d".formatted(training[0] + validation[0], partition);
      ImageRow row = new ImageRow(rows.next(), where);
      try {
        String label = row.label();
        byte[] pixels = square.resized(decoder.decode(row.file(), row.name())).pixels();
        if (row.isValidation()) {
          validation[0]++;
        } else {
          training[0]++;
          survey.pixels.add(pixels);
        }
        survey.labels.add(label);
        String name = row.isNamed() ? row.name() : "";
        fingerprint.add(name.substring(name.lastIndexOf('/') + 1)).add(label);
        fingerprint.add(row.file().length).add(row.isValidation() ? 1 : 0);
      } catch (ImageException | IllegalArgumentException e) {
        survey.complaints.put(partition, e.getMessage());
      }
    }
    survey.training.put(partition, training);
    survey.validation.put(partition, validation);
    survey.fingerprints.put(partition, fingerprint.text());
    return survey;
  }

  private Survey plus(Survey other) {
    training.putAll(other.training);
    validation.putAll(other.validation);
    fingerprints.putAll(other.fingerprints);
    labels.addAll(other.labels);
    pixels.add(other.pixels);
    complaints.putAll(other.complaints);
    return this;
  }

  long training() {
    return sum(training);
  }

  long validation() {
    return sum(validation);
  }

  private static long sum(Map<Integer, long[]> counts) {
    return counts.values().stream().mapToLong(count -> count[0]).sum();
  }

  /** For each partition, how many rows the ones before it have. */
  private static long[] before(Map<Integer, long[]> counts) {
    long[] before = new long[counts.size()];
    for (int partition = 1; partition < before.length; partition++) {
      before[partition] = before[partition - 1] + counts.get(partition - 1)[0];
    }
    return before;
  }

  long[] trainingBefore() {
    return before(training);
  }

  long[] validationBefore() {
    return before(validation);
  }

  /** The distinct ones, as {@link ImageRow#label} gives them. */
  Set<String> labels() {
    return labels;
  }

  /** Of the images for training. */
  ImageStatistics statistics() {
    return ImageStatistics.of(pixels);
  }

  /** Of names, labels, sizes and their order, for a training that is resumed to be the same. */
  String fingerprint() {
    Fingerprint fingerprint = new Fingerprint();
    fingerprints.values().forEach(fingerprint::add);
    return fingerprint.text();
  }
}
