package io.alexnet.spark;

import io.alexnet.tensor.Tensor;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.BarrierTaskContext;
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
 * driver, which broadcasts the sum. {@code MeasureExchange} prints it.
 */
public final class ExchangeCost {

  private final JavaSparkContext spark;
  private final int replicas;
  private final int rounds;

  /**
   * @param replicas which must all run at the same time
   * @param rounds of which each is measured, after one more for warming up
   * @throws IllegalArgumentException if a number is under 1
   */
  public ExchangeCost(JavaSparkContext spark, int replicas, int rounds) {
    SparkTrainer.requirePositive(replicas, "the number of replicas");
    SparkTrainer.requirePositive(rounds, "the number of rounds");
    this.spark = spark;
    this.replicas = replicas;
    this.rounds = rounds;
  }

  private JavaRDD<Integer> ranks() {
    return spark.parallelize(IntStream.range(0, replicas).boxed().toList(), replicas);
  }

  /** Seconds of each round in which replicas wait for each other once. */
  public double[] waiting() {
    return slices(0, GradientFormat.FLOAT32);
  }

  /**
   * Seconds of each round in which as many numbers are added up by slices.
   *
   * @throws IllegalArgumentException if there are none
   */
  public double[] bySlices(int parameters, GradientFormat format) {
    SparkTrainer.requirePositive(parameters, "the number of parameters");
    return slices(parameters, format);
  }

  private double[] slices(int parameters, GradientFormat format) {
    try (MeetingPoint meetingPoint = new MeetingPoint(spark.sc(), epoch -> {})) {
      Slices task = new Slices(meetingPoint.name(), parameters, rounds, format);
      ClassTag<double[]> tag = ClassTag.apply(double[].class);
      double[][] all =
          (double[][]) ranks().rdd().barrier().mapPartitions(task, false, tag).collect();
      return Arrays.copyOfRange(all[0], 1, all[0].length);
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

  /**
   * Seconds of each round in which as many numbers are added up by {@code treeAggregate} and
   * broadcast.
   *
   * @throws IllegalArgumentException if there are none
   */
  public double[] byTree(int parameters) {
    SparkTrainer.requirePositive(parameters, "the number of parameters");
    JavaRDD<Integer> ranks = ranks();
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
    return Arrays.copyOfRange(seconds, 1, seconds.length);
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
