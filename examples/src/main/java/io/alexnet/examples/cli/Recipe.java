package io.alexnet.examples.cli;

import io.alexnet.data.NormalizationKind;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * How a network is trained: every setting that changes the result, with the values it has when the
 * user says nothing. {@link #of} is the one place for defaults; {@link RecipeOptions} lets the
 * command line change them, and the run's {@code config.json} keeps what came of it.
 */
final class Recipe {

  /** Settings that the first runs' files do not have. */
  private static final Set<String> LATER =
      Set.of("resize", "overlappingPools", "classes", "from", "freeze", "rateFactor");

  private static final int MAX_SIDE = 8192; // an image of 200 MB

  /** A setting that cannot be meant. */
  static final class OutOfRange extends IllegalArgumentException {

    private static final long serialVersionUID = 1;

    private final String setting;
    private final String problem;

    private OutOfRange(String setting, String problem) {
      super("'" + setting + "' " + problem);
      this.setting = setting;
      this.problem = problem;
    }

    String setting() {
      return setting;
    }

    /** As in "must be at least 1, not 0". */
    String problem() {
      return problem;
    }
  }

  /** Width and height of the network's input, in pixels. */
  int imageSize = 227;

  /**
   * Width and height that images are resized to before a square of {@link #imageSize} is cut out; 0
   * for as much larger as the augmentation asks for.
   */
  int resize = 0;

  /** How many images the generated shapes have; no meaning for other data. */
  int images = 0;

  /** Which of the data's classes, as {@link ClassSelection} reads them; empty for all. */
  String classes = "";

  /** Share of the images kept for validation, unless the data has a test set of its own. */
  double validationSplit = 0.2;

  /** As {@link Augmentation} reads it. */
  String augment = "crop";

  NormalizationKind normalization = NormalizationKind.STANDARD;

  int epochs = 60;
  int batchSize = 128;
  OptimizerName optimizer = OptimizerName.SGD;
  float learningRate = 0.01f;
  float momentum = 0.9f;
  float weightDecay = 5e-4f;
  String schedule = "cosine";

  /** Limit for the norm of all gradients together; 0 for none. */
  float clipNorm = 0;

  ActivationName activation = ActivationName.RELU;

  /** As {@link InitialWeights} reads it. */
  String initializer = "model";

  float dropout = 0.5f;
  boolean lrn = true;
  boolean overlappingPools = true;

  /** What {@link Pretrained} opens for the first weights; empty to draw them. */
  String from = "";

  /** Patterns of the layers that stay as they are, as {@link FineTuning} reads them. */
  String freeze = "";

  /** Patterns and their factors of the rate, as {@link FineTuning} reads them. */
  String rateFactor = "";

  long seed = 1;

  /** The defaults. */
  static Recipe of(ModelName model, DataSource.Kind data) {
    Recipe r = new Recipe();
    switch (model) { // the network and what it sees
      case ALEXNET, ALEXNET_UNGROUPED -> {
        // The paper's Gaussians, made for 1.2 million images and large batches, take thousands of
        // steps to leave the plateau at the start; with these a few thousand photographs will do.
        r.initializer = "he";
        r.augment = "paper";
      }
      case ALEXNET_TORCHVISION -> {
        // Weights as PyTorch draws them: with He's, and no LRN, the ReLUs die at this rate.
        r.imageSize = 224;
        r.lrn = false;
        r.augment = "paper";
      }
      case ALEXNET_BN -> { // the Keras listing's
        r.imageSize = 224;
        r.lrn = false;
        r.overlappingPools = false;
        r.dropout = 0.4f;
        r.augment = "none";
        r.normalization = NormalizationKind.UNIT;
      }
      case CUDA_CONVNET -> {
        r.imageSize = 24;
        r.dropout = 0;
        r.augment = "crop:0.75,mirror"; // out of CIFAR-10's own 32
      }
      case FOUR_LAYERS -> { // as for the paper's figure 1: nothing against overfitting
        r.imageSize = 32;
        r.dropout = 0;
        r.augment = "none";
      }
      case SMALL -> r.imageSize = 32;
    }
    switch (data) {
      case SHAPES -> {
        r.images = 4000;
        r.epochs = 4;
        r.augment = "mirror";
      }
      case MNIST, FASHION_MNIST -> {
        r.epochs = 12;
        // A mirrored digit is another sign, a mirrored shoe is a shoe.
        r.augment = data == DataSource.Kind.MNIST ? "none" : "mirror";
        if (model == ModelName.SMALL) {
          r.imageSize = 28;
        }
      }
      case CIFAR10 -> r.epochs = 30;
      case FLOWERS17, FOLDER, LIST, PACKED, NPZ -> {}
    }
    if (data == DataSource.Kind.SHAPES && model != ModelName.SMALL) {
      // A few minutes are a few hundred steps: small batches make more of them, and Adam is through
      // the plateau at the start in a third of the images that momentum needs.
      r.batchSize = 16;
      r.optimizer = OptimizerName.ADAM;
      r.learningRate = 2e-4f;
      r.weightDecay = 0;
      return r;
    }
    switch (model) { // how it learns; what is not said here is the paper's, section 5
      case ALEXNET, ALEXNET_UNGROUPED, ALEXNET_TORCHVISION -> r.batchSize = 32;
      case ALEXNET_BN -> { // the Keras listing's
        r.batchSize = 64;
        r.optimizer = OptimizerName.ADAM;
        r.learningRate = 1e-3f;
        r.weightDecay = 0;
        r.schedule = "constant";
      }
      case CUDA_CONVNET -> { // after ten epochs of CIFAR-10 76.2 %, with Adam at 1e-3 72.9 %
        r.batchSize = 64;
        r.optimizer = OptimizerName.NESTEROV;
        r.schedule = "warmup:1,cosine";
      }
      case SMALL -> {
        r.batchSize = 32; // after five epochs of Fashion-MNIST 90.8 %, with 128 89.1 %
        r.weightDecay = 1e-4f;
      }
    }
    return r;
  }

  /**
   * Changes the optimiser, and with it what it learns by: Adam's steps are as long as its rate
   * however small the gradients are, so that a fiftieth of SGD's rate suits it, and a decay that is
   * added to them would pull at weights just as hard.
   */
  void takeOptimizer(OptimizerName other) {
    boolean adam = other == OptimizerName.ADAM;
    if (adam != (optimizer == OptimizerName.ADAM)) {
      multiplyRate(adam ? "0.02" : "50");
      if (adam) {
        weightDecay = 0;
      }
    }
    optimizer = other;
  }

  /**
   * Lowers SGD's rate where LRN is left out and the initialiser is He's: it lets signals grow,
   * which nothing holds back then, and at 0.01 the ReLUs of the paper's network die in its first
   * epochs.
   */
  void spareReluWithoutLrn() {
    boolean relu = activation == ActivationName.RELU;
    if (relu && initializer.equals("he") && optimizer != OptimizerName.ADAM && from.isEmpty()) {
      multiplyRate("0.3");
    }
  }

  /** In decimals, so that 0.01 is not to become 0.0029999999. */
  void multiplyRate(String factor) {
    BigDecimal rate = new BigDecimal(Float.toString(learningRate));
    learningRate = rate.multiply(new BigDecimal(factor)).floatValue();
  }

  /** Throws {@link OutOfRange} at the first setting that cannot be meant. */
  void requireInRange() {
    require(imageSize >= 1, "imageSize", "at least 1", imageSize);
    require(resize >= 0 && resize <= MAX_SIDE, "resize", "from 1 to " + MAX_SIDE, resize);
    require(images >= 0, "images", "0 or more", images);
    require(
        validationSplit > 0 && validationSplit < 1,
        "validationSplit",
        "between 0 and 1",
        validationSplit);
    require(epochs >= 1, "epochs", "at least 1", epochs);
    require(batchSize >= 1, "batchSize", "at least 1", batchSize);
    boolean positiveRate = learningRate > 0 && Float.isFinite(learningRate);
    require(positiveRate, "learningRate", "above 0", learningRate);
    require(momentum >= 0 && momentum < 1, "momentum", "in [0, 1)", momentum);
    boolean pull = weightDecay >= 0 && Float.isFinite(weightDecay);
    require(pull, "weightDecay", "0 or more", weightDecay);
    require(clipNorm >= 0 && Float.isFinite(clipNorm), "clipNorm", "0 or more", clipNorm);
    require(dropout >= 0 && dropout < 1, "dropout", "in [0, 1)", dropout);
  }

  private static void require(boolean inRange, String setting, String range, Number value) {
    if (!inRange) {
      throw new OutOfRange(setting, "must be " + range + ", not " + value);
    }
  }

  /**
   * @throws IllegalArgumentException if a run's file has what is none
   */
  Augmentation augmentation() {
    return Augmentation.parse(augment);
  }

  /**
   * @throws IllegalArgumentException if a run's file has what is none
   */
  FineTuning fineTuning() {
    return FineTuning.parse(freeze, rateFactor);
  }

  /** Side of the square that the network's images are cut from. */
  int resizedSide() {
    return resize == 0 ? augmentation().resizedSide(imageSize) : resize;
  }

  /** Whether images are resized to more than the network takes, so that it sees crops of them. */
  boolean canBeCropped() {
    return resizedSide() > imageSize;
  }

  Recipe copy() {
    return fromMap(toMap(), new Recipe());
  }

  Recipe withBatchSize(int batchSize) {
    Recipe other = copy();
    other.batchSize = batchSize;
    return other;
  }

  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    for (Field field : fields()) {
      try {
        map.put(field.getName(), field.get(this));
      } catch (IllegalAccessException e) {
        throw new AssertionError(e);
      }
    }
    return map;
  }

  /**
   * Puts the map's settings into a recipe. Those of {@link #LATER} may be missing and stay as they
   * are then, which is as the run had them.
   *
   * @return the recipe given
   * @throws IllegalArgumentException if another setting is missing, or one is of the wrong type
   */
  static Recipe fromMap(Map<?, ?> map, Recipe recipe) {
    for (Field field : fields()) {
      if (LATER.contains(field.getName()) && !map.containsKey(field.getName())) {
        continue;
      }
      Object value = map.get(field.getName());
      if (value == null) {
        throw new IllegalArgumentException("'" + field.getName() + "' must not be missing");
      }
      try {
        if (value instanceof Number number) {
          value = narrow(number, field.getType());
        } else if (field.getType().isEnum()) {
          value = constant(field.getType(), value.toString());
        }
        field.set(recipe, value);
      } catch (IllegalAccessException | RuntimeException e) {
        throw new IllegalArgumentException("'" + field.getName() + "' must not be " + value, e);
      }
    }
    return recipe;
  }

  private static Number narrow(Number number, Class<?> type) {
    if (type == int.class) {
      return new BigDecimal(number.toString()).intValueExact();
    }
    if (type == long.class) {
      return new BigDecimal(number.toString()).longValueExact();
    }
    return type == float.class ? (Number) number.floatValue() : (Number) number.doubleValue();
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static Object constant(Class<?> type, String label) {
    return new Choice(type).convert(label);
  }

  private static Iterable<Field> fields() {
    return Arrays.stream(Recipe.class.getDeclaredFields())
        .filter(f -> !Modifier.isStatic(f.getModifiers()) && !f.isSynthetic())
        .toList();
  }
}
