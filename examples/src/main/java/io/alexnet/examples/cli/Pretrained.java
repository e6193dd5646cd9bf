package io.alexnet.examples.cli;

import io.alexnet.data.NormalizationKind;
import io.alexnet.data.Preprocessing;
import io.alexnet.data.image.Normalization;
import io.alexnet.data.predict.ImageClassifier;
import io.alexnet.format.FormatException;
import io.alexnet.format.SafeTensors;
import io.alexnet.graph.Network;
import io.alexnet.layer.Parameter;
import io.alexnet.train.WeightReport;
import io.alexnet.train.Weights;
import io.alexnet.zoo.AlexNet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What {@code --from} names: the weights that a training begins with.
 *
 * @param source as the user named it
 * @param run that they come of; null for a file of another program
 * @param preprocessing of the images that they have learnt; null if the file does not say
 * @param classNames of what they have learnt; null if the file does not say
 */
record Pretrained(
    Path source,
    Path weights,
    RunConfiguration run,
    Preprocessing preprocessing,
    List<String> classNames) {

  /**
   * @param source a run's folder, its model or a checkpoint of it, what {@link
   *     ImageClassifier#save} wrote, or any safetensors file
   * @throws Failure if there is no such thing
   */
  static Pretrained open(Path source) {
    if (Files.isDirectory(source)) {
      RunFolder folder = RunFolder.open(source);
      Path weights = folder.weights();
      if (weights == null) {
        throw new Failure(
            "--from "
                + source
                + ": there is no model yet; finish the run with train --resume "
                + Quoted.of(source));
      }
      return of(source, weights, folder.configuration());
    }
    if (!Files.isRegularFile(source)) {
      throw new Failure("--from " + source + ": no such run folder or file");
    }
    try (SafeTensors file = SafeTensors.open(source)) {
      RunConfiguration run = RunConfiguration.in(file);
      if (run != null) {
        return of(source, source, run);
      }
      return ImageClassifier.isIn(file.metadata())
          ? new Pretrained(
              source,
              source,
              null,
              Preprocessing.ofText(file.metadata()),
              ImageClassifier.classNames(file.metadata()))
          : new Pretrained(source, source, null, null, null);
    } catch (FormatException e) {
      throw new Failure("--from " + e.getMessage(), e); // it names the file
    } catch (IOException | IllegalArgumentException e) {
      throw new Failure("--from " + source + ": " + e.getMessage(), e);
    }
  }

  private static Pretrained of(Path source, Path weights, RunConfiguration run) {
    return new Pretrained(source, weights, run, run.preprocessing(), run.classNames());
  }

  /**
   * Makes the recipe's defaults those of a network that goes on from these weights: the earlier
   * network's layers and images, and a tenth of the rate.
   */
  void applyTo(Recipe recipe, ModelName model) {
    recipe.from = source.toString();
    recipe.multiplyRate("0.1");
    if (run != null) {
      recipe.normalization = run.recipe().normalization;
      if (model == run.model()) {
        recipe.imageSize = run.recipe().imageSize;
        recipe.activation = run.recipe().activation;
        recipe.lrn = run.recipe().lrn;
        recipe.overlappingPools = run.recipe().overlappingPools;
        recipe.dropout = run.recipe().dropout;
      }
    } else if (preprocessing != null) {
      recipe.imageSize = preprocessing.imageSize();
      boolean meanImage = preprocessing.normalization().side() > 1;
      recipe.normalization = meanImage ? NormalizationKind.MEAN_IMAGE : NormalizationKind.STANDARD;
    } else if (model == ModelName.ALEXNET_TORCHVISION) {
      recipe.normalization = NormalizationKind.IMAGENET; // as torchvision's weights are trained
    }
  }

  /**
   * That which the weights have learnt with.
   *
   * @param side that images are resized to now
   * @throws Failure if it is a mean image of another side
   */
  Normalization normalization(int side) {
    Normalization normalization = preprocessing.normalization();
    if (!normalization.fits(preprocessing.channels(), side)) {
      throw new Failure(
          "--from %s: its mean image is for images resized to %d, not %d: give --resize %d, or another --normalization"
              .formatted(source, normalization.side(), side, normalization.side()));
    }
    return normalization;
  }

  /**
   * Loads what fits. If the classes are known to be others, the last layer is not loaded even where
   * it fits, as its outputs mean something else.
   *
   * @param newClassNames of the training that begins
   * @return one line that says what was loaded
   * @throws Failure if nothing fits
   */
  String load(Network network, ModelName model, List<String> newClassNames) {
    Weights file = Weights.in(weights);
    if (model == ModelName.ALEXNET_TORCHVISION) {
      file = file.renamed(AlexNet.torchvisionNames());
    }
    if (classNames != null && !classNames.equals(newClassNames)) {
      file = file.without(lastLayerWithParameters(network));
    }
    WeightReport report = file.load(network);
    if (report.loaded().isEmpty()) {
      throw new Failure("--from %s: nothing in it fits %s: %s".formatted(source, model, report));
    }
    return "from %s: %s".formatted(source, report);
  }

  private static String lastLayerWithParameters(Network network) {
    List<Parameter> parameters = network.parameters();
    String name = parameters.get(parameters.size() - 1).name();
    return name.substring(0, name.lastIndexOf('.'));
  }
}
