package io.alexnet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;

class RecipeTest {

  /** What docs/results shows for Fashion-MNIST without any option of its own. */
  @Test
  void smallNetworkOnFashionMnist() {
    Recipe recipe = Recipe.of(ModelName.SMALL, DataSource.Kind.FASHION_MNIST);
    assertEquals(32, recipe.batchSize);
    assertEquals("cosine", recipe.schedule);
    assertEquals(28, recipe.imageSize);
    assertEquals("mirror", recipe.augment);
  }

  @Test
  void shapesAreLearntInFewSmallStepsByEveryLargeNetwork() {
    for (ModelName model : ModelName.values()) {
      if (model != ModelName.SMALL) {
        Recipe recipe = Recipe.of(model, DataSource.Kind.SHAPES);
        assertEquals(16, recipe.batchSize, model.toString());
        assertEquals(OptimizerName.ADAM, recipe.optimizer, model.toString());
        assertEquals("cosine", recipe.schedule, model.toString());
      }
    }
  }

  @Test
  void cropsForCudaConvnetAreOfCifarsOwnSize() {
    Recipe recipe = Recipe.of(ModelName.CUDA_CONVNET, DataSource.Kind.CIFAR10);
    assertEquals(24, recipe.imageSize);
    assertEquals(32, recipe.resizedSide());
    assertEquals(256, Recipe.of(ModelName.ALEXNET, DataSource.Kind.FOLDER).resizedSide());
  }

  @Test
  void theDocumentationHasTheDefaults() throws IOException {
    String page = Files.readString(Path.of("..", "docs", "command-line.md"));
    for (ModelName model : ModelName.values()) {
      Recipe recipe = Recipe.of(model, DataSource.Kind.FOLDER);
      String row =
          String.format(
              Locale.ROOT,
              "| `%s` | %d (%d) | %d | `%s` %s `%s` | %s | %s | `%s` | `%s` | `%s` |",
              model,
              recipe.imageSize,
              recipe.resizedSide(),
              recipe.batchSize,
              recipe.optimizer,
              plain(recipe.learningRate),
              recipe.schedule,
              plain(recipe.weightDecay),
              plain(recipe.dropout),
              recipe.augment,
              recipe.normalization,
              recipe.initializer);
      assertTrue(page.contains(row), row);
      boolean batchNorm = model == ModelName.ALEXNET_BN;
      assertEquals(!batchNorm && model != ModelName.ALEXNET_TORCHVISION, recipe.lrn);
      assertEquals(!batchNorm, recipe.overlappingPools);
      assertEquals(60, recipe.epochs);
      assertEquals(0.9f, recipe.momentum);
    }
  }

  private static String plain(float number) {
    return new BigDecimal(Float.toString(number)).stripTrailingZeros().toPlainString();
  }

  @Test
  void anotherOptimizerHasAnotherRate() {
    Recipe recipe = Recipe.of(ModelName.ALEXNET, DataSource.Kind.FOLDER);
    recipe.takeOptimizer(OptimizerName.NESTEROV);
    assertEquals(0.01f, recipe.learningRate);
    recipe.takeOptimizer(OptimizerName.ADAM);
    assertEquals(2e-4f, recipe.learningRate);
    assertEquals(0, recipe.weightDecay);
    recipe.takeOptimizer(OptimizerName.ADAM);
    assertEquals(2e-4f, recipe.learningRate);
    recipe.takeOptimizer(OptimizerName.SGD);
    assertEquals(0.01f, recipe.learningRate);
    assertEquals(OptimizerName.SGD, recipe.optimizer);
  }

  /** Options as they are given to a command. */
  @Command
  private static final class Options {
    @Mixin private RecipeOptions recipe;

    static Recipe of(ModelName model, String... options) {
      Recipe recipe = Recipe.of(model, DataSource.Kind.FOLDER);
      CommandLine.populateCommand(new Options(), options).recipe.applyToDefaults(recipe);
      return recipe;
    }
  }

  @Test
  void withoutLrnTheRateIsLowerUnlessGiven() {
    assertEquals(0.003f, Options.of(ModelName.ALEXNET, "--no-lrn").learningRate);
    assertEquals(
        0.01f, Options.of(ModelName.ALEXNET, "--learning-rate", "0.01", "--no-lrn").learningRate);
    assertEquals(
        2e-4f, Options.of(ModelName.ALEXNET, "--no-lrn", "--optimizer", "adam").learningRate);
    assertEquals(
        0.01f, Options.of(ModelName.ALEXNET, "--no-lrn", "--initializer", "model").learningRate);
    assertEquals(
        0.01f, Options.of(ModelName.ALEXNET, "--no-lrn", "--activation", "tanh").learningRate);
    assertEquals(0.01f, Options.of(ModelName.CUDA_CONVNET, "--no-lrn").learningRate);
  }

  @Test
  void aSizeThatIsGivenStandsInForTheModelsOwnShare() {
    Recipe recipe = Options.of(ModelName.CUDA_CONVNET, "--resize", "40");
    assertEquals("crop,mirror", recipe.augment);
    assertEquals(40, recipe.resizedSide());
    String[] both = {"--resize", "40", "--augment", "crop:0.75,mirror"};
    ParameterException refused =
        assertThrows(ParameterException.class, () -> Options.of(ModelName.CUDA_CONVNET, both));
    assertTrue(refused.getMessage().contains("give one of them"), refused.getMessage());
  }

  /** As of a run from before there were such settings. */
  @Test
  void settingsThatAreNotInTheFileStayAsTheModelHasThem() {
    Recipe before = Recipe.of(ModelName.ALEXNET_BN, DataSource.Kind.FLOWERS17);
    before.epochs = 7;
    Map<String, Object> file = before.toMap();
    file.remove("overlappingPools");
    file.remove("resize");
    List.of("classes", "from", "freeze", "rateFactor").forEach(file::remove);
    Recipe read = Recipe.fromMap(file, Recipe.of(ModelName.ALEXNET_BN, DataSource.Kind.FLOWERS17));
    assertEquals(before.toMap(), read.toMap());
    assertEquals(false, read.overlappingPools);
  }

  @Test
  void aSettingThatEveryRunHasMustNotBeMissing() {
    Map<String, Object> file = Recipe.of(ModelName.SMALL, DataSource.Kind.FOLDER).toMap();
    file.remove("seed");
    var thrown =
        assertThrows(IllegalArgumentException.class, () -> Recipe.fromMap(file, new Recipe()));
    assertEquals("'seed' must not be missing", thrown.getMessage());
  }
}
