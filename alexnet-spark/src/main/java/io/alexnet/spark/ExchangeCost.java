package io.alexnet.spark;

import io.alexnet.tensor.Tensor;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag;
import scala.runtime.AbstractFunction1;

/**
 * How long replicas on a cluster take to add their gradients up, in the ways that Spark has: by
 * slices from memory to memory, as {@link SparkTrainer} does, and by {@code treeAggregate} to the
 * driver, which broadcasts the sum.
 *
 * <pre>
 * spark-submit --master spark://… --driver-memory 3g --executor-memory 3g \
 *     --class io.alexnet.spark.ExchangeCost \
 *     alexnet-spark/target/alexnet-spark-app.jar REPLICAS PARAMETERS ROUNDS
 * </pre>
 */
public final class ExchangeCost {

  private ExchangeCost() {}

  public static void main(String[] args) {
    if (args.length != 3) {
      System.err.println("usage: ExchangeCost REPLICAS PARAMETERS ROUNDS");
      System.exit(2);
    }
    int replicas = Integer.parseInt(args[0]);
    int parameters = Integer.parseInt(args[1]);
    int rounds = Integer.parseInt(args[2]);
    SparkConf conf =
        new SparkConf()
            .setIfMissing("spark.app.name", "exchange cost")
            // Larger results go by way of files, which in local mode are not found again.
            .setIfMissing("spark.network.maxRemoteBlockSizeFetchToMem", "1g");
    try (JavaSparkContext spark = new JavaSparkContext(conf)) {
      JavaRDD<Integer> ranks =
          spark.parallelize(IntStream.range(0, replicas).boxed().toList(), replicas);
      System.out.printf(
          Locale.ROOT,
          "%,d parameters, %d replicas, median of %d rounds%n",
          parameters,
          replicas,
          rounds);
      print(
          "waiting for each other alone", slices(spark, ranks, 0, rounds, GradientFormat.FLOAT32));
      for (GradientFormat format : GradientFormat.values()) {
        print("by slices, " + format, slices(spark, ranks, parameters, rounds, format));
      }
      print("treeAggregate and broadcast", tree(spark, ranks, parameters, rounds));
    }
  }

  private static void print(String way, double[] seconds) {
    double[] sorted = Arrays.copyOfRange(seconds, 1, seconds.length); // the first is a warm-up
    Arrays.sort(sorted);
    System.out.printf(
        Locale.ROOT,
        "%-30s %7.3f s (%.3f to %.3f)%n",
        way,
        sorted[sorted.length / 2],
        sorted[0],
        sorted[sorted.length - 1]);
  }

  /** The first replica's seconds of each round. */
  private static double[] slices(
      JavaSparkContext spark,
      JavaRDD<Integer> ranks,
      int parameters,
      int rounds,
      GradientFormat format) {
    try (MeetingPoint meetingPoint = new MeetingPoint(spark.sc(), epoch -> {})) {
      Slices task = new Slices(meetingPoint.name(), parameters, rounds, format);
      return ((double[][])
              ranks
                  .rdd()
                  .barrier()
                  .mapPartitions(task, false, ClassTag.apply(double[].class))
                  .collect())
          [0];
    }
  }

  private static final class Slices extends AbstractFunction1<Iterator<Integer>, Iterator<double[]>>
      implements Serializable {

    private static final long serialVersionUID = 1L;

    private final String meetingPoint;
    private final int parameters;
    private final int rounds;
    private final GradientFormat format;

    Slices(String meetingPoint, int parameters, int rounds, GradientFormat format) {
      this.meetingPoint = meetingPoint;
      this.parameters = parameters;
      this.rounds = rounds;
      this.format = format;
    }

    @Override
    public Iterator<double[]> apply(Iterator<Integer> ranks) {
      Meeting meeting = new Meeting(BarrierTaskContext.get(), meetingPoint);
      try (BlockExchange exchange = new BlockExchange(meeting, meetingPoint, format)) {
        List<Tensor> gradients = parameters == 0 ? List.of() : List.of(Tensor.zeros(parameters));
        double[] seconds = new double[rounds + 1];
        for (int i = 0; i <= rounds; i++) {
          long began = System.nanoTime();
          exchange.sumGradients(gradients, 1);
          seconds[i] = (System.nanoTime() - began) * 1e-9;
        }
        exchange.sum(List.of());
        return CollectionConverters.asScala(List.of(seconds).iterator());
      }
    }
  }

  private static double[] tree(
      JavaSparkContext spark, JavaRDD<Integer> ranks, int parameters, int rounds) {
    double[] seconds = new double[rounds + 1];
    for (int i = 0; i <= rounds; i++) {
      long began = System.nanoTime();
      float[] sum =
          ranks
              .map(rank -> new float[parameters])
              .treeAggregate(new float[0], ExchangeCost::add, ExchangeCost::add);
      Broadcast<float[]> everywhere = spark.broadcast(sum);
      ranks.foreach(rank -> everywhere.value());
      seconds[i] = (System.nanoTime() - began) * 1e-9;
      everywhere.destroy();
    }
    return seconds;
  }

  private static float[] add(float[] sum, float[] other) {
    if (sum.length == 0) {
      return other;
    }
    for (int i = 0; i < other.length; i++) {
      sum[i] += other[i];
    }
    return sum;
  }
}
