package io.alexnet.spark.example;

import io.alexnet.batch.BatchSource;
import io.alexnet.data.Batches;
import io.alexnet.data.Dataset;
import io.alexnet.data.ResizedImages;
import io.alexnet.data.Split;
import io.alexnet.data.image.Augment;
import io.alexnet.data.source.FashionMnist;
import io.alexnet.optim.LearningRate;
import io.alexnet.optim.Sgd;
import io.alexnet.spark.GradientFormat;
import io.alexnet.spark.ReplicaData;
import io.alexnet.spark.SparkTrainer;
import io.alexnet.spark.SparkTraining;
import io.alexnet.train.EpochRecord;
import io.alexnet.zoo.SmallAlexNet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * What it does to the accuracy, and to the bytes, how replicas exchange what they learn: the small
 * network on Fashion-MNIST, with each way and several seeds.
 *
 * <pre>
 * spark-submit --master 'local[2]' --driver-memory 4g \
 *     --class io.alexnet.spark.example.CompareExchanges \
 *     alexnet-spark/target/alexnet-spark-app.jar fashion-mnist REPLICAS EPOCHS SEEDS
 * </pre>
 */
public final class CompareExchanges {

  private record Way(String name, int replicas, int averageEvery, GradientFormat format) {}

  private CompareExchanges() {}

  public static void main(String[] args) throws IOException {
    if (args.length != 4) {
      System.err.println("usage: CompareExchanges FOLDER REPLICAS EPOCHS SEEDS");
      System.exit(2);
    }
    int replicas = Integer.parseInt(args[1]);
    int epochs = Integer.parseInt(args[2]);
    int seeds = Integer.parseInt(args[3]);
    List<Way> ways =
        List.of(
            new Way("one network", 1, 1, GradientFormat.FLOAT32),
            new Way("every step, 32 bits", replicas, 1, GradientFormat.FLOAT32),
            new Way("every step, 16 bits", replicas, 1, GradientFormat.BFLOAT16),
            new Way("local SGD, K = 8", replicas, 8, GradientFormat.FLOAT32),
            new Way("local SGD, K = 64", replicas, 64, GradientFormat.FLOAT32));
    try (JavaSparkContext spark =
        new JavaSparkContext(new SparkConf().setIfMissing("spark.app.name", "exchanges"))) {
      for (Way way : ways) {
        double[] top1 = new double[seeds];
        long bytes = 0;
        for (int seed = 0; seed < seeds; seed++) {
          SparkTraining training = train(spark, args[0], way, epochs, seed + 1);
          List<EpochRecord> records = training.history().epochs();
          top1[seed] = 100 * records.get(records.size() - 1).validationTop1();
          bytes = training.replicas().get(0).bytesFetched();
        }
        System.out.printf(
            Locale.ROOT,
            "%-20s  test top-1 %5.2f %%, %5.2f to %5.2f; %8.1f MB fetched by a replica%n",
            way.name,
            Arrays.stream(top1).average().orElseThrow(),
            Arrays.stream(top1).min().orElseThrow(),
            Arrays.stream(top1).max().orElseThrow(),
            bytes / 1e6);
      }
    }
  }

  private static SparkTraining train(
      JavaSparkContext spark, String folder, Way way, int epochs, long seed) throws IOException {
    return SparkTrainer.of(spark, () -> SmallAlexNet.of(1, 28).classes(10).graph())
        .seed(seed)
        .replicas(way.replicas)
        .averageEvery(way.averageEvery)
        .gradientFormat(way.format)
        .settings(
            (trainer, network) ->
                trainer
                    .optimizer(Sgd.momentum(0.9f).weightDecay(1e-4f))
                    .learningRate(LearningRate.cosine(0.01f, 0, epochs)))
        .fit(
            (rows, rank, count) -> {
              Split images = FashionMnist.in(Path.of(folder));
              return new ReplicaData.Part(
                  part(images.train(), rank, count, seed),
                  part(images.validation(), rank, count, -1));
            },
            epochs);
  }

  /** In random order and mirrored at random, unless the seed is negative. */
  private static BatchSource part(Dataset images, int rank, int count, long seed) {
    return Batches.of(ResizedImages.of(images, 28))
        .batchSize(64)
        .shuffle(seed >= 0)
        .seed(seed)
        .augment(seed >= 0 ? Augment.none().mirror() : Augment.none())
        .part(rank, count)
        .threads(1)
        .build();
  }
}
