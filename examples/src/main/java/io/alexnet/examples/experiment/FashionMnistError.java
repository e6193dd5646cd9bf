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
    System.exit(Experiment.ofErrors(FashionMnistError.class, "small").run(args));
  }
}
