package io.alexnet.data.predict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.data.Dataset;
import io.alexnet.data.Preprocessing;
import io.alexnet.data.image.Image;
import io.alexnet.data.image.ImageException;
import io.alexnet.data.image.Normalization;
import io.alexnet.data.image.Resize;
import io.alexnet.data.source.Shapes;
import io.alexnet.format.SafeTensors;
import io.alexnet.graph.Graph;
import io.alexnet.graph.Network;
import io.alexnet.kernels.Window;
import io.alexnet.layer.Activation;
import io.alexnet.layer.Conv2d;
import io.alexnet.layer.Dense;
import io.alexnet.layer.Flatten;
import io.alexnet.predict.Predictor;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageClassifierTest {

  private static final List<String> NAMES = List.of("red", "green", "blue");
  private static final Preprocessing PREPROCESSING =
      new Preprocessing(
          3,
          20,
          16,
          Normalization.perChannel(new float[] {0.5f, 0.4f, 0.3f}, new float[] {1, 1, 2}));

  @TempDir private Path folder;

  private static Graph graph(int classes) {
    return Graph.of(Shape.of(3, 16, 16))
        .then("conv", Conv2d.of(8, Window.square(3).stride(2)))
        .then("relu", Activation.relu())
        .then("flatten", new Flatten())
        .then("fc", Dense.of(classes))
        .build();
  }

  private Path saved() throws IOException {
    Path file = folder.resolve("model.safetensors");
    try (Network network = Network.builder(graph(3)).seed(7).threads(1).build()) {
      ImageClassifier.save(file, network, PREPROCESSING, NAMES);
    }
    return file;
  }

  private static BufferedImage picture(Image image) {
    BufferedImage picture =
        new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        picture.setRGB(
            x, y, image.sample(x, y, 0) << 16 | image.sample(x, y, 1) << 8 | image.sample(x, y, 2));
      }
    }
    return picture;
  }

  private static Dataset shapes() {
    return Shapes.of(30, 40, 5);
  }

  @Test
  void aSavedFileAndTheGraphAreAllThatItTakes() throws IOException {
    Image image = shapes().image(0);
    try (Network network = Network.builder(graph(3)).seed(7).threads(1).build();
        ImageClassifier classifier = ImageClassifier.open(saved(), graph(3))) {
      assertEquals(NAMES, classifier.classNames());
      Tensor expected;
      try (Predictor predictor = Predictor.of(network)) {
        expected = predictor.predict(PREPROCESSING.batch(List.of(image), false));
      }
      List<Prediction> all = classifier.classify(image, 10);
      assertEquals(3, all.size());
      float last = 1;
      for (Prediction prediction : all) {
        assertEquals(expected.get(0, prediction.index()), prediction.probability());
        assertEquals(NAMES.get(prediction.index()), prediction.className());
        assertTrue(prediction.probability() <= last);
        last = prediction.probability();
      }
      assertEquals(all.subList(0, 2), classifier.classify(image, 2));
      assertThrows(IllegalArgumentException.class, () -> classifier.classify(image, 0));
    }
  }

  @Test
  void filesBytesAndPicturesAreTheSameImage() throws IOException {
    Image image = shapes().image(1);
    Path file = folder.resolve("image.png");
    ImageIO.write(picture(image), "png", file.toFile());
    BufferedImage transparent =
        new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_ARGB);
    BufferedImage white =
        new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_3BYTE_BGR);
    white.createGraphics().fillRect(0, 0, image.width(), image.height());
    try (ImageClassifier classifier = ImageClassifier.open(saved(), graph(3))) {
      List<Prediction> expected = classifier.classify(image, 3);
      assertEquals(expected, classifier.classify(file, 3));
      assertEquals(expected, classifier.classify(Files.readAllBytes(file), 3));
      assertEquals(expected, classifier.classify(picture(image), 3));
      assertEquals(classifier.classify(white, 3), classifier.classify(transparent, 3));
    }
  }

  @Test
  void tenCropsAreTheMeanOfTen() throws IOException {
    Image image = shapes().image(2);
    try (ImageClassifier classifier = ImageClassifier.open(saved(), graph(3))) {
      Image square = Resize.square(image, 20);
      double[] mean = new double[3];
      for (int[] corner : new int[][] {{0, 0}, {4, 0}, {0, 4}, {4, 4}, {2, 2}}) {
        Image crop = square.crop(corner[0], corner[1], 16, 16);
        for (boolean mirrored : new boolean[] {false, true}) {
          BufferedImage padded = new BufferedImage(20, 20, BufferedImage.TYPE_INT_RGB);
          BufferedImage part = picture(crop);
          if (mirrored) {
            padded.createGraphics().drawImage(part, 18, 2, -16, 16, null);
          } else {
            padded.createGraphics().drawImage(part, 2, 2, null);
          }
          for (Prediction p : classifier.classify(padded, 3)) { // its centre is the crop
            mean[p.index()] += p.probability() / 10;
          }
        }
      }
      for (Prediction p : classifier.tenCrops().classify(image, 3)) {
        assertEquals(mean[p.index()], p.probability(), 1e-5);
      }
    }
  }

  @Test
  void anyNumberOfThreadsMayAsk() throws Exception {
    Dataset shapes = shapes();
    try (ImageClassifier classifier = ImageClassifier.open(saved(), graph(3), 2, 1)) {
      List<List<Prediction>> alone = new ArrayList<>();
      List<Image> images = new ArrayList<>();
      for (int i = 0; i < shapes.size(); i++) {
        images.add(shapes.image(i));
        alone.add(classifier.classify(images.get(i), 3));
      }
      ExecutorService callers = Executors.newFixedThreadPool(4);
      try {
        List<Future<?>> all = new ArrayList<>();
        for (int caller = 0; caller < 4; caller++) {
          all.add(
              callers.submit(
                  () -> {
                    for (int i = 0; i < images.size(); i++) {
                      assertEquals(alone.get(i), classifier.classify(images.get(i), 3));
                    }
                  }));
        }
        for (Future<?> one : all) {
          one.get();
        }
      } finally {
        callers.shutdownNow();
      }
      List<List<Prediction>> together = classifier.classify(images, 1);
      for (int i = 0; i < images.size(); i++) {
        assertEquals(alone.get(i).get(0).className(), together.get(i).get(0).className());
      }
    }
  }

  @Test
  void whatCouldNotBeOpenedIsNotSaved() {
    Path file = folder.resolve("model.safetensors");
    try (Network network = Network.builder(graph(3)).seed(7).threads(1).build()) {
      for (List<String> names : List.of(List.of("a", "b"), List.of("a", "b", "c\rd"))) {
        assertThrows(
            IllegalArgumentException.class,
            () -> ImageClassifier.save(file, network, PREPROCESSING, names));
      }
      Preprocessing larger = new Preprocessing(3, 20, 17, Normalization.unit());
      assertThrows(
          IllegalArgumentException.class, () -> ImageClassifier.save(file, network, larger, NAMES));
    }
    assertFalse(Files.exists(file));
  }

  @Test
  void saysWhatIsWrong() throws IOException {
    Path model = saved();
    assertThrows(IOException.class, () -> ImageClassifier.open(model, graph(4)));
    assertThrows(
        IOException.class,
        () -> ImageClassifier.open(folder.resolve("none.safetensors"), graph(3)));

    Path bare = folder.resolve("bare.safetensors");
    try (Network network = Network.builder(graph(3)).threads(1).build()) {
      SafeTensors.write(bare, network.state(), Map.of());
      String missing =
          assertThrows(IOException.class, () -> ImageClassifier.open(bare, graph(3))).getMessage();
      assertTrue(missing.contains("bare.safetensors") && missing.contains("is missing"), missing);
      // What a terminal would take for a command, or another line.
      SafeTensors.write(
          bare, network.state(), Map.of("preprocessing.normalization.mean", "\u001b[2J\n1"));
      String hostile =
          assertThrows(IOException.class, () -> ImageClassifier.open(bare, graph(3))).getMessage();
      assertTrue(hostile.contains("is no number: ' [2J 1'"), hostile);
      for (String name : List.of("a\nb", "a\rb", "a\n", "a\r", "\n", "\r\n")) {
        String message =
            assertThrows(
                    IllegalArgumentException.class,
                    () ->
                        ImageClassifier.save(bare, network, PREPROCESSING, List.of(name, "c", "d")))
                .getMessage();
        assertEquals(1, message.lines().count(), message);
      }
      try (Predictor predictor = Predictor.of(network)) {
        assertThrows(
            IllegalArgumentException.class,
            () -> ImageClassifier.of(predictor, PREPROCESSING, List.of("one", "two")));
        Preprocessing larger = new Preprocessing(3, 20, 18, Normalization.unit());
        assertThrows(
            IllegalArgumentException.class, () -> ImageClassifier.of(predictor, larger, NAMES));
        Preprocessing whole = new Preprocessing(3, 16, 16, Normalization.unit());
        assertThrows(
            IllegalArgumentException.class,
            () -> ImageClassifier.of(predictor, whole, NAMES).tenCrops());
      }
    }

    ImageClassifier classifier = ImageClassifier.open(model, graph(3));
    assertThrows(ImageException.class, () -> classifier.classify(new byte[] {1, 2}, 1));
    assertThrows(ImageException.class, () -> classifier.classify(folder.resolve("no.jpg"), 1));
    classifier.close();
    Image image = shapes().image(0);
    assertThrows(IllegalStateException.class, () -> classifier.classify(image, 1));
  }
}
