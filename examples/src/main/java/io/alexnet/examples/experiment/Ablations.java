package io.alexnet.examples.experiment;

/**
 * What the parts of AlexNet's recipe are worth on CIFAR-10: the network of cuda-convnet by the
 * recipe of {@code train} in twenty epochs, and that with one part changed at a time.
 *
 * <pre>
 * java -cp examples/target/alexnet.jar io.alexnet.examples.experiment.Ablations \
 *     cifar10:cifar-10-binary.tar.gz runs/ablations
 * </pre>
 */
public final class Ablations {

  private Ablations() {}

  public static void main(String[] args) throws InterruptedException {
    System.exit(
        Experiment.ofErrors(Ablations.class, "--model", "cuda-convnet", "--epochs", "20")
            .variant("the recipe")
            .variant("without LRN", "--no-lrn")
            .variant("pools that do not overlap", "--no-overlapping-pools")
            .variant("with dropout", "--dropout", "0.5")
            .variant("without augmentation", "--augment", "none", "--resize", "32")
            .run(args));
  }
}
