package io.alexnet.spark;

import io.alexnet.train.EpochRecord;
import java.util.Arrays;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.spark.SparkContext;
import org.apache.spark.rpc.RpcCallContext;
import org.apache.spark.rpc.RpcEndpointRef;
import org.apache.spark.rpc.RpcEnv;
import org.apache.spark.rpc.ThreadSafeRpcEndpoint;
import scala.PartialFunction;
import scala.runtime.AbstractPartialFunction;
import scala.runtime.BoxedUnit;

/**
 * Where replicas wait for each other: an endpoint in the driver that takes a text of each, and
 * gives the texts of all to each when the last has come.
 *
 * <p>It does what {@link org.apache.spark.BarrierTaskContext#allGather} does in a millisecond or
 * two. There, whoever is not the last to come sleeps for a whole second before it looks for the
 * answer, which is too long for something that happens twice in every step.
 */
final class MeetingPoint implements ThreadSafeRpcEndpoint, AutoCloseable {

  private static final String STARTED_ANEW = "the replicas were started anew";

  private final RpcEnv rpc;
  private final String name = "alexnet-" + UUID.randomUUID();
  private final RpcEndpointRef reference;

  // By one thread at a time: Spark's word for "thread safe".
  private int attempt;
  private int failedAttempt = -1;
  private String failure;
  private String[] texts = {};
  private RpcCallContext[] waiting = {};

  private final Consumer<EpochRecord> onEpoch;

  /**
   * In this driver, until closed.
   *
   * @param onEpoch is told what {@link Meeting#report} sends
   */
  MeetingPoint(SparkContext spark, Consumer<EpochRecord> onEpoch) {
    this.onEpoch = onEpoch;
    rpc = spark.env().rpcEnv();
    reference = rpc.setupEndpoint(name, this);
  }

  /** By which {@link Meeting} finds it. */
  String name() {
    return name;
  }

  @Override
  public RpcEnv rpcEnv() {
    return rpc;
  }

  @Override
  public PartialFunction<Object, BoxedUnit> receive() {
    return new AbstractPartialFunction<>() {
      @Override
      public boolean isDefinedAt(Object message) {
        return message instanceof double[] || message instanceof String[];
      }

      @Override
      public BoxedUnit apply(Object message) {
        if (message instanceof String[] left) {
          leave(Integer.parseInt(left[0]), left[1]);
          return BoxedUnit.UNIT;
        }
        onEpoch.accept(Meeting.record((double[]) message));
        return BoxedUnit.UNIT;
      }
    };
  }

  @Override
  public PartialFunction<Object, BoxedUnit> receiveAndReply(RpcCallContext call) {
    return new AbstractPartialFunction<>() {
      @Override
      public boolean isDefinedAt(Object message) {
        return message instanceof String[] || message instanceof Integer;
      }

      @Override
      public BoxedUnit apply(Object message) {
        if (message instanceof Integer) {
          call.reply((Integer) message == attempt);
        } else {
          receive((String[]) message, call);
        }
        return BoxedUnit.UNIT;
      }
    };
  }

  /**
   * @param message attempt of the stage, rank, number of replicas and text: of classes that Spark's
   *     own class loader knows
   */
  private void receive(String[] message, RpcCallContext call) {
    int ofAttempt = Integer.parseInt(message[0]);
    int rank = Integer.parseInt(message[1]);
    int count = Integer.parseInt(message[2]);
    if (ofAttempt < attempt) {
      call.sendFailure(new IllegalStateException(STARTED_ANEW));
      return;
    }
    if (ofAttempt == failedAttempt) {
      call.sendFailure(new IllegalStateException(failure));
      return;
    }
    if (ofAttempt > attempt || texts.length == 0) {
      failWaiting(STARTED_ANEW);
      attempt = ofAttempt;
      texts = new String[count];
      waiting = new RpcCallContext[count];
    }
    texts[rank] = message[3];
    waiting[rank] = call;
    if (Arrays.stream(waiting).allMatch(each -> each != null)) {
      String[] all = texts.clone();
      RpcCallContext[] calls = waiting.clone();
      Arrays.fill(waiting, null);
      for (RpcCallContext each : calls) {
        each.reply(all);
      }
    }
  }

  /** A replica has failed: whoever waits for it, or is going to, fails, too. */
  private void leave(int ofAttempt, String reason) {
    if (ofAttempt < attempt || ofAttempt <= failedAttempt) {
      return;
    }
    failedAttempt = ofAttempt;
    failure = reason;
    failWaiting(reason);
  }

  private void failWaiting(String reason) {
    for (RpcCallContext call : waiting) {
      if (call != null) {
        call.sendFailure(new IllegalStateException(reason));
      }
    }
    Arrays.fill(waiting, null);
  }

  @Override
  public void close() {
    rpc.stop(reference);
  }
}
