package io.alexnet.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.batch.Batch;
import io.alexnet.batch.BatchSource;
import io.alexnet.graph.Graph;
import io.alexnet.graph.Network;
import io.alexnet.layer.Dense;
import io.alexnet.layer.Softmax;
import io.alexnet.loss.MeanSquaredError;
import io.alexnet.predict.Predictor;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
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

  private static void predict(Network network, BatchSource source, Consumer<double[]> results) {
    try (Predictor predictor = Predictor.of(network)) {
      predictor.predict(
          source,
          p -> results.accept(IntStream.range(0, p.length).mapToDouble(c -> p[c]).toArray()));
    }
  }

  private static BatchSource source(float[][] logits, int[] labels, int batchSize) {
    return source(logits, labels, batchSize, 1);
  }

  private static BatchSource source(float[][] logits, int[] labels, int batchSize, int views) {
    int classes = logits[0].length;
    return new BatchSource() {
      @Override
      public int views() {
        return views;
      }

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
      assertEquals(2 * 1 / 5.0, evaluation.f1(0), "four taken for it, one of it");
      assertEquals(0, evaluation.f1(2));
      assertTrue(Double.isNaN(evaluation.f1(3)));
      assertEquals((1 / 4.0 + 1 / 2.0) / 5, evaluation.macroPrecision(), 1e-15);
      assertEquals((1 + 1 / 2.0) / 5, evaluation.macroRecall(), 1e-15);
      assertEquals((2 / 5.0 + 1 / 2.0) / 5, evaluation.macroF1(), 1e-15);
      assertEquals(8, lines.size());
      assertEquals(
          "class 1        precision  50.0 %  recall  50.0 %  F1  50.0 %  of 2", lines.get(1));
      assertEquals(
          "class 2        precision     -    recall   0.0 %  F1   0.0 %  of 1", lines.get(2));
      assertEquals(
          "class 3        precision     -    recall     -    F1     -    of 0", lines.get(3));
      assertEquals(
          "macro average  precision  15.0 %  recall  30.0 %  F1  18.0 %  of 6", lines.get(7));
      assertTrue(evaluation.toString().endsWith("top-1 33.3 %, top-5 66.7 % of 6"));
    }
  }

  /** log of numbers: what the softmax makes of them are the numbers' shares of their sum. */
  private static float[] logs(double... probabilities) {
    float[] logs = new float[probabilities.length];
    for (int c = 0; c < logs.length; c++) {
      logs[c] = (float) Math.log(probabilities[c]);
    }
    return logs;
  }

  /**
   * Three images of two views. The first's are right by the mean of the probabilities, (0.455,
   * 0.345, 0.2), though class 1 has the larger mean of the logits; the second's are wrong: (0.35,
   * 0.4, 0.25); the third's are right: (0.05, 0.25, 0.7).
   */
  @ParameterizedTest
  @ValueSource(ints = {2, 4, 6, 100})
  void averagesTheProbabilitiesOfViewsByHand(int batchSize) {
    float[][] logits = {
      logs(0.9, 0.09, 0.01), logs(0.01, 0.6, 0.39),
      logs(0.6, 0.3, 0.1), logs(0.1, 0.5, 0.4),
      logs(0.1 * 8, 0.4 * 8, 0.5 * 8),
          {-1000, (float) Math.log(0.1), (float) Math.log(0.9)}, // e^−1000 is 0 in double
    };
    int[] labels = {0, 0, 0, 0, 2, 2};
    try (Network network = identity(3)) {
      BatchSource source = source(logits, labels, batchSize, 2);
      Evaluation evaluation = new Evaluator(network).evaluate(source);
      assertEquals(3, evaluation.count());
      assertEquals(2 / 3.0, evaluation.top1());
      assertEquals(2, evaluation.examples(0));
      assertEquals(1, evaluation.confusion(0, 0));
      assertEquals(1, evaluation.confusion(0, 1));
      assertEquals(1, evaluation.confusion(2, 2));
      double loss = -(Math.log(0.455) + Math.log(0.35) + Math.log(0.7)) / 3;
      assertEquals(loss, evaluation.loss(), 1e-6);
      List<double[]> probabilities = new ArrayList<>();
      predict(network, source, probabilities::add);
      assertEquals(3, probabilities.size());
      assertArrayEquals(new double[] {0.455, 0.345, 0.2}, probabilities.get(0), 1e-7);
      assertArrayEquals(new double[] {0.35, 0.4, 0.25}, probabilities.get(1), 1e-7);
      assertArrayEquals(new double[] {0.05, 0.25, 0.7}, probabilities.get(2), 1e-7);
    }
  }

  @Test
  void theAveragesLossIsFiniteWhereNoProbabilityIs() {
    try (Network network = identity(2)) {
      float[][] logits = {{0, 2000}, {0, 3000}};
      Evaluation evaluation =
          new Evaluator(network).evaluate(source(logits, new int[] {0, 0}, 2, 2));
      assertEquals(2000 + Math.log(2), evaluation.loss(), 1e-3);
    }
  }

  @Test
  void aNanInOneViewIsNeverRight() {
    try (Network network = identity(2)) {
      float[][] logits = {{5, 0}, {5, NAN}};
      BatchSource source = source(logits, new int[] {0, 0}, 2, 2);
      assertEquals(0, new Evaluator(network).evaluate(source).top1());
      List<double[]> probabilities = new ArrayList<>();
      predict(network, source, probabilities::add);
      assertEquals(1, probabilities.size());
      assertTrue(Double.isNaN(probabilities.get(0)[0] + probabilities.get(0)[1]));
    }
  }

  /** They are none of a softmax's: 1/2 · ((0.9 + 0.3)/2 − 1)² + 1/2 · ((0.2 + 0.4)/2)². */
  @Test
  void averagesTheOutputsForAnotherLoss() {
    try (Network network = identity(2)) {
      float[][] outputs = {{0.9f, 0.2f}, {0.3f, 0.4f}};
      Evaluation evaluation =
          new Evaluator(network, new MeanSquaredError())
              .evaluate(source(outputs, new int[] {0, 0}, 2, 2));
      assertEquals((0.4 * 0.4 + 0.3 * 0.3) / 2, evaluation.loss(), 1e-6);
      assertEquals(1, evaluation.top1());
    }
  }

  /** A second softmax would nearly level the probabilities. */
  @Test
  void takesTheOutputsOfALastSoftmaxForProbabilities() {
    Graph graph =
        Graph.of(Shape.of(2)).then("fc", Dense.of(2)).then("softmax", new Softmax()).build();
    try (Network network = Nets.network(graph, 1, 1)) {
      network.parameters().forEach(parameter -> parameter.value().fill(0));
      network.parameters().get(0).value().set(1, 0, 0);
      network.parameters().get(0).value().set(1, 1, 1);
      float[][] logits = {logs(0.9, 0.1), logs(0.2, 0.8)};
      int[] labels = {0, 0};
      List<double[]> probabilities = new ArrayList<>();
      predict(network, source(logits, labels, 2), probabilities::add);
      predict(network, source(logits, labels, 2, 2), probabilities::add);
      assertArrayEquals(new double[] {0.9, 0.1}, probabilities.get(0), 1e-6);
      assertArrayEquals(new double[] {0.2, 0.8}, probabilities.get(1), 1e-6);
      assertArrayEquals(new double[] {0.55, 0.45}, probabilities.get(2), 1e-6);
      Evaluation ofViews = new Evaluator(network).evaluate(source(logits, labels, 2, 2));
      assertEquals(-Math.log(0.55), ofViews.loss(), 1e-6);
      Evaluation evaluation = new Evaluator(network).evaluate(source(logits, labels, 2));
      assertEquals(-(Math.log(0.9) + Math.log(0.2)) / 2, evaluation.loss(), 1e-6);
      float[][] certain = {{-200, 0}};
      assertEquals(
          -Math.log(Float.MIN_NORMAL),
          new Evaluator(network).evaluate(source(certain, new int[1], 1)).loss(),
          1e-4,
          "of a probability that no float holds");
    }
  }

  private static BatchSource views(Examples examples, int views) {
    return new ForwardingSource(examples) {
      @Override
      public int views() {
        return views;
      }
    };
  }

  /** On a real network, whose batches of ten and of one are computed by other kernels. */
  @Test
  void tenViewsAreTheMeanOfTenPredictions() {
    Examples examples = new Examples(Nets.IMAGE, 30, 10, Nets.CLASSES, 5);
    Examples single = new Examples(Nets.IMAGE, 30, 1, Nets.CLASSES, 5);
    try (Network network = Nets.alexNet(1, 7)) {
      List<double[]> averaged = new ArrayList<>();
      predict(network, views(examples, 10), averaged::add);
      List<double[]> each = new ArrayList<>();
      predict(network, single, each::add);
      assertEquals(3, averaged.size());
      for (int n = 0; n < 3; n++) {
        for (int c = 0; c < Nets.CLASSES; c++) {
          double sum = 0;
          for (int v = 0; v < 10; v++) {
            sum += each.get(10 * n + v)[c];
          }
          assertEquals(sum / 10, averaged.get(n)[c], 1e-6);
        }
      }
    }
  }

  @Test
  void tellsOfEveryExampleWhatAPredictionWould() {
    try (Network network = Nets.alexNet(1, 9)) {
      Examples examples = new Examples(Nets.IMAGE, 20, 8, Nets.CLASSES, 4);
      for (BatchSource source : List.of(examples, views(examples, 4))) {
        List<double[]> expected = new ArrayList<>();
        predict(network, source, expected::add);
        List<double[]> told = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        Evaluation evaluation =
            new Evaluator(network)
                .evaluate(
                    source,
                    (example, label, probabilities) -> {
                      assertEquals(told.size(), example);
                      told.add(probabilities);
                      labels.add(label);
                    });
        assertEquals(expected.size(), told.size());
        assertEquals(evaluation.count(), told.size());
        for (int i = 0; i < told.size(); i++) {
          assertArrayEquals(expected.get(i), told.get(i), 1e-6);
        }
        for (int c = 0; c < Nets.CLASSES; c++) {
          int label = c;
          assertEquals(
              evaluation.examples(c), labels.stream().filter(other -> other == label).count());
        }
      }
    }
  }

  @Test
  void theBitsDoNotDependOnTheThreads() {
    List<Double> losses = new ArrayList<>();
    List<double[]> probabilities = new ArrayList<>();
    for (int threads = 1; threads <= 2; threads++) {
      BatchSource source = views(new Examples(Nets.IMAGE, 50, 20, Nets.CLASSES, 5), 10);
      try (Network network = Nets.alexNet(threads, 7)) {
        losses.add(new Evaluator(network).evaluate(source).loss());
        predict(network, source, probabilities::add);
      }
    }
    assertEquals(losses.get(0), losses.get(1));
    for (int n = 0; n < 5; n++) {
      assertArrayEquals(probabilities.get(n), probabilities.get(5 + n));
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
      for (int batchSize : new int[] {2, 3}) {
        BatchSource halves = source(new float[3][3], new int[3], batchSize, 2);
        e = assertThrows(IllegalArgumentException.class, () -> evaluator.evaluate(halves));
        assertTrue(e.getMessage().contains("2 views of each image"), e.getMessage());
      }
    }
  }

  /** A table of 4 bytes for each pair of classes. */
  @Test
  void moreClassesThanThereIsMemoryForAreRefused() {
    try (Network network = Nets.dense(500)) {
      Evaluator.requireMemory(network, 2 * 4 * 500 * 500);
      var e =
          assertThrows(
              IllegalArgumentException.class,
              () -> Evaluator.requireMemory(network, 2 * 4 * 500 * 500 - 2));
      assertTrue(e.getMessage().contains("500 classes takes a table of 1 MB"), e.getMessage());
    }
  }
}
