package io.alexnet.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.batch.Batch;
import io.alexnet.batch.BatchSource;
import io.alexnet.graph.Graph;
import io.alexnet.graph.Network;
import io.alexnet.layer.Dense;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EvaluatorTest {

  private static final float NAN = Float.NaN;

  /** A network that hands its input on as the logits. */
  private static Network identity(int classes) {
    Network network =
        Nets.network(Graph.of(Shape.of(classes)).then("fc", Dense.of(classes)).build(), 1, 1);
    network.parameters().forEach(parameter -> parameter.value().fill(0));
    for (int c = 0; c < classes; c++) {
      network.parameters().get(0).value().set(1, c, c);
    }
    return network;
  }

  private static BatchSource source(float[][] logits, int[] labels, int batchSize) {
    int classes = logits[0].length;
    return new BatchSource() {
      @Override
      public int size() {
        return logits.length;
      }

      @Override
      public int batchSize() {
        return batchSize;
      }

      @Override
      public Shape imageShape() {
        return Shape.of(classes);
      }

      @Override
      public List<String> classNames() {
        return IntStream.range(0, classes).mapToObj(c -> "class " + c).toList();
      }

      @Override
      public Batches open(int epoch, int firstBatch) {
        return new Batches() {
          private int from = firstBatch * batchSize;

          @Override
          public Batch next() {
            if (from >= size()) {
              return null;
            }
            int to = Math.min(from + batchSize, size());
            Tensor images = Tensor.zeros(to - from, classes);
            for (int n = from; n < to; n++) {
              System.arraycopy(logits[n], 0, images.array(), (n - from) * classes, classes);
            }
            Batch batch = new Batch(images, Arrays.copyOfRange(labels, from, to));
            from = to;
            return batch;
          }

          @Override
          public void close() {}
        };
      }
    };
  }

  /** Seven classes, six examples; by hand: right; second; sixth; tie won; tie lost; last. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 5, 6, 100})
  void countsByHandWithAnyBatchSize(int batchSize) {
    float[][] logits = {
      {9, 0, 0, 0, 0, 0, 0},
      {9, 8, 0, 0, 0, 0, 0},
      {6, 5, 4, 3, 2, 1, 0},
      {0, 7, 7, 0, 0, 0, 0},
      {0, 7, 7, 0, 0, 0, 0},
      {7, 6, 5, 4, 3, 2, 1},
    };
    int[] labels = {0, 1, 5, 1, 2, 6};
    try (Network network = identity(7)) {
      Evaluation evaluation = new Evaluator(network).evaluate(source(logits, labels, batchSize));
      assertEquals(6, evaluation.count());
      assertEquals(2 / 6.0, evaluation.top1());
      assertEquals(4 / 6.0, evaluation.top5());
      assertEquals(1, evaluation.confusion(0, 0));
      assertEquals(1, evaluation.confusion(1, 0));
      assertEquals(1, evaluation.confusion(5, 0));
      assertEquals(1, evaluation.confusion(6, 0));
      assertEquals(1, evaluation.confusion(1, 1));
      assertEquals(1, evaluation.confusion(2, 1), "of equal logits the first is predicted");
      assertEquals(1 / 4.0, evaluation.precision(0));
      assertEquals(1 / 2.0, evaluation.precision(1));
      assertTrue(Double.isNaN(evaluation.precision(2)));
      assertEquals(1, evaluation.recall(0));
      assertEquals(1 / 2.0, evaluation.recall(1));
      assertEquals(0, evaluation.recall(2));
      assertTrue(Double.isNaN(evaluation.recall(3)));
      assertEquals(2, evaluation.examples(1));
      double loss = 0;
      for (int n = 0; n < 6; n++) {
        double sum = 0;
        for (float x : logits[n]) {
          sum += Math.exp(x);
        }
        loss += Math.log(sum) - logits[n][labels[n]];
      }
      assertEquals(loss / 6, evaluation.loss(), 1e-5);
      List<String> lines = evaluation.perClass().lines().toList();
      assertEquals(7, lines.size());
      assertEquals("class 1  precision  50.0 %  recall  50.0 %  of 2", lines.get(1));
      assertEquals("class 2  precision     -    recall   0.0 %  of 1", lines.get(2));
      assertEquals("class 3  precision     -    recall     -    of 0", lines.get(3));
      assertTrue(evaluation.toString().endsWith("top-1 33.3 %, top-5 66.7 % of 6"));
    }
  }

  @Test
  void aNanIsNeverRight() {
    float[][] logits = {{NAN, NAN, NAN}, {NAN, 0, 0}, {5, NAN, 0}, {5, 0, 0}};
    try (Network network = identity(3)) {
      Evaluation evaluation =
          new Evaluator(network).evaluate(source(logits, new int[] {0, 0, 0, 0}, 4));
      assertEquals(0.25, evaluation.top1());
      assertEquals(0.25, evaluation.top5());
      assertEquals(1, evaluation.confusion(0, 0));
      assertEquals(0.25, evaluation.recall(0));
      assertEquals(1, evaluation.precision(0));
      assertTrue(Double.isNaN(evaluation.loss()));
    }
  }

  /** Against sorting, with many ties. */
  @Test
  void ranksAsAStableSortDoes() {
    Random random = new Random(4);
    for (int round = 0; round < 500; round++) {
      int classes = 1 + random.nextInt(12);
      float[] logits = new float[classes + 2];
      for (int i = 0; i < logits.length; i++) {
        logits[i] = random.nextInt(5) - 2;
      }
      Integer[] order = IntStream.range(0, classes).boxed().toArray(Integer[]::new);
      Arrays.sort(order, (a, b) -> Float.compare(logits[2 + b], logits[2 + a]));
      for (int rank = 0; rank < classes; rank++) {
        assertEquals(rank, Ranking.rank(logits, 2, classes, order[rank]));
      }
      assertEquals(order[0], Ranking.first(logits, 2, classes));
    }
    assertEquals(2, Ranking.rank(new float[] {1, NAN}, 0, 2, 0));
    assertEquals(-1, Ranking.first(new float[] {1, NAN}, 0, 2));
  }

  @Test
  void everyExampleOfFiveClassesOrFewerIsInTheTopFive() {
    try (Network network = identity(3)) {
      Evaluation evaluation =
          new Evaluator(network).evaluate(source(new float[][] {{2, 1, 0}}, new int[] {2}, 1));
      assertEquals(0, evaluation.top1());
      assertEquals(1, evaluation.top5());
    }
  }

  @Test
  void refusesDataThatDoNotFit() {
    try (Network network = identity(3)) {
      Evaluator evaluator = new Evaluator(network);
      var e =
          assertThrows(
              IllegalArgumentException.class,
              () -> evaluator.evaluate(source(new float[][] {{1, 2}}, new int[] {0}, 1)));
      assertTrue(e.getMessage().contains("has 2 classes but the network 3"), e.getMessage());
      e =
          assertThrows(
              IllegalArgumentException.class,
              () -> evaluator.evaluate(source(new float[][] {{1, 2, 3}}, new int[] {-1}, 1)));
      assertTrue(e.getMessage().contains("a label of -1"), e.getMessage());
    }
  }
}
