package io.alexnet.examples.experiment;

import java.io.IOException;

/**
 * What the parts of AlexNet's recipe are worth on CIFAR-10: the network of cuda-convnet by the
 * recipe of {@code train}, and that with one part changed at a time.
 *
 * <pre>
 * java -cp examples/target/alexnet.jar io.alexnet.examples.experiment.Ablations \
 *     cifar10:cifar-10-binary.tar.gz runs/ablations
 * </pre>
 */
public final class Ablations {

  private Ablations() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    System.exit(
        new Experiment(Ablations.class, "--model", "cuda-convnet")
            .variant("the recipe")
            .variant("without LRN", "--no-lrn")
            .variant("pools that do not overlap", "--no-overlapping-pools")
            .variant("with dropout", "--dropout", "0.5")
            .variant("without augmentation", "--augment", "none", "--resize", "32")
            .column("test error, last epoch, %", "%.2f", t -> 100 - 100 * t.last().validationTop1())
            .column("ten crops, %", "%.2f", t -> 100 - 100 * t.tenCropTop1())
            .column("training error, last epoch, %", "%.2f", t -> 100 - 100 * t.last().trainTop1())
            .curve("Test error", epoch -> 1 - epoch.validationTop1())
            .curve("Training error", epoch -> 1 - epoch.trainTop1())
            .run(args));
  }
}
