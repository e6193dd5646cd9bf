package io.alexnet.spark;

import io.alexnet.graph.Node;
import io.alexnet.layer.ParameterSpec;
import io.alexnet.train.EpochRecord;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.reflect.ClassTag;

/**
 * Trains a network on the machines of a Spark cluster: replicas of it in the tasks of one barrier
 * stage, each with its part of every batch, whose gradients are added up at every step.
 *
 * <pre>{@code
 * SparkTraining training =
 *     SparkTrainer.of(
 *             spark,
 *             () -> AlexNet.paper().classes(17).initializer(Initializer.heNormal()).graph())
 *         .replicas(4)
 *         .settings((trainer, network) -> trainer.learningRate(0.01f))
 *         .checkpoint("hdfs:///runs/flowers")
 *         .fit((rows, rank, count) -> part(rank, count), 60);
 * }</pre>
 *
 * <p>The weights are those of one network that is trained with the whole batch, but for the last
 * bits, and for batch norm and dropout: see {@link io.alexnet.train.Trainer#replicas}. The same
 * number of replicas on machines with the same kernels gives the same bits, also if executors were
 * lost in between: Spark then starts all replicas anew, and they go on from the last checkpoint,
 * until {@code spark.stage.maxConsecutiveAttempts} attempts in all have failed.
 *
 * <p>Each replica computes with {@code spark.task.cpus} threads. All must run at the same time, so
 * the cluster needs that many cores for every one of them. An executor needs memory for its
 * replicas as one machine does, and for what is exchanged 4 bytes a parameter more; local SGD,
 * which exchanges the optimiser's memory, too, 8 with momentum and 12 with Adam.
 */
public final class SparkTrainer {

  private static final Logger LOG = LoggerFactory.getLogger(SparkTrainer.class);

  /** An array of bytes, with some room for what comes with the weights. */
  private static final long LARGEST_RESULT = Integer.MAX_VALUE - (1 << 20);

  /** The result's bytes, the weights and, of the estimator, the model's file. */
  private static final int COPIES = 3;

  final JavaSparkContext spark;
  final GraphSource graph;
  long seed;
  TrainerSettings settings = (trainer, network) -> {};
  int averageEvery = 1;
  GradientFormat gradientFormat = GradientFormat.FLOAT32;
  String checkpointFolder;
  int checkpointSteps;

  /** What tests make smaller, so that their small networks are of several blocks, too. */
  int blockLength = BlockExchange.BLOCK;

  private Consumer<EpochRecord> onEpoch = epoch -> LOG.info("{}", epoch);
  private int replicas = 1;
  private boolean resume;

  private SparkTrainer(JavaSparkContext spark, GraphSource graph) {
    this.spark = spark;
    this.graph = graph;
  }

  /**
   * A trainer of this network.
   *
   * @param spark stays the caller's to close
   */
  public static SparkTrainer of(JavaSparkContext spark, GraphSource graph) {
    return new SparkTrainer(spark, graph);
  }

  /**
   * How many replicas are trained together; 1 unless set.
   *
   * @throws IllegalArgumentException if under 1
   */
  public SparkTrainer replicas(int replicas) {
    requirePositive(replicas, "the number of replicas");
    this.replicas = replicas;
    return this;
  }

  /** Decides the first weights and what dropout draws; 0 unless set. */
  public SparkTrainer seed(long seed) {
    this.seed = seed;
    return this;
  }

  /** What each replica's trainer is set to; its defaults unless set. */
  public SparkTrainer settings(TrainerSettings settings) {
    this.settings = settings;
    return this;
  }

  /**
   * Local SGD: each replica takes steps of its own, and every so many steps all get the mean of
   * their weights; see {@link io.alexnet.train.Trainer#averageEvery}. 1 unless set: the gradients
   * are added up at every step.
   *
   * @throws IllegalArgumentException if under 1
   */
  public SparkTrainer averageEvery(int steps) {
    requirePositive(steps, "the steps between averagings");
    this.averageEvery = steps;
    return this;
  }

  /**
   * Who is told, in the driver, of each epoch that is done; the log unless set. After executors
   * were lost it may hear of some epochs once more.
   *
   * @param onEpoch on a thread of Spark's that must not be kept for long
   */
  public SparkTrainer onEpoch(Consumer<EpochRecord> onEpoch) {
    this.onEpoch = onEpoch;
    return this;
  }

  /**
   * How gradients travel; {@link GradientFormat#FLOAT32} unless set. Not with {@link
   * #averageEvery}, where none do.
   */
  public SparkTrainer gradientFormat(GradientFormat format) {
    this.gradientFormat = format;
    return this;
  }

  /**
   * Keeps checkpoints after each epoch: the last, the one before, and the best. Without them a lost
   * executor means to begin anew.
   *
   * @param folder on any file system that Hadoop knows, seen by all executors
   */
  public SparkTrainer checkpoint(String folder) {
    this.checkpointFolder = folder;
    return this;
  }

  /**
   * Keeps one whenever this many steps are done, too.
   *
   * @throws IllegalArgumentException if under 1
   */
  public SparkTrainer checkpointEvery(int steps) {
    requirePositive(steps, "the steps between checkpoints");
    this.checkpointSteps = steps;
    return this;
  }

  /** Goes on from the folder's last checkpoint, if it has one; without this it must have none. */
  public SparkTrainer resume() {
    this.resume = true;
    return this;
  }

  static void requirePositive(int value, String what) {
    if (value < 1) {
      throw new IllegalArgumentException(what + " must be at least 1, not " + value);
    }
  }

  /**
   * Throws {@link IllegalArgumentException} if a format is asked for, and there are no gradients
   * that travel.
   */
  static void requireGradients(int averageEvery, GradientFormat format) {
    if (averageEvery > 1 && format != GradientFormat.FLOAT32) {
      throw new IllegalArgumentException(
          "gradientFormat: with averageEvery %d weights travel, at 32 bits, and no gradients: set averageEvery to 1, or leave out %s"
              .formatted(averageEvery, format));
    }
  }

  /**
   * Trains with data that each replica opens for itself, say from a file system that all see.
   *
   * <p>Where replicas fail as often as Spark tries, because of the data, the settings, a checkpoint
   * of another training or lost executors, Spark's own {@code SparkException} has the last one's
   * reason in its message.
   *
   * @param epochs in all, those before a resume included; at least 1
   * @throws IllegalArgumentException if the options do not fit each other, the folder has
   *     checkpoints and it was not said to {@link #resume}, or the weights are more than 2 GB, than
   *     {@code spark.driver.maxResultSize} lets come to the driver, or than a third of its heap
   * @throws IOException if the folder for checkpoints cannot be read
   * @throws DistributedTrainingException if the loss, a gradient or the weights are no longer
   *     numbers
   */
  public SparkTraining fit(ReplicaData<Integer> data, int epochs) throws IOException {
    List<Integer> ranks = IntStream.range(0, replicas).boxed().toList();
    return fit(spark.parallelize(ranks, replicas), data, epochs);
  }

  /**
   * Trains with rows that Spark brings to the replicas.
   *
   * @param rows a partition for each replica; at every attempt the same
   * @see #fit(ReplicaData, int)
   */
  public <T> SparkTraining fit(JavaRDD<T> rows, ReplicaData<T> data, int epochs)
      throws IOException {
    requirePositive(epochs, "epochs");
    requireGradients(averageEvery, gradientFormat);
    if (rows.getNumPartitions() != replicas) {
      throw new IllegalArgumentException(
          "%d partitions for %d replicas: repartition the rows"
              .formatted(rows.getNumPartitions(), replicas));
    }
    requireResultSize();
    String folder = requireCheckpoints();
    List<ReplicaTask.Result> results = run(rows, data, epochs, folder);
    Optional<String> divergence =
        results.stream()
            .map(ReplicaTask.Result::divergence)
            .filter(reason -> reason != null)
            .min(Comparator.comparing(reason -> reason.startsWith("replica ")));
    if (divergence.isPresent()) {
      throw new DistributedTrainingException(
          divergence.get() + checkpointsUntold(divergence.get()));
    }
    if (resume && results.get(0).report().steps() == 0) {
      LOG.warn("{} left nothing to train", folder);
    }
    return new SparkTraining(
        results.get(0).history(),
        results.stream().map(ReplicaTask.Result::report).toList(),
        results.get(0).weights());
  }

  /** The replica that saw the divergence may be one that keeps none. */
  private String checkpointsUntold(String divergence) throws IOException {
    if (checkpointFolder == null) {
      return "";
    }
    HadoopCheckpoints checkpoints = checkpoints();
    String folder = checkpoints.folder().toString();
    return checkpoints.isEmpty() || divergence.contains(folder)
        ? ""
        : "; checkpoints are in " + folder;
  }

  private HadoopCheckpoints checkpoints() throws IOException {
    return new HadoopCheckpoints(checkpointFolder, spark.hadoopConfiguration(), null, 0);
  }

  /**
   * Looks at what can be known before there are any rows.
   *
   * @return the folder for checkpoints, the same wherever it is opened; null for none
   */
  String requireCheckpoints() throws IOException {
    if (checkpointFolder == null) {
      if (resume || checkpointSteps > 0) {
        throw new IllegalArgumentException(
            "there is no folder for checkpoints: checkpoint(folder)");
      }
      return null;
    }
    HadoopCheckpoints checkpoints = checkpoints();
    if (!resume && !checkpoints.isEmpty()) {
      throw new IllegalArgumentException(
          "there are checkpoints of an earlier training in %s: resume() goes on from them; or give"
                  .formatted(checkpoints.folder())
              + " another folder");
    }
    return checkpoints.folder().toString(); // a relative one is another in each executor
  }

  /** Of the weights, which one of the replicas' results brings to the driver. */
  private void requireResultSize() {
    String key = "spark.driver.maxResultSize";
    long most = spark.getConf().getSizeAsBytes(key, "1g");
    long bytes = 0;
    for (Node node : graph.graph().layers()) {
      for (ParameterSpec parameter : node.parameters()) {
        bytes += (long) Float.BYTES * parameter.shape().size();
      }
    }
    if (bytes > LARGEST_RESULT) {
      throw new IllegalArgumentException(
          "the weights take %d MB, and no result of Spark's can be more than 2 GB"
              .formatted(bytes / 1_000_000));
    }
    if (most > 0 && bytes > most) { // 0 is no limit
      throw new IllegalArgumentException(
          "the weights take %d MB, and %s lets %d MB come to the driver: set it to more"
              .formatted(bytes / 1_000_000, key, most / 1_000_000));
    }
    long heap = Runtime.getRuntime().maxMemory();
    if (COPIES * bytes > heap) {
      throw new IllegalArgumentException(
          "the weights take %d MB, of which the driver has up to %d copies when the training ends, and its heap is %d MB: set spark.driver.memory to more"
              .formatted(bytes / 1_000_000, COPIES, heap / 1_000_000));
    }
  }

  /**
   * @param folder for checkpoints, the same wherever it is opened; null for none
   * @return by rank
   */
  private <T> List<ReplicaTask.Result> run(
      JavaRDD<T> rows, ReplicaData<T> data, int epochs, String folder) {
    ClassTag<byte[]> tag = ClassTag.apply(byte[].class);
    try (MeetingPoint meetingPoint = new MeetingPoint(spark.sc(), onEpoch)) {
      ReplicaTask<T> task = new ReplicaTask<>(this, data, epochs, folder, meetingPoint);
      RDD<byte[]> stage = rows.rdd().barrier().mapPartitions(task, false, tag);
      // Spark runs a failed barrier stage anew if a shuffle follows it, but not a job's last one.
      return stage.toJavaRDD().repartition(1).collect().stream()
          .map(ReplicaTask.Result::of)
          .sorted(Comparator.comparingInt(result -> result.report().rank()))
          .toList();
    }
  }
}
