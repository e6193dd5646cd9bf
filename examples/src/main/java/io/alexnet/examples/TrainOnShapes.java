package io.alexnet.examples;

import io.alexnet.batch.BatchSource;
import io.alexnet.data.Batches;
import io.alexnet.data.ImageStatistics;
import io.alexnet.data.ResizedImages;
import io.alexnet.data.Split;
import io.alexnet.data.image.Normalization;
import io.alexnet.data.source.Shapes;
import io.alexnet.graph.Network;
import io.alexnet.optim.LearningRate;
import io.alexnet.optim.Sgd;
import io.alexnet.train.Trainer;
import io.alexnet.zoo.SmallAlexNet;

/**
 * The library on one page: trains a small AlexNet to tell generated shapes apart.
 *
 * <pre>
 * java --add-modules jdk.incubator.vector -cp examples/target/alexnet.jar \
 *     io.alexnet.examples.TrainOnShapes
 * </pre>
 */
public final class TrainOnShapes {

  private static final int SIDE = 48;
  private static final int EPOCHS = 15;
  private static final long SEED = 1;

  private TrainOnShapes() {}

  public static void main(String[] args) {
    Split shapes = Shapes.of(8000, SIDE, SEED).split(0.8, SEED);
    ResizedImages images = ResizedImages.of(shapes.train(), SIDE);
    Normalization normalization = ImageStatistics.of(images, SEED).standard();
    BatchSource train =
        Batches.of(images)
            .batchSize(64)
            .shuffle(true)
            .seed(SEED)
            .normalization(normalization)
            .build();
    BatchSource validation =
        Batches.of(ResizedImages.of(shapes.validation(), SIDE))
            .batchSize(64)
            .normalization(normalization)
            .build();

    int classes = train.classNames().size();
    try (Network network = SmallAlexNet.of(3, SIDE).classes(classes).build(SEED)) {
      System.out.println(network.summary());
      Trainer.of(network)
          .optimizer(Sgd.momentum(0.9f).weightDecay(5e-4f))
          .learningRate(LearningRate.cosine(0.01f, 0, EPOCHS))
          .listener(new PrintEpochs())
          .fit(train, validation, EPOCHS);
    }
  }
}
