package io.alexnet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.batch.Batch;
import io.alexnet.batch.BatchSource;
import io.alexnet.graph.Graph;
import io.alexnet.graph.Network;
import io.alexnet.layer.Dense;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import io.alexnet.train.Evaluation;
import io.alexnet.train.Evaluator;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfusionPictureTest {

  private static final int WHITE = 0xffffff;

  /** Of a network that hands its input on, given what it is to predict for each label. */
  private static Evaluation evaluation(List<String> names, int[] labels, int[] predictions) {
    int classes = names.size();
    BatchSource source =
        new BatchSource() {
          @Override
          public int size() {
            return labels.length;
          }

          @Override
          public int batchSize() {
            return labels.length;
          }

          @Override
          public Shape imageShape() {
            return Shape.of(classes);
          }

          @Override
          public List<String> classNames() {
            return names;
          }

          @Override
          public Batches open(int epoch, int firstBatch) {
            return new Batches() {
              @Override
              public Batch next() {
                Tensor images = Tensor.zeros(labels.length, classes);
                for (int n = 0; n < labels.length; n++) {
                  images.set(1, n, predictions[n]);
                }
                return new Batch(images, labels);
              }

              @Override
              public void close() {}
            };
          }
        };
    Graph graph = Graph.of(Shape.of(classes)).then("fc", Dense.of(classes)).build();
    try (Network network = Network.builder(graph).threads(1).build()) {
      network.parameters().forEach(parameter -> parameter.value().fill(0));
      for (int c = 0; c < classes; c++) {
        network.parameters().get(0).value().set(1, c, c);
      }
      return new Evaluator(network).evaluate(source);
    }
  }

  private static List<String> names(int classes) {
    return IntStream.range(0, classes).mapToObj(c -> "class " + c).toList();
  }

  /** Four of a: all right. Four of b: one taken for a, three for c. None of c. */
  @Test
  void shadesRightAndWrongByTheirShareOfTheRow() {
    BufferedImage picture =
        ConfusionPicture.draw(
            evaluation(
                List.of("a", "b", "c"),
                new int[] {0, 0, 0, 0, 1, 1, 1, 1},
                new int[] {0, 0, 0, 0, 0, 2, 2, 2}),
            "Title");
    // Cells of 44, the last of which ends at the margin of 24 from the lower edge; a corner of
    // each.
    int top = picture.getHeight() - 24 - 3 * 44 + 3;
    int left =
        IntStream.range(0, picture.getWidth())
            .filter(x -> blue(picture, x, top))
            .findFirst()
            .orElseThrow();
    assertEquals(0x1f77b4, rgb(picture, left + 3, top), "all of a are right");
    assertEquals(WHITE, rgb(picture, left + 3 + 44, top));
    Color quarter = new Color(rgb(picture, left + 3, top + 44));
    Color threeQuarters = new Color(rgb(picture, left + 3 + 88, top + 44));
    assertEquals(255 - (255 - 0x0a) / 2.0, quarter.getBlue(), 1, "the root of a quarter");
    assertEquals(255 - (255 - 0x0a) * Math.sqrt(0.75), threeQuarters.getBlue(), 1);
    assertTrue(quarter.getRed() > quarter.getBlue(), "orange");
    assertEquals(WHITE, rgb(picture, left + 3 + 44, top + 44), "none of b is right");
    for (int column = 0; column < 3; column++) {
      assertEquals(WHITE, rgb(picture, left + 3 + 44 * column, top + 88), "there is none of c");
    }
  }

  private static boolean blue(BufferedImage picture, int x, int y) {
    return rgb(picture, x, y) == 0x1f77b4;
  }

  private static int rgb(BufferedImage picture, int x, int y) {
    return picture.getRGB(x, y) & WHITE;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 17, 45, 100, 101, 1000, 1001, 1500})
  void staysOfUsableSize(int classes) {
    int[] all = IntStream.range(0, classes).toArray();
    BufferedImage picture = ConfusionPicture.draw(evaluation(names(classes), all, all), "Title");
    assertTrue(picture.getWidth() <= 1300 && picture.getHeight() <= 1300, picture.toString());
    int lastRow = picture.getHeight() - 24 - 1 - Math.min(44, 1000 / classes) / 2;
    assertTrue(
        IntStream.range(0, picture.getWidth()).anyMatch(x -> blue(picture, x, lastRow)),
        "the last class is right");
  }

  @Test
  void cutsLongNamesShort() {
    List<String> names = List.of("a", "Long-winded ".repeat(100));
    int[] all = {0, 1};
    BufferedImage picture = ConfusionPicture.draw(evaluation(names, all, all), "Title");
    assertTrue(picture.getWidth() < 400, "a name of 200 pixels at most: " + picture.getWidth());
  }
}
