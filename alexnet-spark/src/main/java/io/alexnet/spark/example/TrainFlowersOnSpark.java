package io.alexnet.spark.example;

import io.alexnet.batch.BatchSource;
import io.alexnet.data.Batches;
import io.alexnet.data.ImageStatistics;
import io.alexnet.data.ResizedImages;
import io.alexnet.data.Split;
import io.alexnet.data.image.Augment;
import io.alexnet.data.image.Normalization;
import io.alexnet.data.source.Flowers17;
import io.alexnet.graph.Graph;
import io.alexnet.graph.Network;
import io.alexnet.init.Initializer;
import io.alexnet.optim.LearningRate;
import io.alexnet.optim.Sgd;
import io.alexnet.spark.ReplicaData;
import io.alexnet.spark.SparkTrainer;
import io.alexnet.spark.SparkTraining;
import io.alexnet.train.Evaluation;
import io.alexnet.train.Evaluator;
import io.alexnet.zoo.AlexNet;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * The paper's network on Oxford Flowers-17, by several replicas, with the settings of {@code
 * alexnet train --data flowers17:FOLDER}. The folder must be there, under the same name, on every
 * machine.
 *
 * <pre>
 * spark-submit --master 'local[2]' --driver-memory 6g \
 *     --class io.alexnet.spark.example.TrainFlowersOnSpark \
 *     alexnet-spark/target/alexnet-spark-app.jar oxflower17 runs/flowers 2 60
 * </pre>
 */
public final class TrainFlowersOnSpark {

  private static final long SEED = 1;
  private static final int BATCH = 32;

  private TrainFlowersOnSpark() {}

  public static void main(String[] args) throws IOException {
    if (args.length != 4) {
      System.err.println("usage: TrainFlowersOnSpark FOLDER CHECKPOINTS REPLICAS EPOCHS");
      System.exit(2);
    }
    String folder =
        Path.of(args[0]).toAbsolutePath().toString(); // executors have other working folders
    int replicas = Integer.parseInt(args[2]);
    int epochs = Integer.parseInt(args[3]);
    try (JavaSparkContext spark =
        new JavaSparkContext(new SparkConf().setIfMissing("spark.app.name", "Flowers-17"))) {
      SparkTraining training =
          SparkTrainer.of(spark, TrainFlowersOnSpark::network)
              .seed(SEED)
              .replicas(replicas)
              .checkpoint(args[1])
              .resume()
              .onEpoch(System.out::println)
              .settings(
                  (trainer, network) ->
                      trainer
                          .optimizer(Sgd.momentum(0.9f).weightDecay(5e-4f))
                          .learningRate(LearningRate.cosine(0.01f, 0, epochs)))
              .fit((rows, rank, count) -> part(folder, rank, count), epochs);
      training.replicas().forEach(System.out::println);
      try (Network network = Network.of(network(), SEED)) {
        training.loadInto(network);
        Evaluation tenCrops = new Evaluator(network).evaluate(tenCrops(folder));
        System.out.println("on ten crops: " + tenCrops);
      }
    }
  }

  private static Graph network() {
    return AlexNet.paper().classes(17).initializer(Initializer.heNormal()).graph();
  }

  private static ReplicaData.Part part(String folder, int rank, int count) {
    Split flowers = Flowers17.in(Path.of(folder)).split(0.8, SEED);
    ResizedImages images = ResizedImages.of(flowers.train(), 256);
    ImageStatistics statistics = ImageStatistics.of(images, SEED);
    return new ReplicaData.Part(
        Batches.of(images)
            .imageSize(227)
            .batchSize(BATCH)
            .shuffle(true)
            .seed(SEED)
            .augment(Augment.paper(statistics.principalColors()))
            .normalization(statistics.standard())
            .part(rank, count)
            .threads(1)
            .build(),
        validation(flowers, statistics.standard()).part(rank, count).threads(1).build());
  }

  private static Batches validation(Split flowers, Normalization normalization) {
    return Batches.of(ResizedImages.of(flowers.validation(), 256))
        .imageSize(227)
        .batchSize(BATCH)
        .normalization(normalization);
  }

  private static BatchSource tenCrops(String folder) {
    Split flowers = Flowers17.in(Path.of(folder)).split(0.8, SEED);
    Normalization normalization =
        ImageStatistics.of(ResizedImages.of(flowers.train(), 256), SEED).standard();
    return validation(flowers, normalization).tenCrops(true).build();
  }
}
