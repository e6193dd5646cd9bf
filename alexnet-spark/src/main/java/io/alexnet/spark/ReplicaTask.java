package io.alexnet.spark;

import io.alexnet.format.SafeTensors;
import io.alexnet.graph.Network;
import io.alexnet.train.CheckpointException;
import io.alexnet.train.DivergenceException;
import io.alexnet.train.EpochRecord;
import io.alexnet.train.Evaluation;
import io.alexnet.train.History;
import io.alexnet.train.Progress;
import io.alexnet.train.Trainer;
import io.alexnet.train.TrainingListener;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
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
    extends AbstractFunction1<scala.collection.Iterator<T>, scala.collection.Iterator<byte[]>>
    implements Serializable {

  private static final long serialVersionUID = 1L;

  private static final Logger LOG = LoggerFactory.getLogger(ReplicaTask.class);

  /** Folder of the local ones. */
  private static final String CHECKPOINTS = "checkpoints";

  /**
   * What a task gives back.
   *
   * @param divergence why all have ended, no use to be tried again; null if they have not
   * @param weights of the first replica; null of the others
   */
  record Result(History history, ReplicaReport report, String divergence, byte[] weights)
      implements Serializable {

    /**
     * By Java's serialisation, as Kryo, which the user may have chosen for Spark, has no records.
     */
    byte[] toBytes() throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (ObjectOutputStream output = new ObjectOutputStream(bytes)) {
        output.writeObject(this);
      }
      return bytes.toByteArray();
    }

    static Result of(byte[] bytes) {
      try (ObjectInputStream input = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
        return (Result) input.readObject();
      } catch (IOException | ClassNotFoundException e) {
        throw new IllegalStateException("not what a replica's task gives back", e);
      }
    }
  }

  private final GraphSource graph;
  private final long seed;
  private final TrainerSettings settings;
  private final ReplicaData<T> data;
  private final int epochs;
  private final int averageEvery;
  private final GradientFormat gradientFormat;
  private final int blockLength;
  private final String checkpointFolder; // null for none
  private final int checkpointSteps; // 0 for every epoch
  private final SerializableConfiguration hadoop;
  private final String meetingPoint;

  ReplicaTask(
      SparkTrainer options,
      ReplicaData<T> data,
      int epochs,
      String checkpointFolder,
      MeetingPoint meetingPoint) {
    graph = options.graph;
    seed = options.seed;
    settings = options.settings;
    averageEvery = options.averageEvery;
    gradientFormat = options.gradientFormat;
    blockLength = options.blockLength;
    this.checkpointFolder = checkpointFolder;
    checkpointSteps = options.checkpointSteps;
    hadoop = new SerializableConfiguration(options.spark.hadoopConfiguration());
    this.data = data;
    this.epochs = epochs;
    this.meetingPoint = meetingPoint.name();
  }

  @Override
  public scala.collection.Iterator<byte[]> apply(scala.collection.Iterator<T> rows) {
    try {
      return CollectionConverters.asScala(
          List.of(train(CollectionConverters.asJava(rows)).toBytes()).iterator());
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
    Meeting meeting = new Meeting(context, meetingPoint);
    try {
      return train(rows, context, meeting);
    } catch (Throwable t) {
      meeting.leave(t);
      throw t;
    }
  }

  private Result train(Iterator<T> rows, BarrierTaskContext context, Meeting meeting)
      throws Exception {
    String prefix = meetingPoint + "_" + context.stageAttemptNumber();
    try (TemporaryFolder folder = new TemporaryFolder();
        BlockExchange replicas = new BlockExchange(meeting, prefix, gradientFormat, blockLength);
        Network network =
            Network.builder(graph.graph()).seed(seed).threads(context.cpus()).build()) {
      Report report = new Report(meeting);
      Trainer trainer =
          Trainer.of(network).replicas(replicas).averageEvery(averageEvery).listener(report);
      settings.apply(trainer, network);
      ReplicaData.Part part = data.open(rows, replicas.rank(), replicas.count());
      LOG.info(
          "replica {} of {}, attempt {}: {} kernels on {} threads",
          replicas.rank(),
          replicas.count(),
          context.stageAttemptNumber(),
          network.kernels().name(),
          context.cpus());
      long began = 0;
      History history = null;
      String divergence = null;
      try {
        if (checkpointFolder != null) {
          keepCheckpoints(trainer, folder.path(), meeting, context.stageAttemptNumber());
        }
        began = System.nanoTime();
        history = trainer.fit(part.train(), part.validation(), epochs);
      } catch (DivergenceException e) {
        divergence = withoutLocalPaths(e.getMessage(), folder.path()); // all have ended with one
      } catch (CheckpointException e) {
        throw new IllegalStateException(withoutLocalPaths(e.getMessage(), folder.path()), e);
      }
      double seconds = (System.nanoTime() - began) * 1e-9;
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
      replicas.sum(List.of()); // nobody reads anything of the others any more
      byte[] weights = null;
      if (replicas.rank() == 0 && divergence == null) {
        Path file = folder.path().resolve("weights.safetensors");
        SafeTensors.write(file, network.state(), Map.of());
        weights = Files.readAllBytes(file);
      }
      return new Result(history, place, divergence, weights);
    }
  }

  /** Counts steps, and tells the driver of epochs. Ends the training if Spark wants it to end. */
  private static final class Report implements TrainingListener {

    private final Meeting meeting;
    private long steps;

    Report(Meeting meeting) {
      this.meeting = meeting;
    }

    @Override
    public void onStep(Progress progress) {
      steps++;
      meeting.requireWanted(); // replicas that answer each other at once never look otherwise
    }

    @Override
    public void onEpoch(EpochRecord epoch, Evaluation validation) {
      if (meeting.rank() == 0) {
        meeting.report(epoch);
      }
    }
  }

  /** The checkpoints that a message names are copies here, which nobody finds later. */
  private String withoutLocalPaths(String message, Path folder) {
    return checkpointFolder == null
        ? message
        : message
            .replace(folder.resolve(CHECKPOINTS).toString(), checkpointFolder)
            .replace(folder.toString(), checkpointFolder);
  }

  private void keepCheckpoints(Trainer trainer, Path folder, Meeting meeting, int attempt)
      throws IOException {
    HadoopCheckpoints checkpoints =
        new HadoopCheckpoints(checkpointFolder, hadoop.value(), meeting, attempt);
    Path newest = checkpoints.fetch(folder);
    if (newest != null) {
      trainer.resume(newest);
    }
    if (checkpointSteps > 0) {
      trainer.checkpointEvery(checkpointSteps);
    }
    if (meeting.rank() == 0) {
      if (newest != null) {
        checkpoints.fetchBest(folder);
      }
      checkpoints.clear();
      trainer.checkpoint(folder.resolve(CHECKPOINTS)).keepCheckpoints(1).listener(checkpoints);
    }
  }
}
