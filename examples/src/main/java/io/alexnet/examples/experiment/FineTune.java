package io.alexnet.examples.experiment;

/**
 * What weights that have learnt other flowers are worth. The paper's network learns nine classes of
 * Oxford Flowers-17, then, with those weights, the other eight: by the recipe from scratch, at a
 * tenth of its rate in all layers but the last, or in the dense layers alone. Beside them one
 * learns the eight from scratch.
 *
 * <pre>
 * java -cp examples/target/alexnet.jar io.alexnet.examples.experiment.FineTune \
 *     flowers17:oxflower17 runs/fine-tune
 * </pre>
 */
public final class FineTune {

  private static final String PRETRAINING = "pre-training";

  /** Of the recipe from scratch. */
  private static final String RATE = "0.01";

  private FineTune() {}

  public static void main(String[] args) throws InterruptedException {
    System.exit(experiment("0-8", "9-16", "fc8", "--model", "alexnet").run(args));
  }

  /**
   * @param before classes to learn first
   * @param then classes to learn with those weights, and without
   * @param head the model's last layer
   * @param common arguments of {@code train} for every training
   */
  static Experiment experiment(String before, String then, String head, String... common) {
    return Experiment.ofAccuracies(FineTune.class, common)
        .variant(PRETRAINING, "--classes", before)
        .variant("from scratch", "--classes", then)
        .variantFrom(PRETRAINING, "fine-tuned", "--classes", then, "--learning-rate", RATE)
        .variantFrom(PRETRAINING, "rate ÷ 10", "--classes", then, "--rate-factor", head + "=10")
        .variantFrom(
            PRETRAINING,
            "conv frozen",
            "--classes",
            then,
            "--learning-rate",
            RATE,
            "--freeze",
            "conv*")
        .column("top-1 after 5 epochs, %", "%.1f", t -> 100 * t.after(5).validationTop1());
  }
}
