package io.alexnet.examples.experiment;

/**
 * CIFAR-10 with the network of cuda-convnet, from random 24×24 crops, with several seeds: the
 * recipe of {@code train} with four times the epochs.
 *
 * <pre>
 * java -cp examples/target/alexnet.jar io.alexnet.examples.experiment.Cifar10Error \
 *     cifar10:cifar-10-binary.tar.gz runs/cifar10
 * </pre>
 */
public final class Cifar10Error {

  private Cifar10Error() {}

  public static void main(String[] args) throws InterruptedException {
    System.exit(
        Experiment.ofErrors(Cifar10Error.class, "--model", "cuda-convnet")
            .variant("cuda-convnet", "--epochs", "120")
            .run(args));
  }
}
