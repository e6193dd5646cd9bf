package io.alexnet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.data.Dataset;
import io.alexnet.data.ResizedImages;
import io.alexnet.data.source.Shapes;
import io.alexnet.format.SafeTensors;
import io.alexnet.graph.Graph;
import io.alexnet.graph.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Packing on the command line, and training from what was packed. */
class PackTest {

  @TempDir Path temporary;

  private Path photos(String name, int first, int count) throws IOException {
    Path root = temporary.resolve(name);
    for (int i = first; i < first + count; i++) {
      Path folder = Files.createDirectories(root.resolve("n0" + i % 3));
      Images.jpeg(folder.resolve(i + ".jpg"), Shapes.of(1000, 40, 1).image(i));
    }
    return root;
  }

  private static Invocation train(String data, Path run) {
    return Invocation.of(
        "train",
        "--model",
        "small",
        "--image-size",
        16,
        "--epochs",
        2,
        "--data",
        data,
        "--out",
        run);
  }

  static void assertSameWeights(Path one, Path other) throws IOException {
    try (SafeTensors expected = SafeTensors.open(one.resolve("model.safetensors"));
        SafeTensors actual = SafeTensors.open(other.resolve("model.safetensors"))) {
      assertEquals(expected.names(), actual.names());
      for (String name : expected.names()) {
        assertArrayEquals(expected.read(name).toArray(), actual.read(name).toArray(), name);
      }
    }
  }

  @Test
  void trainsToTheSameWeightsAsFromTheFolder() throws IOException {
    Path photos = photos("photos", 0, 30);
    Files.writeString(photos.resolve("n00/empty.jpg"), "");
    Path packed = temporary.resolve("packed");
    String told =
        Invocation.of("pack", "--data", "folder:" + photos, "--out", packed, "--side", 18)
            .succeeds()
            .out();
    assertTrue(told.contains("packed 30 images into " + packed + ": 1 shards"), told);
    assertTrue(told.contains("skipped 1 images"), told);
    assertTrue(told.contains("next: train --data packed:" + packed), told);
    String index = Files.readString(packed.resolve("index.tsv"));
    assertTrue(index.contains("\tn00/0.jpg\n"), "names begin at the folder: " + index);
    assertTrue(index.contains("\nskipped\tn00/empty.jpg: the file is empty\n"), index);

    train("folder:" + photos, temporary.resolve("a")).succeeds();
    train("packed:" + packed, temporary.resolve("b")).succeeds();
    assertSameWeights(temporary.resolve("a"), temporary.resolve("b"));
    String evaluation = Invocation.of("evaluate", temporary.resolve("b")).succeeds().out();
    assertTrue(evaluation.contains("of 6"), "a fifth: " + evaluation);
    evaluation =
        Invocation.of("evaluate", temporary.resolve("a"), "--data", "packed:" + packed)
            .succeeds()
            .out();
    assertTrue(evaluation.contains("of 30"), "all: " + evaluation);
  }

  @Test
  void keepsValidationImagesApartAndClassesNamed() throws IOException {
    photos("photos/train", 0, 12);
    Path photos = photos("photos/val", 12, 6).getParent();
    Files.writeString(
        photos.resolve("LOC_synset_mapping.txt"), "n00 tench, Tinca tinca\nn01 ray\nn02 crane\n");
    photos("photos/test", 0, 3);
    Path packed = temporary.resolve("all packed");
    String left =
        Invocation.of(
                "pack",
                "--data",
                "folder:" + photos,
                "--out",
                packed,
                "--side",
                18,
                "--crop",
                "full")
            .succeeds()
            .out();
    assertTrue(left.contains("left out " + photos.resolve("test")), left);
    assertTrue(left.contains("evaluate RUN --data folder:" + photos + " takes"), left);
    assertTrue(left.contains("next: train --data 'packed:" + packed + "'"), left);
    Path run = temporary.resolve("run");
    String told = train("packed:" + packed, run).succeeds().out();
    assertTrue(told.contains("3 classes, 12 images to train, 6 to validate"), told);
    String evaluation =
        Invocation.of("evaluate", run, "--data", "packed:" + packed).succeeds().out();
    assertTrue(evaluation.contains("of 6"), evaluation);
    assertTrue(evaluation.contains("tench, Tinca tinca"), evaluation);
  }

  @Test
  void trainsFromListsAndPacksThem() throws IOException {
    Path photos = photos("photos", 0, 18);
    List<String> train = new ArrayList<>();
    List<String> validation = new ArrayList<>();
    for (int i = 0; i < 18; i++) {
      (i < 12 ? train : validation).add("n0" + i % 3 + "/" + i + ".jpg " + i % 3);
    }
    Files.write(photos.resolve("train.txt"), train);
    Files.write(photos.resolve("val.txt"), validation);
    Path packed = temporary.resolve("packed");
    Invocation.of("pack", "--data", "list:" + photos, "--out", packed, "--side", 18).succeeds();
    String told = train("list:" + photos, temporary.resolve("a")).succeeds().out();
    assertTrue(told.contains("3 classes, 12 images to train, 6 to validate"), told);
    train("packed:" + packed, temporary.resolve("b")).succeeds();
    assertSameWeights(temporary.resolve("a"), temporary.resolve("b"));
    Path list = photos.resolve("val.txt");
    String evaluation =
        Invocation.of("evaluate", temporary.resolve("a"), "--data", "list:" + list)
            .succeeds()
            .out();
    assertTrue(evaluation.contains("of 6"), evaluation);
  }

  /** However many they are, they are not counted as if they would be kept in the heap. */
  @Test
  void packedImagesNeedNoHeap() throws IOException {
    Path packed = temporary.resolve("packed");
    Path photos = photos("photos", 0, 6);
    Invocation.of("pack", "--data", "folder:" + photos, "--out", packed, "--side", 36).succeeds();
    Recipe recipe = Recipe.of(ModelName.SMALL, DataSource.Kind.PACKED);
    DataSource source = DataSource.parse("packed:" + packed);
    Dataset part = source.open(recipe).train();
    ResizedImages images =
        RunConfiguration.resized(part.subset(new int[3_000_000]), 3, recipe); // 12 GB
    Graph graph = ModelName.SMALL.graph(3, 3, recipe);
    try (Network network = Network.builder(graph).threads(1).build()) {
      long heap = MemoryCheck.needed(network, recipe) * 8 / 7 + 1000;
      MemoryCheck.require(network, recipe, images, images, true, heap);
    }
    assertFalse(images.keeps());
  }
}
