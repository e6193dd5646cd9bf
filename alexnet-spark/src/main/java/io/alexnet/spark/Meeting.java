package io.alexnet.spark;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskKilledException;
import org.apache.spark.rpc.RpcEndpointRef;
import org.apache.spark.rpc.RpcTimeout;
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
        if (context.isInterrupted()) {
          throw new TaskKilledException();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new TaskKilledException();
      }
    }
  }
}
