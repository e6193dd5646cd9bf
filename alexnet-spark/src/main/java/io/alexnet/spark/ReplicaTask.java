package io.alexnet.spark;

import io.alexnet.format.SafeTensors;
import io.alexnet.graph.Network;
import io.alexnet.train.DivergenceException;
import io.alexnet.train.EpochRecord;
import io.alexnet.train.Evaluation;
import io.alexnet.train.History;
import io.alexnet.train.Progress;
import io.alexnet.train.Trainer;
import io.alexnet.train.TrainingListener;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractFunction1;

/**
 * One task of the barrier stage: trains a replica from the last checkpoint to the end. If an
 * executor is lost, Spark runs all tasks of the stage anew.
 */
final class ReplicaTask<T>
    extends AbstractFunction1<
        scala.collection.Iterator<T>, scala.collection.Iterator<ReplicaTask.Result>>
    implements Serializable {

  private static final long serialVersionUID = 1L;

  private static final Logger LOG = LoggerFactory.getLogger(ReplicaTask.class);

  /**
   * What a task gives back.
   *
   * @param divergence why all have ended, no use to be tried again; null if they have not
   * @param weights of the first replica; null of the others
   */
  record Result(History history, ReplicaReport report, String divergence, byte[] weights)
      implements Serializable {}

  private final GraphSource graph;
  private final long seed;
  private final TrainerSettings settings;
  private final ReplicaData<T> data;
  private final int epochs;
  private final int averageEvery;
  private final GradientFormat gradientFormat;
  private final String checkpointFolder; // null for none
  private final int checkpointSteps; // 0 for every epoch
  private final SerializableConfiguration hadoop;
  private final String meetingPoint;

  ReplicaTask(SparkTrainer options, ReplicaData<T> data, int epochs, MeetingPoint meetingPoint) {
    graph = options.graph;
    seed = options.seed;
    settings = options.settings;
    averageEvery = options.averageEvery;
    gradientFormat = options.gradientFormat;
    checkpointFolder = options.checkpointFolder;
    checkpointSteps = options.checkpointSteps;
    hadoop = new SerializableConfiguration(options.spark.hadoopConfiguration());
    this.data = data;
    this.epochs = epochs;
    this.meetingPoint = meetingPoint.name();
  }

  @Override
  public scala.collection.Iterator<Result> apply(scala.collection.Iterator<T> rows) {
    try {
      return CollectionConverters.asScala(
          List.of(train(CollectionConverters.asJava(rows))).iterator());
    } catch (Exception e) {
      throw ReplicaTask.<RuntimeException>unchecked(e); // to Spark, which knows all kinds
    }
  }

  @SuppressWarnings("unchecked")
  private static <E extends Exception> E unchecked(Exception e) throws E {
    throw (E) e;
  }

  private Result train(Iterator<T> rows) throws Exception {
    BarrierTaskContext context = BarrierTaskContext.get();
    Path folder = temporaryFolder();
    String prefix = meetingPoint + "_" + context.stageAttemptNumber();
    Meeting meeting = new Meeting(context, meetingPoint);
    try (BlockExchange replicas = new BlockExchange(meeting, prefix, gradientFormat);
        Network network =
            Network.builder(graph.graph()).seed(seed).threads(context.cpus()).build()) {
      Report report = new Report(meeting);
      Trainer trainer =
          Trainer.of(network).replicas(replicas).averageEvery(averageEvery).listener(report);
      settings.apply(trainer, network);
      ReplicaData.Part part = data.open(rows, replicas.rank(), replicas.count());
      if (checkpointFolder != null) {
        keepCheckpoints(trainer, folder, replicas.rank());
      }
      LOG.info(
          "replica {} of {}, attempt {}: {} kernels on {} threads",
          replicas.rank(),
          replicas.count(),
          context.stageAttemptNumber(),
          network.kernels().name(),
          context.cpus());
      long began = System.nanoTime();
      History history = null;
      String divergence = null;
      try {
        history = trainer.fit(part.train(), part.validation(), epochs);
      } catch (DivergenceException e) {
        divergence = e.getMessage(); // all have ended with one
      }
      double seconds = (System.nanoTime() - began) * 1e-9;
      replicas.sum(List.of()); // nobody reads anything of the others any more
      ReplicaReport place =
          new ReplicaReport(
              replicas.rank(),
              SparkEnv.get().blockManager().blockManagerId().host(),
              SparkEnv.get().executorId(),
              network.kernels().name(),
              context.cpus(),
              report.steps,
              seconds,
              replicas.seconds(),
              replicas.bytesFetched());
      byte[] weights = null;
      if (replicas.rank() == 0 && divergence == null) {
        Path file = folder.resolve("weights.safetensors");
        SafeTensors.write(file, network.state(), Map.of());
        weights = Files.readAllBytes(file);
      }
      return new Result(history, place, divergence, weights);
    } finally {
      delete(folder);
    }
  }

  /** Counts steps, and tells the driver of epochs. */
  private static final class Report implements TrainingListener {

    private final Meeting meeting;
    private long steps;

    Report(Meeting meeting) {
      this.meeting = meeting;
    }

    @Override
    public void onStep(Progress progress) {
      steps++;
    }

    @Override
    public void onEpoch(EpochRecord epoch, Evaluation validation) {
      if (meeting.rank() == 0) {
        meeting.report(epoch);
      }
    }
  }

  private void keepCheckpoints(Trainer trainer, Path folder, int rank) throws IOException {
    HadoopCheckpoints checkpoints = new HadoopCheckpoints(checkpointFolder, hadoop.value());
    Path newest = checkpoints.fetch(folder);
    if (newest != null) {
      trainer.resume(newest);
    }
    if (checkpointSteps > 0) {
      trainer.checkpointEvery(checkpointSteps);
    }
    if (rank == 0) {
      trainer.checkpoint(folder.resolve("checkpoints")).keepCheckpoints(1).listener(checkpoints);
    }
  }

  /** Where Spark itself clears up, if this JVM does not live to do so. */
  private static Path temporaryFolder() throws IOException {
    Path local = SparkEnv.get().blockManager().diskBlockManager().localDirs()[0].toPath();
    return Files.createTempDirectory(local, "alexnet-");
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : (Iterable<Path>) files.sorted(Comparator.reverseOrder())::iterator) {
        Files.delete(file);
      }
    }
  }
}
