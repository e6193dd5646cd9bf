package io.alexnet.examples;

import io.alexnet.data.Batches;
import io.alexnet.data.ImageStatistics;
import io.alexnet.data.ResizedImages;
import io.alexnet.data.Split;
import io.alexnet.data.image.Augment;
import io.alexnet.data.image.Normalization;
import io.alexnet.data.source.Flowers17;
import io.alexnet.graph.Network;
import io.alexnet.init.Initializer;
import io.alexnet.optim.LearningRate;
import io.alexnet.optim.Sgd;
import io.alexnet.train.Checkpoint;
import io.alexnet.train.CsvMetrics;
import io.alexnet.train.Evaluation;
import io.alexnet.train.Evaluator;
import io.alexnet.train.History;
import io.alexnet.train.Metric;
import io.alexnet.train.Trainer;
import io.alexnet.zoo.AlexNet;
import java.nio.file.Path;

/**
 * The paper's network on Oxford Flowers-17, with checkpoints: if stopped and started again, it goes
 * on where it was. Initial weights are He's, as the paper's take thousands of steps to leave the
 * plateau at the start, and this data set has 34 steps in an epoch.
 *
 * <pre>
 * java --add-modules jdk.incubator.vector -Xmx6g -cp examples/target/alexnet.jar \
 *     io.alexnet.examples.TrainFlowers oxflower17 runs/flowers
 * </pre>
 */
public final class TrainFlowers {

  private static final int EPOCHS = 60;
  private static final long SEED = 1;

  private TrainFlowers() {}

  public static void main(String[] args) {
    if (args.length != 2) {
      System.err.println("usage: TrainFlowers FLOWERS RUN");
      System.exit(2);
    }
    Split flowers = Flowers17.in(Path.of(args[0])).split(0.8, SEED);
    Path run = Path.of(args[1]);

    ResizedImages images = ResizedImages.of(flowers.train(), 256);
    Normalization normalization = ImageStatistics.of(images, SEED).standard();

    try (Network network =
        AlexNet.paper().classes(17).initializer(Initializer.heNormal()).build(SEED)) {
      Trainer trainer =
          Trainer.of(network)
              .optimizer(Sgd.momentum(0.9f).weightDecay(5e-4f))
              .learningRate(LearningRate.cosine(0.01f, 0, EPOCHS))
              .checkpoint(run)
              .listener(new PrintEpochs())
              .listener(new CsvMetrics(run.resolve("metrics.csv")));
      if (Checkpoint.isIn(run)) {
        trainer.resume(run);
      }
      Batches validation =
          Batches.of(ResizedImages.of(flowers.validation(), 256))
              .imageSize(227)
              .normalization(normalization);
      History history =
          trainer.fit(
              Batches.of(images)
                  .imageSize(227)
                  .batchSize(32)
                  .shuffle(true)
                  .seed(SEED)
                  .augment(Augment.none().randomCrop().mirror())
                  .normalization(normalization)
                  .build(),
              validation.build(),
              EPOCHS);
      history.best(Metric.VALIDATION_TOP1).ifPresent(System.out::println);
      Checkpoint.loadWeights(run.resolve(Checkpoint.BEST), network);
      Evaluation tenCrops = new Evaluator(network).evaluate(validation.tenCrops(true).build());
      System.out.println("its weights on ten crops: " + tenCrops);
    }
  }
}
