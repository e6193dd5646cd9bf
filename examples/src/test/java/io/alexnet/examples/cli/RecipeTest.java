package io.alexnet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class RecipeTest {

  /** What docs/results.md shows for Fashion-MNIST without any option of its own. */
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
}
