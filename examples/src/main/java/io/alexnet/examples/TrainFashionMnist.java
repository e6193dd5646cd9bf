package io.alexnet.examples;

import io.alexnet.batch.BatchSource;
import io.alexnet.data.Batches;
import io.alexnet.data.Dataset;
import io.alexnet.data.ImageStatistics;
import io.alexnet.data.ResizedImages;
import io.alexnet.data.Split;
import io.alexnet.data.image.Normalization;
import io.alexnet.data.source.FashionMnist;
import io.alexnet.format.SafeTensors;
import io.alexnet.graph.Network;
import io.alexnet.optim.LearningRate;
import io.alexnet.optim.Sgd;
import io.alexnet.train.Evaluation;
import io.alexnet.train.Evaluator;
import io.alexnet.train.Trainer;
import io.alexnet.zoo.SmallAlexNet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * Trains a small AlexNet on Fashion-MNIST, tests it and stores its weights.
 *
 * <pre>
 * java --add-modules jdk.incubator.vector -cp examples/target/alexnet.jar \
 *     io.alexnet.examples.TrainFashionMnist fashion-mnist fashion-mnist.safetensors
 * </pre>
 */
public final class TrainFashionMnist {

  private static final int EPOCHS = 10;
  private static final long SEED = 1;

  private TrainFashionMnist() {}

  public static void main(String[] args) throws IOException {
    if (args.length != 2) {
      System.err.println("usage: TrainFashionMnist FOLDER MODEL");
      System.exit(2);
    }
    Split data = FashionMnist.in(Path.of(args[0]));
    Normalization normalization =
        ImageStatistics.of(ResizedImages.of(data.train(), 28), SEED).standard();

    try (Network network = SmallAlexNet.of(1, 28).classes(10).build(SEED)) {
      Trainer.of(network)
          .optimizer(Sgd.momentum(0.9f).weightDecay(1e-4f))
          .learningRate(LearningRate.cosine(0.02f, 0, EPOCHS))
          .listener(new PrintEpochs())
          .fit(batches(data.train(), normalization, true), null, EPOCHS);
      Evaluation test =
          new Evaluator(network).evaluate(batches(data.validation(), normalization, false));
      System.out.println(test);
      System.out.print(test.perClass());
      SafeTensors.write(Path.of(args[1]), network.state(), Map.of("model", "small"));
    }
  }

  private static BatchSource batches(
      Dataset dataset, Normalization normalization, boolean shuffle) {
    return Batches.of(ResizedImages.of(dataset, 28))
        .batchSize(128)
        .shuffle(shuffle)
        .seed(SEED)
        .normalization(normalization)
        .build();
  }
}
