package io.alexnet.spark;

import io.alexnet.batch.Fingerprint;
import io.alexnet.data.ImageStatistics;
import io.alexnet.data.PixelSums;
import io.alexnet.data.image.ImageDecoder;
import io.alexnet.data.image.ImageException;
import io.alexnet.data.image.Resize;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.ToLongFunction;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;

/**
 * What a training has to know of all its rows before it begins, from one pass over them on the
 * executors: how many there are, their labels, and the statistics of the images for training. Each
 * image is decoded, so that a damaged one is found now and not in the middle of an epoch.
 */
final class Survey implements Serializable {

  private static final long serialVersionUID = 1L;

  /** Odd, so that no power of it is 0 modulo 2⁶⁴; 2⁶⁴ divided by the golden ratio. */
  private static final long HASH_BASE = 0x9E3779B97F4A7C15L;

  /** What is known of one partition; no record, as Kryo has none. */
  private static final class Part implements Serializable {

    private static final long serialVersionUID = 1L;

    private long training;
    private long validation;
    private String complaint; // null for none

    /** Of names, labels and sizes: Σ h(row)·p^(rows after it), modulo 2⁶⁴, p = HASH_BASE. */
    private long hash;

    /** p^rows, by which a hash is moved before this part's. */
    private long shift = 1;

    void add(Fingerprint row) {
      long h = Long.parseUnsignedLong(row.text().substring(0, 16), 16);
      hash = hash * HASH_BASE + h;
      shift *= HASH_BASE;
    }
  }

  /** By partition. */
  private final TreeMap<Integer, Part> parts = new TreeMap<>();

  private final TreeSet<String> labels = new TreeSet<>();
  private final PixelSums pixels;

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
    for (Part part : survey.parts.values()) {
      if (part.complaint != null) {
        throw new IllegalArgumentException(part.complaint);
      }
    }
    return survey;
  }

  private static Survey ofPartition(int partition, Iterator<Row> rows, int side) {
    Survey survey = new Survey(side);
    ImageDecoder decoder = new ImageDecoder();
    Part part = new Part();
    while (rows.hasNext() && part.complaint == null) {
      String where = "row %d of partition %d".formatted(part.training + part.validation, partition);
      ImageRow row = new ImageRow(rows.next(), where);
      try {
        String label = row.label();
        byte[] pixels = Resize.square(decoder.decode(row.file(), row.name()), side).pixels();
        if (row.isValidation()) {
          part.validation++;
        } else {
          part.training++;
          survey.pixels.add(pixels);
        }
        survey.labels.add(label);
        String name = row.isNamed() ? row.name() : "";
        part.add(
            new Fingerprint()
                .add(name.substring(name.lastIndexOf('/') + 1))
                .add(label)
                .add(row.file().length)
                .add(row.isValidation() ? 1 : 0));
      } catch (ImageException | IllegalArgumentException e) {
        part.complaint = e.getMessage();
      }
    }
    survey.parts.put(partition, part);
    return survey;
  }

  private Survey plus(Survey other) {
    parts.putAll(other.parts);
    labels.addAll(other.labels);
    pixels.add(other.pixels);
    return this;
  }

  long training() {
    return parts.values().stream().mapToLong(part -> part.training).sum();
  }

  long validation() {
    return parts.values().stream().mapToLong(part -> part.validation).sum();
  }

  /** For each partition, how many rows for training the ones before it have. */
  long[] trainingBefore() {
    return before(part -> part.training);
  }

  /** The same of rows for validation. */
  long[] validationBefore() {
    return before(part -> part.validation);
  }

  private long[] before(ToLongFunction<Part> count) {
    long[] before = new long[parts.size()];
    for (int partition = 1; partition < before.length; partition++) {
      before[partition] = before[partition - 1] + count.applyAsLong(parts.get(partition - 1));
    }
    return before;
  }

  /** The distinct ones, as {@link ImageRow#label} gives them. */
  Set<String> labels() {
    return labels;
  }

  /** Of the images for training. */
  ImageStatistics statistics() {
    return ImageStatistics.of(pixels);
  }

  /**
   * Of names, labels, sizes and their order, for a training that is resumed to be the same; not of
   * where partitions begin, which the training does not depend on.
   */
  long fingerprint() {
    long hash = 0;
    for (Part part : parts.values()) {
      hash = hash * part.shift + part.hash;
    }
    return hash;
  }
}
