package io.alexnet.examples.experiment;

/**
 * What the parts of the recipe for the paper's network on Oxford Flowers-17 are worth: the recipe
 * of {@code train --data flowers17}, and that with one part changed at a time.
 *
 * <pre>
 * java -cp examples/target/alexnet.jar io.alexnet.examples.experiment.FlowersRecipe \
 *     flowers17:oxflower17 runs/flowers-recipe
 * </pre>
 */
public final class FlowersRecipe {

  private FlowersRecipe() {}

  public static void main(String[] args) throws InterruptedException {
    System.exit(
        Experiment.ofAccuracies(FlowersRecipe.class, "--model", "alexnet")
            .variant("the recipe")
            .variant("no colour changes", "--augment", "crop")
            .variant("no augmentation", "--augment", "none")
            .variant("no dropout", "--dropout", "0")
            // At the recipe's rate of 0.01 its ReLUs die in the first epochs.
            .variant("no LRN, rate 0.003", "--no-lrn", "--learning-rate", "0.003")
            .variant("the paper's initial weights", "--initializer", "model")
            .variant("batches of 128", "--batch-size", "128")
            .variant("a constant rate", "--schedule", "constant")
            .run(args));
  }
}
