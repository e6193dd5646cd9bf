package io.alexnet.examples.cli;

import io.alexnet.batch.BatchSource;
import io.alexnet.data.Batches;
import io.alexnet.data.Dataset;
import io.alexnet.data.DatasetException;
import io.alexnet.data.ImageStatistics;
import io.alexnet.data.Preprocessing;
import io.alexnet.data.ResizedImages;
import io.alexnet.data.image.Normalization;
import io.alexnet.data.image.PrincipalColors;
import io.alexnet.data.predict.ImageClassifier;
import io.alexnet.examples.page.Json;
import io.alexnet.format.SafeTensors;
import io.alexnet.graph.Graph;
import io.alexnet.layer.ConvolutionChoice;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.TypeConversionException;

/**
 * What a run's {@code config.json} holds: all that is needed to build the same network again and to
 * give it images in the same form.
 *
 * @param colors of the colour noise; null without it
 * @param convolutions by which algorithms training computes them
 * @param validated the fingerprint of the images that it is validated with; empty if not recorded
 */
record RunConfiguration(
    ModelName model,
    DataSource data,
    int channels,
    List<String> classNames,
    Normalization normalization,
    PrincipalColors colors,
    ConvolutionChoice convolutions,
    String validated,
    Recipe recipe) {

  /** File of the run's folder that has the mean image, if there is one. */
  static final String MEAN_IMAGE_FILE = "mean-image.safetensors";

  private static final String MEAN = "normalization.mean";
  private static final String VALIDATED = "validated";
  private static final String CONFIGURATION = "configuration";

  /**
   * Of a new run; measures the training images as far as the recipe goes by them.
   *
   * @param normalization to be taken over from an earlier run; null to make it by the recipe
   */
  static RunConfiguration of(
      ModelName model,
      DataSource data,
      ResizedImages training,
      Recipe recipe,
      Normalization normalization) {
    boolean colorNoise = hasColorNoise(recipe, training.channels());
    ImageStatistics statistics =
        colorNoise || normalization == null && recipe.normalization.isMeasured()
            ? ImageStatistics.of(training, recipe.seed)
            : null;
    return new RunConfiguration(
        model,
        data,
        training.channels(),
        training.dataset().classNames(),
        normalization == null ? recipe.normalization.of(statistics) : normalization,
        colorNoise ? statistics.principalColors() : null,
        ConvolutionChoice.AUTO,
        "",
        recipe);
  }

  /**
   * What a model or a checkpoint has as metadata, beside its weights; null if it has none.
   *
   * @throws IllegalArgumentException if it is not a run's configuration
   */
  static RunConfiguration in(SafeTensors file) throws IOException {
    String text = file.metadata().get(CONFIGURATION);
    if (text == null) {
      return null;
    }
    Object json = Json.read(new StringReader(text));
    return fromMap(json, hasMeanImage(json) ? Map.of(MEAN, file.read(MEAN)) : Map.of());
  }

  private static boolean hasColorNoise(Recipe recipe, int channels) {
    return recipe.augmentation().hasColorNoise() && channels == 3;
  }

  RunConfiguration with(Recipe otherRecipe, DataSource otherData) {
    return new RunConfiguration(
        model,
        otherData,
        channels,
        classNames,
        normalization,
        colors,
        convolutions,
        validated,
        otherRecipe);
  }

  /**
   * Of a training about to begin or to go on. What it is validated with stays what it was at the
   * beginning: images that have joined since may have been learnt from.
   *
   * @param other of the convolutions
   * @param validation of {@link #evaluationBatches}, with one crop
   */
  RunConfiguration with(ConvolutionChoice other, BatchSource validation) {
    return new RunConfiguration(
        model,
        data,
        channels,
        classNames,
        normalization,
        colors,
        other,
        validated.isEmpty() ? validation.fingerprint() : validated,
        recipe);
  }

  /**
   * Tells if the images that the run is validated with are others now than in its training.
   *
   * @param images of {@link #openValidation}
   */
  void warnOfChanges(ResizedImages images, PrintWriter err) {
    if (!validated.isEmpty() && !validated.equals(evaluationBatches(images, 1).fingerprint())) {
      err.println(
          "alexnet: %s: the images have changed since the training began: it is validated with others than then, and may have learnt from some of them"
              .formatted(data));
    }
  }

  /**
   * Tells if other images, given for an evaluation, are all of those that the run's own were drawn
   * from.
   */
  void warnOfLearnt(DataSource other, Dataset images, PrintWriter err) {
    boolean drawsOthers = other.kind() == DataSource.Kind.SHAPES;
    if (other.kind() != data.kind()
        || drawsOthers
        || !recipe.classes.isEmpty()
        || validated.isEmpty()) {
      return;
    }
    Dataset validation;
    try {
      validation = images.split(1 - recipe.validationSplit, recipe.seed).validation();
    } catch (IllegalArgumentException e) {
      return; // too few
    }
    ResizedImages resized = resized(validation, channels, recipe);
    if (validated.equals(evaluationBatches(resized, 1).fingerprint())) {
      err.println(
          "alexnet: %s: these are the images that the run has learnt from, besides those it was validated with, which evaluate takes alone without --data"
              .formatted(other));
    }
  }

  /** What goes into the model's file beside its weights, also for {@link ImageClassifier#open}. */
  Map<String, String> metadata() {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("format", "alexnet-run");
    metadata.put(CONFIGURATION, Json.write(toMap()));
    metadata.putAll(ImageClassifier.metadata(preprocessing(), classNames));
    return metadata;
  }

  /** How the network wants its images. */
  Preprocessing preprocessing() {
    return new Preprocessing(channels, recipe.resizedSide(), recipe.imageSize, normalization);
  }

  /** What is too large for text: the mean image [channels][side][side], if there is one. */
  Map<String, Tensor> tensors() {
    int side = normalization.side();
    return side == 1
        ? Map.of()
        : Map.of(
            MEAN, Tensor.of(normalization.toMap().get(MEAN), 0, Shape.of(channels, side, side)));
  }

  /**
   * @param source where the dataset comes from
   * @throws Failure if its classes are not those of the run, in their order
   */
  void requireClasses(Dataset dataset, DataSource source) {
    List<String> found = dataset.classNames();
    if (found.size() != classNames.size()) {
      throw new Failure(
          String.format(
              "%s has %d classes but the run's network has %d outputs",
              source, found.size(), classNames.size()));
    }
    for (int i = 0; i < found.size(); i++) {
      if (!found.get(i).equals(classNames.get(i))) {
        throw new Failure(
            String.format(
                "class %d of %s is '%s', but the run's network learnt it as '%s'",
                i, source, found.get(i), classNames.get(i)));
      }
    }
  }

  Graph graph() {
    return model.graph(channels, classNames.size(), recipe);
  }

  /**
   * The images that the run is validated with, where its data are now.
   *
   * @throws Failure if they are not there, or have other classes
   */
  Dataset openValidation() {
    Dataset validation;
    try {
      validation = data.openValidation(recipe);
    } catch (DatasetException e) {
      throw new Failure(
          e.getMessage()
              + " (if the data were moved, train --resume RUN --data KIND:PATH makes the run know)",
          e);
    }
    requireClasses(validation, data);
    return validation;
  }

  /** The dataset's images at the size that crops are taken from. */
  static ResizedImages resized(Dataset dataset, int channels, Recipe recipe) {
    return ResizedImages.of(dataset, recipe.resizedSide()).channels(channels);
  }

  BatchSource trainingBatches(ResizedImages images) {
    return Batches.of(images)
        .imageSize(recipe.imageSize)
        .batchSize(recipe.batchSize)
        .shuffle(true)
        .seed(recipe.seed)
        .augment(recipe.augmentation().augment(colors))
        .normalization(normalization)
        .build();
  }

  /** Every image, in order: its centre, or its ten crops. */
  BatchSource evaluationBatches(ResizedImages images, int crops) {
    return preprocessing().batches(images, recipe.batchSize, crops == 10);
  }

  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("model", model);
    map.put("data", data);
    map.put("channels", channels);
    map.put("classNames", classNames);
    boolean meanImage = normalization.side() > 1;
    normalization
        .toMap()
        .forEach(
            (name, values) ->
                map.put(name, meanImage && name.equals(MEAN) ? MEAN_IMAGE_FILE : boxed(values)));
    if (colors != null) {
      colors.toMap().forEach((name, values) -> map.put(name, boxed(values)));
    }
    map.put("convolution", convolutions.toText());
    map.put(VALIDATED, validated);
    map.put("recipe", recipe.toMap());
    return map;
  }

  /** Whether a configuration's mean image is in {@value #MEAN_IMAGE_FILE}. */
  static boolean hasMeanImage(Object json) {
    return json instanceof Map<?, ?> map && MEAN_IMAGE_FILE.equals(map.get(MEAN));
  }

  /**
   * @param tensors as {@link #tensors()}, for what the text only refers to
   * @throws IllegalArgumentException if something is missing or not of its type
   */
  static RunConfiguration fromMap(Object json, Map<String, Tensor> tensors) {
    try {
      Map<?, ?> map = (Map<?, ?>) json;
      Map<String, float[]> arrays = new LinkedHashMap<>();
      tensors.forEach((name, tensor) -> arrays.put(name, tensor.toArray()));
      map.forEach(
          (name, value) -> {
            if (name.toString().contains(".") && !tensors.containsKey(name)) {
              arrays.put(name.toString(), unboxed((List<?>) value));
            }
          });
      int channels = ((Number) map.get("channels")).intValue();
      ModelName model = new Choice<>(ModelName.class).convert((String) map.get("model"));
      DataSource data = DataSource.parse((String) map.get("data"));
      Recipe recipe = Recipe.fromMap((Map<?, ?>) map.get("recipe"), Recipe.of(model, data.kind()));
      RunConfiguration configuration =
          new RunConfiguration(
              model,
              data,
              channels,
              ((List<?>) map.get("classNames")).stream().map(String.class::cast).toList(),
              Normalization.fromMap(arrays),
              hasColorNoise(recipe, channels) ? PrincipalColors.fromMap(arrays) : null,
              convolutions((Map<?, ?>) map.get("convolution")),
              map.get(VALIDATED) == null ? "" : (String) map.get(VALIDATED),
              recipe);
      configuration.requirePossible();
      return configuration;
    } catch (ClassCastException | NullPointerException e) {
      throw new IllegalArgumentException("not a run's configuration", e);
    } catch (TypeConversionException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /**
   * @throws IllegalArgumentException if there is no such network, or no such images
   */
  private void requirePossible() {
    recipe.requireInRange();
    preprocessing();
    graph();
    recipe.fineTuning();
    Schedule.of(recipe.schedule, 1, 1, 1);
  }

  /** A configuration that does not speak of them is of a run that computed them by their shapes. */
  private static ConvolutionChoice convolutions(Map<?, ?> json) {
    if (json == null) {
      return ConvolutionChoice.AUTO;
    }
    Map<String, String> text = new LinkedHashMap<>();
    json.forEach((key, value) -> text.put((String) key, (String) value));
    return ConvolutionChoice.ofText(text);
  }

  private static List<Float> boxed(float[] values) {
    List<Float> list = new ArrayList<>();
    for (float value : values) {
      list.add(value);
    }
    return list;
  }

  private static float[] unboxed(List<?> list) {
    float[] values = new float[list.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = ((Number) list.get(i)).floatValue();
    }
    return values;
  }
}
