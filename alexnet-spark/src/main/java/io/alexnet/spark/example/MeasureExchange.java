package io.alexnet.spark.example;

import io.alexnet.spark.ExchangeCost;
import io.alexnet.spark.GradientFormat;
import java.util.Arrays;
import java.util.Locale;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Measures what it costs on a cluster to add gradients up; 60,965,224 parameters are AlexNet's.
 *
 * <pre>
 * spark-submit --master spark://master:7077 --driver-memory 6g --executor-memory 4g \
 *     --class io.alexnet.spark.example.MeasureExchange \
 *     alexnet-spark/target/alexnet-spark-app.jar REPLICAS PARAMETERS ROUNDS
 * </pre>
 */
public final class MeasureExchange {

  private MeasureExchange() {}

  public static void main(String[] args) {
    if (args.length != 3) {
      System.err.println("usage: MeasureExchange REPLICAS PARAMETERS ROUNDS");
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
      ExchangeCost cost = new ExchangeCost(spark, replicas, rounds);
      System.out.printf(
          Locale.ROOT,
          "%,d parameters, %d replicas, median of %d rounds%n",
          parameters,
          replicas,
          rounds);
      print("waiting for each other alone", cost.waiting());
      for (GradientFormat format : GradientFormat.values()) {
        print("by slices, " + format, cost.bySlices(parameters, format));
      }
      print("treeAggregate and broadcast", cost.byTree(parameters));
    }
  }

  private static void print(String way, double[] seconds) {
    double[] sorted = seconds.clone();
    Arrays.sort(sorted);
    System.out.printf(
        Locale.ROOT,
        "%-30s %7.3f s (%.3f to %.3f)%n",
        way,
        sorted[sorted.length / 2],
        sorted[0],
        sorted[sorted.length - 1]);
  }
}
