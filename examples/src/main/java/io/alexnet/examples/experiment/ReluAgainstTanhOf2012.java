package io.alexnet.examples.experiment;

/**
 * {@link ReluAgainstTanh} as a training began in 2012: pixels from 0 to 255 less the mean image, as
 * in Krizhevsky et al. 2012, section 2, and weights from a Gaussian of deviation 0.01, as in
 * section 5. The first convolution's outputs then have a deviation of some 5, at which tanh is all
 * but flat; ReLU does not mind.
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
            "gaussian:0.01",
            "--epochs",
            "24");
    for (String rate : new String[] {"0.001", "0.002", "0.003"}) {
      experiment.variant("ReLU, rate " + rate, "--activation", "relu", "--learning-rate", rate);
    }
    for (String rate : new String[] {"0.003", "0.01", "0.03"}) {
      experiment.variant("tanh, rate " + rate, "--activation", "tanh", "--learning-rate", rate);
    }
    System.exit(experiment.run(args));
  }
}
