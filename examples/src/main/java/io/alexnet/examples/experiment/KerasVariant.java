package io.alexnet.examples.experiment;

/**
 * The Keras variant on Oxford Flowers-17: as the tutorials train it, five epochs of Adam on 80 % of
 * the images as they are, and as well as we know how to.
 *
 * <pre>
 * java -cp examples/target/alexnet.jar io.alexnet.examples.experiment.KerasVariant \
 *     flowers17:oxflower17 runs/keras-variant
 * </pre>
 */
public final class KerasVariant {

  private KerasVariant() {}

  public static void main(String[] args) throws InterruptedException {
    System.exit(
        Experiment.ofAccuracies(KerasVariant.class, "--model", "alexnet-bn")
            .variant("as in the tutorials", "--epochs", "5")
            .variant(
                "at its best",
                "--augment",
                "paper",
                "--schedule",
                "warmup:1,cosine",
                "--epochs",
                "60")
            .run(args));
  }
}
