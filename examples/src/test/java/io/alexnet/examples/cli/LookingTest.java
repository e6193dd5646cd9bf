package io.alexnet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.data.predict.ImageClassifier;
import io.alexnet.data.predict.Prediction;
import io.alexnet.data.source.Shapes;
import io.alexnet.examples.page.Json;
import io.alexnet.format.Npy;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What can be done with a trained network: predictions, filters, activations, features. */
class LookingTest {

  private static final int FAILURE = 1;
  private static final int USAGE = 2;
  private static final int IMAGES = 20; // more than one chunk

  @TempDir private static Path temporary;

  private static Path run;
  private static Path photos;

  @BeforeAll
  static void train() throws IOException {
    run = temporary.resolve("runs/shapes");
    Invocation.of(
            "train",
            "--model",
            "small",
            "--images",
            80,
            "--epochs",
            1,
            "--image-size",
            16,
            "--batch-size",
            8,
            "--augment",
            "crop",
            "--threads",
            2,
            "--out",
            run)
        .succeeds();
    photos = Files.createDirectory(temporary.resolve("photos"));
    Shapes shapes = Shapes.of(IMAGES, 40, 9);
    for (int i = 0; i < IMAGES; i++) {
      Path folder = Files.createDirectories(photos.resolve(i % 2 == 0 ? "even" : "odd"));
      Images.png(folder.resolve(String.format(Locale.ROOT, "%02d.png", i)), shapes.image(i));
    }
  }

  private static Path bad(String name) throws IOException {
    Path folder = Files.createDirectories(temporary.resolve(name));
    Shapes shapes = Shapes.of(2, 40, 9);
    Images.png(folder.resolve("a.png"), shapes.image(0));
    Files.writeString(folder.resolve("b.png"), "no picture");
    Images.png(folder.resolve("c.png"), shapes.image(1));
    Files.writeString(folder.resolve("notes.txt"), "passed over: named like no image");
    return folder;
  }

  @Test
  void predictSearchesFoldersAndDoesNotDependOnTheThreads() {
    String one = Invocation.of("predict", run, photos, "--threads", 1).succeeds().out();
    String two = Invocation.of("predict", run, photos, "--threads", 2).succeeds().out();
    assertEquals(one, two);
    List<String> named = one.lines().filter(line -> !line.startsWith(" ")).toList();
    assertEquals(IMAGES, named.size());
    assertTrue(named.get(0).startsWith(photos.resolve("even/00.png").toString()), one);
    assertTrue(named.get(10).startsWith(photos.resolve("odd/01.png").toString()), "sorted");
    assertEquals(5 * IMAGES, one.lines().count());
  }

  @Test
  void aBadFileIsOneLineAndTheOthersGoOn() throws IOException {
    Path folder = bad("some");
    Invocation told = Invocation.of("predict", run, folder, "--top", 1);
    told.failsWith(FAILURE, "b.png: not an image");
    assertEquals(1, told.err().lines().count(), told.err());
    assertEquals(2, told.out().lines().count(), told.out());

    String json = Invocation.of("predict", run, folder, "--json").out();
    List<?> images = (List<?>) Json.read(new StringReader(json));
    assertEquals(3, images.size());
    assertTrue(((Map<?, ?>) images.get(1)).get("error").toString().contains("not an image"));
    assertEquals(5, ((List<?>) ((Map<?, ?>) images.get(2)).get("guesses")).size());
  }

  @Test
  void aRunsModelIsAllThatAnImageClassifierNeeds() throws IOException {
    Path image = photos.resolve("odd/01.png");
    Path model = run.resolve("model.safetensors");
    try (ImageClassifier classifier =
        ImageClassifier.open(model, RunFolder.open(run).configuration().graph())) {
      Prediction best = classifier.classify(image, 1).get(0);
      String told = Invocation.of("predict", run, image, "--top", 1).succeeds().out();
      assertTrue(told.strip().endsWith(best.className()), told);
      Invocation.of("predict", run, image, "--crops", 10).succeeds();
      assertEquals(8, classifier.tenCrops().classify(image, 10).size());
    }
  }

  @Test
  void filtersOfTheFirstConvolutionOrOfAnother() throws IOException {
    Path out = temporary.resolve("filters.png");
    String told = Invocation.of("filters", run, "--out", out).succeeds().out();
    assertTrue(told.contains("conv1, 32 filters of 3×5×5"), told);
    BufferedImage first = ImageIO.read(out.toFile());
    Invocation.of("filters", run, "--magnify", 2, "--out", out).succeeds();
    BufferedImage small = ImageIO.read(out.toFile());
    assertTrue(small.getWidth() < first.getWidth(), "replaced");
    Invocation.of("filters", run, "--layer", "conv2", "--out", out).succeeds();
    assertTrue(ImageIO.read(out.toFile()).getHeight() > 64 * 5);

    Invocation.of("filters", run, "--layer", "fc5", "--out", out)
        .failsWith(FAILURE, "fc5 is no convolution but Dense; there are conv1, conv2");
    Invocation.of("filters", run, "--layer", "covn2", "--out", out)
        .failsWith(FAILURE, "did you mean conv2?");
    Invocation.of("filters", run, "--out", "filters.jpg").failsWith(USAGE, "a PNG file");
    Invocation.of("filters", run).failsWith(USAGE, "--out");
  }

  @Test
  void activationsInOnePictureOrInAFolder() throws IOException {
    Path image = photos.resolve("even/00.png");
    Path out = temporary.resolve("activations.png");
    Invocation.of("activations", run, image, "--out", out).succeeds();
    BufferedImage all = ImageIO.read(out.toFile());
    assertTrue(all.getHeight() > 1000, "four layers, one below the other");

    Path folder = temporary.resolve("maps");
    Invocation.of("activations", run, image, "--layer", "conv1,fc5", "--out", folder).succeeds();
    assertTrue(ImageIO.read(folder.resolve("conv1.png").toFile()).getWidth() > 500);
    assertTrue(Files.exists(folder.resolve("fc5.png")));
    Invocation.of("activations", run, image, "--layer", "pol1", "--out", folder)
        .failsWith(FAILURE, "did you mean pool1?");
    Path text = Files.writeString(temporary.resolve("out.txt"), "");
    Invocation.of("activations", run, image, "--out", text)
        .failsWith(FAILURE, "neither a PNG file nor a folder");
    Invocation.of("activations", run, image, "--out", temporary.resolve("maps.jpg"))
        .failsWith(USAGE, "--out takes FILE.png or a folder, not ");
    Path own = Files.copy(image, temporary.resolve("own.png"));
    Invocation.of("activations", run, own, "--out", own).failsWith(FAILURE, "would replace");
  }

  @Test
  void featuresAsTextAndForNumPy() throws IOException {
    Path csv = temporary.resolve("features.csv");
    Path npy = temporary.resolve("features.npy");
    Path folder = bad("with,comma");
    Invocation.of("features", run, folder, photos, "--out", csv).failsWith(FAILURE, "b.png");
    Invocation.of("features", run, photos, "--threads", 1, "--out", npy).succeeds();
    List<String> rows = Files.readAllLines(csv);
    assertEquals(1 + 2 + IMAGES, rows.size());
    assertTrue(rows.get(0).startsWith("image,f0,f1,"), rows.get(0));
    assertTrue(rows.get(1).startsWith("\"" + folder.resolve("a.png") + "\","), rows.get(1));
    Tensor features = Npy.read(npy);
    assertEquals(Shape.of(IMAGES, 256), features.shape());
    List<String> paths = Files.readAllLines(temporary.resolve("features.txt"));
    assertEquals(IMAGES, paths.size());
    String last = rows.get(rows.size() - 1);
    assertTrue(last.startsWith(paths.get(IMAGES - 1) + ","), last);
    String[] fields = last.split(",");
    float largest = 0;
    for (int i = 0; i < 256; i++) {
      float feature = features.get(IMAGES - 1, i);
      // Another chunk, and so another batch size, may round otherwise.
      assertEquals(feature, Float.parseFloat(fields[1 + i]), 1e-3f);
      assertTrue(feature >= 0, "behind the ReLU");
      largest = Math.max(largest, feature);
    }
    assertTrue(largest > 0);
    Invocation.of("features", run, photos, "--layer", "pool1", "--out", npy).succeeds();
    assertEquals(2, Npy.read(npy).shape().rank());
  }

  @Test
  @DisabledOnOs(OS.WINDOWS) // where no file can be called so
  void aRowOfFeaturesHasOneLineOfItsFilesName() throws IOException {
    Path folder = Files.createDirectory(temporary.resolve("lines"));
    for (String name : List.of("a.png", "b\nc.png", "d.png")) {
      Images.png(folder.resolve(name), Shapes.of(1, 40, 9).image(0));
    }
    Path npy = temporary.resolve("lines.npy");
    Invocation.of("features", run, folder, "--out", npy).succeeds();
    List<String> names = Files.readAllLines(temporary.resolve("lines.txt"));
    assertEquals(
        List.of("a.png", "b c.png", "d.png"),
        names.stream().map(name -> Path.of(name).getFileName().toString()).toList());
  }

  @Test
  void theNearestImagesOfAQuery() throws IOException {
    Path query = photos.resolve("even/04.png");
    Path same = Files.copy(query, photos.resolve("odd/05-again.png"));
    Path sheet = temporary.resolve("nearest.png");
    try {
      String told =
          Invocation.of("features", run, photos, "--nearest", query, "--top", 3, "--out", sheet)
              .succeeds()
              .out();
      List<String> lines = told.lines().toList();
      assertEquals(query.toString(), lines.get(0));
      assertTrue(lines.get(1).contains("0.0000") && lines.get(1).endsWith(same.toString()), told);
      assertFalse(lines.get(2).contains("0.0000"), told);
      assertEquals(5, lines.size(), told);
      BufferedImage picture = ImageIO.read(sheet.toFile());
      assertEquals(0xe8710a, picture.getRGB(10, 10) & 0xffffff, "a frame about the query");
      assertArrayEquals(new int[] {700, 204}, new int[] {picture.getWidth(), picture.getHeight()});
    } finally {
      Files.delete(same);
    }
    Invocation.of("features", run, photos).failsWith(USAGE, "--out FILE.csv or FILE.npy");
    Invocation.of("features", run, photos, "--out", "x.xls").failsWith(USAGE, ".csv or .npy");
    Invocation.of("features", run, photos, "--nearest", query, "--out", query)
        .failsWith(FAILURE, "would replace what it is made of");
    Invocation.of("features", run, photos, "--nearest", query, "--out", "x.csv")
        .failsWith(USAGE, "as a PNG file");
    Invocation.of("features", run, photos, "--nearest", "none.png")
        .failsWith(FAILURE, "none.png: no such file");
    List<Object> many = new ArrayList<>(List.of("features", run, photos, "--out", "x.png"));
    for (int i = 0; i < 600; i++) {
      many.addAll(List.of("--nearest", query));
    }
    Invocation.of(many.toArray()).failsWith(USAGE, "a sheet of 600 queries with 6 images each");
    Invocation.of("features", run, photos, "--layer", "fc55", "--out", "x.npy")
        .failsWith(FAILURE, "did you mean fc5?");
  }

  @Test
  void aMisspeltRunIsToldTheNearest() {
    Invocation.of("filters", temporary.resolve("runs/shpaes"), "--out", temporary.resolve("x.png"))
        .failsWith(FAILURE, "did you mean " + run + "?");
    Invocation.of("evaluate", temporary.resolve("runs/flowers-of-may"))
        .failsWith(FAILURE, "no such run folder");
  }
}
