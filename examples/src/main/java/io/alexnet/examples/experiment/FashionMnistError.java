package io.alexnet.examples.experiment;

/**
 * Fashion-MNIST with the small network, with several seeds. Beside the recipe of {@code train},
 * which is done in a few minutes: nearly six times the epochs, images moved and partly covered, and
 * five times the weight decay.
 *
 * <pre>
 * java -cp examples/target/alexnet.jar io.alexnet.examples.experiment.FashionMnistError \
 *     fashion-mnist:fashion-mnist runs/fashion-mnist
 * </pre>
 */
public final class FashionMnistError {

  private FashionMnistError() {}

  public static void main(String[] args) throws InterruptedException {
    System.exit(
        Experiment.ofErrors(FashionMnistError.class, "--model", "small")
            .variant(
                "small",
                "--epochs",
                "70",
                "--augment",
                "mirror,shift:0.05,cutout:0.2",
                "--weight-decay",
                "5e-4")
            .run(args));
  }
}
