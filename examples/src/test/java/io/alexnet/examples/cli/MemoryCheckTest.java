package io.alexnet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.data.Dataset;
import io.alexnet.data.ResizedImages;
import io.alexnet.data.Split;
import io.alexnet.data.image.Image;
import io.alexnet.data.source.Shapes;
import io.alexnet.graph.Graph;
import io.alexnet.graph.Network;
import io.alexnet.layer.BatchNorm;
import io.alexnet.layer.Flatten;
import io.alexnet.tensor.Shape;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryCheckTest {

  private static ResizedImages images(int count, Recipe recipe) {
    return RunConfiguration.resized(Shapes.of(count, 16, 1), 3, recipe);
  }

  /** Batch norm of features is refused for a batch of one, so nothing may be planned with one. */
  @Test
  void asksForNoOtherBatchSize() {
    Recipe recipe = Recipe.of(ModelName.SMALL, DataSource.parse("shapes").kind());
    ResizedImages images = images(10, recipe);
    Graph graph =
        Graph.of(Shape.of(3, 16, 16))
            .then("flatten", new Flatten())
            .then("bn", BatchNorm.keras())
            .build();
    try (Network network = Network.builder(graph).threads(1).build()) {
      assertDoesNotThrow(
          () -> MemoryCheck.require(network, recipe, images, images, true, 1L << 30));
    }
  }

  /** Training images and validation images are kept in memory side by side. */
  @Test
  void countsTheDecodedImagesOfBothSets() {
    Recipe recipe = Recipe.of(ModelName.SMALL, DataSource.parse("shapes").kind());
    ResizedImages few = images(10, recipe);
    ResizedImages many = images(1_000_000, recipe); // 3 GB of pixels
    try (Network network =
        Network.builder(ModelName.SMALL.graph(3, 8, recipe)).threads(1).build()) {
      long heap = MemoryCheck.needed(network, recipe) * 16 / 11; // 5.5 eighths of it, of 7
      assertDoesNotThrow(() -> MemoryCheck.require(network, recipe, many, few, true, heap));
      assertDoesNotThrow(() -> MemoryCheck.require(network, recipe, few, many, true, heap));
      assertThrows(
          Failure.class, () -> MemoryCheck.require(network, recipe, many, many, true, heap));
    }
  }

  /** Images that lie in the heap as they are. */
  private record Held(Dataset images, long heapBytes) implements Dataset {
    @Override
    public int size() {
      return images.size();
    }

    @Override
    public int channels() {
      return images.channels();
    }

    @Override
    public List<String> classNames() {
      return images.classNames();
    }

    @Override
    public int label(int index) {
      return images.label(index);
    }

    @Override
    public String name(int index) {
      return images.name(index);
    }

    @Override
    public Image image(int index) {
      return images.image(index);
    }
  }

  @Test
  void countsOnceWhatTheDataHoldOfBothParts() {
    Recipe recipe = Recipe.of(ModelName.SMALL, DataSource.parse("shapes").kind());
    try (Network network =
        Network.builder(ModelName.SMALL.graph(3, 8, recipe)).threads(1).build()) {
      long held = 300_000_000;
      long heap = (MemoryCheck.needed(network, recipe) + held + 1_000_000) * 8 / 7;
      Split split = new Held(Shapes.of(100, 36, 1), held).split(0.8, 1);
      ResizedImages train = RunConfiguration.resized(split.train(), 3, recipe);
      ResizedImages same = RunConfiguration.resized(split.validation().ofClasses(2, 1), 3, recipe);
      MemoryCheck.require(network, recipe, train, same, true, heap);
      Dataset other = new Held(Shapes.of(100, 36, 2), held);
      ResizedImages more = RunConfiguration.resized(other, 3, recipe);
      assertThrows(
          Failure.class, () -> MemoryCheck.require(network, recipe, train, more, true, heap));
    }
  }

  /** One image at a time in training, but ten of its views at the end. */
  @Test
  void countsTheTenCropsOfAnImage() {
    Recipe recipe = Recipe.of(ModelName.SMALL, DataSource.parse("shapes").kind());
    recipe.batchSize = 1;
    recipe.augment = "mirror";
    try (Network network =
        Network.builder(ModelName.SMALL.graph(3, 8, recipe)).threads(1).build()) {
      long whole = MemoryCheck.needed(network, recipe);
      recipe.augment = "crop";
      long cropped = MemoryCheck.needed(network, recipe);
      long image = Float.BYTES * 3 * 32 * 32;
      assertTrue(cropped - whole >= 5 * 9 * image, whole + " and " + cropped);
      recipe.batchSize = 10;
      long ten = MemoryCheck.needed(network, recipe);
      recipe.augment = "mirror";
      assertEquals(ten, MemoryCheck.needed(network, recipe));
    }
  }

  /** Whether few images are all kept in memory, or as many as may be. */
  @ParameterizedTest
  @ValueSource(ints = {10, 1_000_000})
  void asksForAHeapThatIsEnough(int count) {
    Recipe recipe = Recipe.of(ModelName.SMALL, DataSource.parse("shapes").kind());
    recipe.batchSize = 1000;
    ResizedImages images = images(count, recipe);
    try (Network network =
        Network.builder(ModelName.SMALL.graph(3, 8, recipe)).threads(1).build()) {
      Failure refused =
          assertThrows(
              Failure.class,
              () -> MemoryCheck.require(network, recipe, images, images, true, 100_000_000));
      Matcher heap = Pattern.compile("-Xmx(\\d+)m").matcher(refused.getMessage());
      assertTrue(heap.find(), refused.getMessage());
      long bytes = Long.parseLong(heap.group(1)) << 20;
      assertDoesNotThrow(() -> MemoryCheck.require(network, recipe, images, images, true, bytes));
    }
  }

  @Test
  void namesTheLargestBatchThatFits() {
    Recipe recipe = Recipe.of(ModelName.SMALL, DataSource.parse("shapes").kind());
    recipe.batchSize = 1000;
    ResizedImages images = images(10, recipe);
    try (Network network =
        Network.builder(ModelName.SMALL.graph(3, 8, recipe)).threads(1).build()) {
      long heap = 300_000_000;
      Failure refused =
          assertThrows(
              Failure.class,
              () -> MemoryCheck.require(network, recipe, images, images, true, heap));
      Failure ofOldRun =
          assertThrows(
              Failure.class,
              () -> MemoryCheck.require(network, recipe, images, images, false, heap));
      assertFalse(ofOldRun.getMessage().contains("--batch-size"), "it could not be followed");
      Matcher largest =
          Pattern.compile("or take at most --batch-size (\\d+)$").matcher(refused.getMessage());
      assertTrue(largest.find(), refused.getMessage());
      recipe.batchSize = Integer.parseInt(largest.group(1));
      assertTrue(recipe.batchSize > 100, refused.getMessage());
      assertDoesNotThrow(() -> MemoryCheck.require(network, recipe, images, images, true, heap));
      recipe.batchSize++;
      assertThrows(
          Failure.class, () -> MemoryCheck.require(network, recipe, images, images, true, heap));
    }
  }
}
