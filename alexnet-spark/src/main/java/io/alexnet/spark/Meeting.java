package io.alexnet.spark;

import io.alexnet.train.EpochRecord;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskKilledException;
import org.apache.spark.rpc.RpcEndpointRef;
import org.apache.spark.rpc.RpcTimeout;
import org.apache.spark.rpc.RpcTimeoutException;
import org.apache.spark.util.RpcUtils;
import scala.concurrent.Await;
import scala.concurrent.Future;
import scala.concurrent.duration.Duration;
import scala.concurrent.duration.FiniteDuration;
import scala.reflect.ClassTag;

/** A replica's way to the {@link MeetingPoint}. */
final class Meeting {

  /** How soon a task that waits sees that Spark wants it to end. */
  private static final FiniteDuration LOOK_UP = Duration.create(200, TimeUnit.MILLISECONDS);

  private final BarrierTaskContext context;
  private final int count;
  private final RpcEndpointRef point;
  private final RpcTimeout timeout;

  Meeting(BarrierTaskContext context, String pointName) {
    this.context = context;
    count = context.getTaskInfos().length;
    SparkConf conf = SparkEnv.get().conf();
    point = RpcUtils.makeDriverRef(pointName, conf, SparkEnv.get().rpcEnv());
    timeout = RpcTimeout.apply(conf, "spark.barrier.sync.timeout", "365d");
  }

  int rank() {
    return context.partitionId();
  }

  int count() {
    return count;
  }

  /** Tells the driver of an epoch, without waiting. */
  void report(EpochRecord epoch) {
    // Of a class that Spark's own class loader knows.
    double[] figures = {
      epoch.epoch(),
      epoch.steps(),
      epoch.trainLoss(),
      epoch.trainTop1(),
      epoch.validationLoss(),
      epoch.validationTop1(),
      epoch.validationTop5(),
      epoch.learningRate(),
      epoch.imagesPerSecond(),
      epoch.seconds()
    };
    point.send(figures);
  }

  static EpochRecord record(double[] figures) {
    return new EpochRecord(
        (int) figures[0],
        (long) figures[1],
        figures[2],
        figures[3],
        figures[4],
        figures[5],
        figures[6],
        (float) figures[7],
        figures[8],
        figures[9]);
  }

  /**
   * Throws {@link TaskKilledException} if Spark has begun to run the stage anew: this task is one
   * of a former attempt, and only not yet told.
   */
  void requireCurrent() {
    requireWanted();
    Integer attempt = context.stageAttemptNumber();
    if (!(Boolean) point.askSync(attempt, ClassTag.apply(Boolean.class))) {
      throw new TaskKilledException();
    }
  }

  /**
   * Throws {@link TaskKilledException} if Spark wants this task to end: unless a job asks for an
   * interrupt, it only sets a flag.
   */
  void requireWanted() {
    if (context.isInterrupted()) {
      throw new TaskKilledException();
    }
  }

  /**
   * Tells the others, without waiting, that this replica has failed: they would wait for it. Spark
   * itself does not end them if rows could not be fetched from an executor that was lost.
   */
  void leave(Throwable reason) {
    String[] message = {
      Integer.toString(context.stageAttemptNumber()), "replica " + rank() + " has failed: " + reason
    };
    point.send(message);
  }

  /** Waits until every replica has called this, and gives the texts of all, by rank. */
  String[] gather(String text) {
    String[] message = {
      Integer.toString(context.stageAttemptNumber()),
      Integer.toString(rank()),
      Integer.toString(count),
      text
    };
    Future<String[]> answer = point.ask(message, timeout, ClassTag.apply(String[].class));
    while (true) {
      try {
        return Await.result(answer, LOOK_UP);
      } catch (TimeoutException e) {
        requireWanted();
        if (e instanceof RpcTimeoutException) { // the answer's own, not that of looking up
          throw new IllegalStateException(
              "not all replicas have met within spark.barrier.sync.timeout", e);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new TaskKilledException();
      }
    }
  }
}
