package io.alexnet.examples.cli;

import io.alexnet.data.NormalizationKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The options that change a {@link Recipe}. They are kept as changes, as the recipe that they apply
 * to is known only when all options are.
 */
final class RecipeOptions {

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  private final List<Consumer<Recipe>> changes = new ArrayList<>();

  private boolean haveBatchSize;

  private boolean haveNormalization;

  private boolean haveLearningRate;

  private boolean haveAugment;

  /** Whether the batch size is among them. */
  boolean haveBatchSize() {
    return haveBatchSize;
  }

  /** Whether the normalisation is among them. */
  boolean haveNormalization() {
    return haveNormalization;
  }

  /** Of a new run: where defaults do not go with what is given, they give way. */
  void applyToDefaults(Recipe recipe) {
    boolean hadLrn = recipe.lrn;
    changes.forEach(change -> change.accept(recipe));
    if (hadLrn && !recipe.lrn && !haveLearningRate) {
      recipe.spareReluWithoutLrn();
    }
    if (recipe.resize != 0 && !haveAugment) {
      recipe.augment = recipe.augment.replaceFirst("^crop:[^,]*", "crop"); // the model's own share
    }
    requirePossible(recipe);
  }

  /** Of a run that has begun. */
  void applyTo(Recipe recipe) {
    changes.forEach(change -> change.accept(recipe));
    requirePossible(recipe);
  }

  private void requirePossible(Recipe recipe) {
    try {
      recipe.requireInRange();
    } catch (Recipe.OutOfRange e) {
      throw new ParameterException(
          command.commandLine(), option(e.setting()) + " " + e.problem(), e);
    }
    check(
        recipe.resize == 0 || !recipe.augmentation().hasCropShare(),
        "--resize does not go with the share in --augment "
            + recipe.augment
            + ": give one of them");
    check(
        recipe.resizedSide() >= recipe.imageSize,
        "--resize "
            + recipe.resize
            + " is smaller than the images cut from it: --image-size "
            + recipe.imageSize);
  }

  /** Of {@code learningRate}, {@code --learning-rate}. */
  static String option(String setting) {
    return "--" + setting.replaceAll("(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
  }

  @Option(
      names = "--classes",
      order = 5,
      paramLabel = "CLASSES",
      description =
          "Some of the data's classes only: names or numbers from 0, as in daisy,rose or 0-8.")
  void classes(String classes) {
    check(!classes.isBlank(), "--classes needs names or numbers, as in 0-8");
    changes.add(r -> r.classes = classes);
  }

  @Option(
      names = "--freeze",
      order = 6,
      paramLabel = "PATTERNS",
      description = "Layers that stay as they are, as in conv1,conv2 or conv*.")
  void freeze(String patterns) {
    changes.add(r -> r.freeze = patterns);
  }

  @Option(
      names = "--rate-factor",
      order = 7,
      paramLabel = "PATTERN=FACTOR",
      description = "Layers that learn at a rate of their own, as in conv*=0.1,fc8=10.")
  void rateFactor(String factors) {
    read("--rate-factor", () -> FineTuning.parse("", factors));
    changes.add(r -> r.rateFactor = factors);
  }

  @Option(
      names = "--epochs",
      order = 10,
      paramLabel = "N",
      description = "Times that training goes over all images.")
  void epochs(int epochs) {
    changes.add(r -> r.epochs = epochs);
  }

  @Option(
      names = "--batch-size",
      order = 11,
      paramLabel = "N",
      description = "Images in one training step.")
  void batchSize(int size) {
    haveBatchSize = true;
    changes.add(r -> r.batchSize = size);
  }

  @Option(
      names = "--learning-rate",
      order = 12,
      paramLabel = "RATE",
      description = "Rate at the start; the schedule may lower it.")
  void learningRate(float rate) {
    haveLearningRate = true;
    changes.add(r -> r.learningRate = rate);
  }

  @Option(
      names = "--schedule",
      order = 13,
      paramLabel = "SCHEDULE",
      description = {
        "How the rate falls: " + Schedule.FORMS + ".",
        "plateau: times FACTOR after more than PATIENCE epochs without a better loss. With"
            + " warmup:EPOCHS, in front it first rises from 0, as in warmup:1,cosine."
      })
  void schedule(String schedule) {
    read("--schedule", () -> Schedule.of(schedule, 1, 1, 1));
    changes.add(r -> r.schedule = schedule);
  }

  @Option(
      names = "--optimizer",
      order = 14,
      paramLabel = "NAME",
      description =
          "${COMPLETION-CANDIDATES}. For adam the rate is a fiftieth and there is no weight decay,"
              + " unless given.")
  void optimizer(OptimizerName optimizer) {
    changes.add(0, r -> r.takeOptimizer(optimizer)); // before what is given of rate and decay
  }

  @Option(
      names = "--momentum",
      order = 15,
      paramLabel = "M",
      description = "Share of the last step in the next (sgd and nesterov).")
  void momentum(float momentum) {
    changes.add(r -> r.momentum = momentum);
  }

  @Option(
      names = "--weight-decay",
      order = 16,
      paramLabel = "D",
      description = "Pull of the weights towards 0.")
  void weightDecay(float decay) {
    changes.add(r -> r.weightDecay = decay);
  }

  @Option(
      names = "--clip-norm",
      order = 17,
      paramLabel = "NORM",
      description = "Shortens the gradient, of all parameters together, to this norm; 0: never.")
  void clipNorm(float norm) {
    changes.add(r -> r.clipNorm = norm);
  }

  @Option(
      names = "--dropout",
      order = 18,
      paramLabel = "RATE",
      description = "Share of the dense layers' values dropped in training.")
  void dropout(float rate) {
    changes.add(r -> r.dropout = rate);
  }

  @Option(
      names = "--activation",
      order = 19,
      paramLabel = "NAME",
      description = "Between the layers: ${COMPLETION-CANDIDATES}.")
  void activation(ActivationName activation) {
    changes.add(r -> r.activation = activation);
  }

  @Option(
      names = "--initializer",
      order = 20,
      paramLabel = "WEIGHTS",
      completionCandidates = InitialWeights.Forms.class,
      description = "What weights start from: ${COMPLETION-CANDIDATES}.")
  void initializer(String text) {
    String initializer = text.toLowerCase(Locale.ROOT); // as of the options that are enums
    read("--initializer", () -> InitialWeights.of(initializer));
    changes.add(r -> r.initializer = initializer);
  }

  @Option(
      names = "--lrn",
      order = 21,
      negatable = true,
      description =
          "With (or without) local response normalisation. Without, the rate is three tenths if"
              + " --initializer is he (as alexnet's is), with relu, and sgd or nesterov, unless"
              + " given or begun --from.")
  void lrn(boolean lrn) {
    changes.add(r -> r.lrn = lrn);
  }

  @Option(
      names = "--overlapping-pools",
      order = 22,
      negatable = true,
      description = "Pools of 3×3 (or, without, of 2×2), moved by 2.")
  void overlappingPools(boolean overlapping) {
    changes.add(r -> r.overlappingPools = overlapping);
  }

  @Option(
      names = "--augment",
      order = 23,
      paramLabel = "CHANGES",
      description = {
        "Random changes to training images: " + Augmentation.FORMS + ".",
        "Alone, shift is mirror,shift; crop is crop,mirror; paper is crop,mirror,color-noise."
      })
  void augment(String changes) {
    read("--augment", () -> Augmentation.parse(changes));
    haveAugment = true;
    this.changes.add(r -> r.augment = changes);
  }

  @Option(
      names = "--normalization",
      order = 24,
      paramLabel = "NAME",
      description = "How pixels become the network's input: ${COMPLETION-CANDIDATES}.")
  void normalization(NormalizationKind normalization) {
    haveNormalization = true;
    changes.add(r -> r.normalization = normalization);
  }

  @Option(
      names = "--image-size",
      order = 25,
      paramLabel = "PIXELS",
      description = "Width and height of what the network sees.")
  void imageSize(int pixels) {
    changes.add(r -> r.imageSize = pixels);
  }

  @Option(
      names = "--resize",
      order = 26,
      paramLabel = "PIXELS",
      description = {
        "Width and height that images are brought to before crops of --image-size are cut out;"
            + " in the paper 256 for 227."
      })
  void resize(int pixels) {
    check(pixels != 0, "--resize must be at least 1, not 0");
    changes.add(r -> r.resize = pixels);
  }

  @Option(
      names = "--images",
      order = 27,
      paramLabel = "N",
      description = "Generated images (--data shapes).")
  void images(int images) {
    check(images >= 1, "--images must be at least 1, not " + images);
    changes.add(r -> r.images = images);
  }

  @Option(
      names = "--validation-split",
      order = 28,
      paramLabel = "SHARE",
      description = "Share of each class kept for validation, unless the data has a test set.")
  void validationSplit(double share) {
    changes.add(r -> r.validationSplit = share);
  }

  @Option(
      names = "--seed",
      order = 29,
      paramLabel = "N",
      description = "Of all that is random. The same seed gives the same weights, bit for bit.")
  void seed(long seed) {
    changes.add(r -> r.seed = seed);
  }

  /** Reads a text that is kept as it is, to refuse now what could not be read later. */
  private void read(String option, Runnable reading) {
    try {
      reading.run();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), option + ": " + e.getMessage(), e);
    }
  }

  private void check(boolean right, String message) {
    if (!right) {
      throw new ParameterException(command.commandLine(), message);
    }
  }
}
