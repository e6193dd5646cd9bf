package io.alexnet.examples.experiment;

/**
 * {@link ReluAgainstTanh} as a training began in 2012: pixels from 0 to 255 less the mean image, as
 * in Krizhevsky et al. 2012, section 2, and weights from a Gaussian of deviation 0.01, as in
 * section 5. The first convolution's outputs then have a deviation of some 5, at which tanh is all
 * but flat; ReLU does not mind. Each at the best of the rates that were tried; tanh takes more
 * epochs.
 *
 * <pre>
 * java -cp examples/target/alexnet.jar io.alexnet.examples.experiment.ReluAgainstTanhOf2012 \
 *     cifar10:cifar-10-binary.tar.gz runs/relu-against-tanh-of-2012
 * </pre>
 */
public final class ReluAgainstTanhOf2012 {

  private ReluAgainstTanhOf2012() {}

  public static void main(String[] args) throws InterruptedException {
    Experiment experiment =
        ReluAgainstTanh.experiment(
            ReluAgainstTanhOf2012.class,
            "--normalization",
            "mean-image",
            "--initializer",
            "gaussian:0.01");
    System.exit(
        experiment
            .variant("ReLU, rate 0.003", arguments("relu", "0.003", "24"))
            .variant("tanh, rate 0.01", arguments("tanh", "0.01", "60"))
            .run(args));
  }

  private static String[] arguments(String activation, String rate, String epochs) {
    return new String[] {"--activation", activation, "--learning-rate", rate, "--epochs", epochs};
  }
}
