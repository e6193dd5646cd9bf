package io.alexnet.examples.experiment;

import java.io.IOException;

/**
 * CIFAR-10 with the network of cuda-convnet, from random 24×24 crops: the recipe of {@code train},
 * with several seeds.
 *
 * <pre>
 * java -cp examples/target/alexnet.jar io.alexnet.examples.experiment.Cifar10Error \
 *     cifar10:cifar-10-binary.tar.gz runs/cifar10
 * </pre>
 */
public final class Cifar10Error {

  private Cifar10Error() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    System.exit(
        new Experiment(Cifar10Error.class, "--model", "cuda-convnet")
            .variant("cuda-convnet")
            .column("test error, %", "%.2f", t -> 100 - 100 * t.last().validationTop1())
            .column("test error, ten crops, %", "%.2f", t -> 100 - 100 * t.tenCropTop1())
            .column("training error, %", "%.2f", t -> 100 - 100 * t.last().trainTop1())
            .curve("Test error", epoch -> 1 - epoch.validationTop1())
            .curve("Training error", epoch -> 1 - epoch.trainTop1())
            .run(args));
  }
}
