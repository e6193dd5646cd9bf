package io.alexnet.examples.experiment;

import java.io.IOException;

/**
 * Fashion-MNIST with the small network: the recipe of {@code train}, with several seeds.
 *
 * <pre>
 * java -cp examples/target/alexnet.jar io.alexnet.examples.experiment.FashionMnistError \
 *     fashion-mnist:fashion-mnist runs/fashion-mnist
 * </pre>
 */
public final class FashionMnistError {

  private FashionMnistError() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    System.exit(
        new Experiment(FashionMnistError.class, "--model", "small")
            .variant("small")
            .column("test error, %", "%.2f", t -> 100 - 100 * t.last().validationTop1())
            .column("test error, ten crops, %", "%.2f", t -> 100 - 100 * t.tenCropTop1())
            .column("training error, %", "%.2f", t -> 100 - 100 * t.last().trainTop1())
            .curve("Test error", epoch -> 1 - epoch.validationTop1())
            .curve("Training error", epoch -> 1 - epoch.trainTop1())
            .run(args));
  }
}
