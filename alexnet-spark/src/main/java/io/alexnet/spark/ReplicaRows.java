package io.alexnet.spark;

import io.alexnet.batch.BatchSource;
import io.alexnet.batch.Fingerprint;
import io.alexnet.data.Batches;
import io.alexnet.data.Preprocessing;
import io.alexnet.data.ResizedImages;
import io.alexnet.data.image.PrincipalColors;
import io.alexnet.data.random.SplitMix64;
import io.alexnet.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.BarrierTaskInfo;
import org.apache.spark.HashPartitioner;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;
import scala.Tuple2;

/**
 * Deals the rows of a DataFrame out to replicas like cards, one by one in their order, so that
 * their shares differ by one row at most, and makes batches of a replica's rows.
 */
final class ReplicaRows implements ReplicaData<LabelledFile> {

  private static final long serialVersionUID = 1L;

  private final ArrayList<String> classNames;
  private final HashMap<String, String> preprocessing;
  private final Augmentation augmentation;
  private final HashMap<String, float[]> colors;
  private final String fingerprint;
  private final long training;
  private final long validation;
  private final int replicas;
  private final int batchSize;
  private final long seed;
  private final long[] trainingBefore;
  private final long[] validationBefore;

  /**
   * @param classNames by index
   * @param batchSize of one replica
   */
  ReplicaRows(
      Survey survey,
      List<String> classNames,
      Preprocessing preprocessing,
      Augmentation augmentation,
      int replicas,
      int batchSize,
      long seed) {
    this.classNames = new ArrayList<>(classNames);
    this.preprocessing = new HashMap<>(preprocessing.toText());
    this.augmentation = augmentation;
    colors = new HashMap<>(survey.statistics().principalColors().toMap());
    fingerprint =
        new Fingerprint()
            .add(survey.fingerprint())
            .add(seed)
            .add(preprocessing.resizedSide())
            .add(preprocessing.imageSize())
            .add(replicas)
            .text();
    training = survey.training();
    validation = survey.validation();
    trainingBefore = survey.trainingBefore();
    validationBefore = survey.validationBefore();
    this.replicas = replicas;
    this.batchSize = batchSize;
    this.seed = seed;
  }

  /**
   * @param rows those of the survey, in the same partitions
   * @param classes by index, the labels that the rows have for them
   * @return a partition for each replica
   */
  JavaRDD<LabelledFile> deal(JavaRDD<Row> rows, List<String> classes) {
    Map<String, Integer> labels = new HashMap<>();
    classes.forEach(label -> labels.put(label, labels.size()));
    return JavaPairRDD.fromJavaRDD(
            rows.mapPartitionsWithIndex((partition, part) -> dealt(partition, part, labels), false))
        .partitionBy(new HashPartitioner(replicas)) // a key below their number is its own hash
        .values();
  }

  private Iterator<Tuple2<Integer, LabelledFile>> dealt(
      int partition, Iterator<Row> rows, Map<String, Integer> labels) {
    long[] next = {trainingBefore[partition], validationBefore[partition]};
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return rows.hasNext();
      }

      @Override
      public Tuple2<Integer, LabelledFile> next() {
        Row values = rows.next();
        boolean forValidation = new ImageRow(values, "").isValidation();
        long index = next[forValidation ? 1 : 0]++;
        ImageRow row =
            new ImageRow(values, (forValidation ? "validation row " : "training row ") + index);
        Integer label = labels.get(row.label());
        if (label == null) {
          throw changed();
        }
        return new Tuple2<>(
            (int) (index % replicas),
            new LabelledFile(index, row.file(), label, row.name(), forValidation));
      }
    };
  }

  @Override
  public Part open(Iterator<LabelledFile> rows, int rank, int count) {
    List<LabelledFile> own = new ArrayList<>();
    rows.forEachRemaining(own::add);
    own.sort(Comparator.comparingLong(row -> row.index)); // as a shuffle has no order
    List<LabelledFile> forTraining = own.stream().filter(row -> !row.validation).toList();
    BatchSource train = batches(forTraining, rank, true, own.size());
    require(train.size(), training, rank);
    if (validation == 0) {
      return new Part(train, null);
    }
    List<LabelledFile> forValidation = own.stream().filter(row -> row.validation).toList();
    BatchSource validating = batches(forValidation, rank, false, own.size());
    require(validating.size(), validation, rank);
    return new Part(train, validating);
  }

  private void require(int size, long all, int rank) {
    if (size != (all - rank + replicas - 1) / replicas) {
      throw changed();
    }
  }

  private static IllegalStateException changed() {
    return new IllegalStateException(
        "the DataFrame had other rows when it was read again: cache() it before the training");
  }

  /**
   * @param all how many rows the replica has
   */
  private BatchSource batches(List<LabelledFile> rows, int rank, boolean forTraining, int all) {
    if (rows.isEmpty()) {
      throw changed();
    }
    Preprocessing preprocessing = Preprocessing.ofText(this.preprocessing);
    double share = (double) rows.size() / all;
    long cacheBytes = cacheBytes(BarrierTaskContext.get().getTaskInfos(), rank, share);
    ResizedImages images = preprocessing.resized(new RowDataset(rows, classNames));
    Batches batches =
        Batches.of(images.cacheBytes(cacheBytes))
            .imageSize(preprocessing.imageSize())
            .normalization(preprocessing.normalization())
            .batchSize(batchSize)
            .threads(TaskContext.get().cpus());
    if (forTraining) {
      batches
          .shuffle(true)
          .seed(SplitMix64.of(seed, rank).nextLong())
          .augment(augmentation.augment(PrincipalColors.fromMap(colors)));
    }
    return new OfAllReplicas(batches.build(), fingerprint);
  }

  /**
   * An eighth of the executor's heap, shared by all of the training's replicas that it runs.
   *
   * @param share of the replica's rows that is to be kept in it
   */
  static long cacheBytes(BarrierTaskInfo[] replicas, int rank, double share) {
    String here = replicas[rank].address();
    long together = Arrays.stream(replicas).filter(each -> each.address().equals(here)).count();
    return (long) (Runtime.getRuntime().maxMemory() / 8 / together * share);
  }

  /** Batches with the fingerprint of all replicas' data: they resume from one checkpoint. */
  private record OfAllReplicas(BatchSource own, String fingerprint) implements BatchSource {

    @Override
    public int size() {
      return own.size();
    }

    @Override
    public int batchSize() {
      return own.batchSize();
    }

    @Override
    public Shape imageShape() {
      return own.imageShape();
    }

    @Override
    public List<String> classNames() {
      return own.classNames();
    }

    @Override
    public Batches open(int epoch, int firstBatch) {
      return own.open(epoch, firstBatch);
    }

    @Override
    public int views() {
      return own.views();
    }
  }
}
