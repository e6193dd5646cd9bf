package io.alexnet.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.batch.BatchSource;
import io.alexnet.graph.Graph;
import io.alexnet.graph.Network;
import io.alexnet.layer.Dense;
import io.alexnet.layer.Flatten;
import io.alexnet.layer.Parameter;
import io.alexnet.loss.MeanSquaredError;
import io.alexnet.optim.Adam;
import io.alexnet.optim.Sgd;
import io.alexnet.tensor.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NumbersGoingWrongTest {

  @TempDir private Path folder;

  private static Examples examples() {
    return new Examples(Nets.IMAGE, 300, 12, Nets.CLASSES, 1);
  }

  private static float[] values(Network network, String parameter) {
    return network.parameters(parameter).get(0).value().array();
  }

  private static String diverges(Trainer trainer, Examples data) {
    return assertThrows(DivergenceException.class, () -> trainer.fit(data, null, 3)).getMessage();
  }

  private static void assertSays(String part, String message) {
    assertTrue(message.contains(part), message);
  }

  private static final class Warnings implements TrainingListener {
    final List<String> texts = new ArrayList<>();

    @Override
    public void onWarning(String warning) {
      texts.add(warning);
    }
  }

  @Test
  void anImageIsNamed() throws Exception {
    Examples data = examples();
    try (Network network = Nets.alexNet(1, 3)) {
      Trainer trainer = Trainer.of(network).learningRate(0.03f).checkpoint(folder);
      trainer.fit(data, null, 1);
      byte[] good = Files.readAllBytes(folder.resolve(Checkpoint.LAST));
      data.poison(0);
      DivergenceException e =
          assertThrows(DivergenceException.class, () -> trainer.fit(data, null, 2));
      assertEquals(2, e.epoch());
      assertTrue(e.step() > 25 && e.step() <= 50, e.getMessage());
      assertEquals(0.03f, e.learningRate());
      assertSays("of the batch, counted from 0, holds NaN", e.getMessage());
      assertSays("in epoch 2 at step " + e.step(), e.getMessage());
      assertSays("look at the data", e.getMessage());
      assertSays(folder.resolve(Checkpoint.LAST).toString(), e.getMessage());
      assertArrayEquals(good, Files.readAllBytes(folder.resolve(Checkpoint.LAST)));
    }
  }

  @Test
  void theLayerThatOverflowsForwardIsNamed() {
    try (Network network = Nets.alexNet(1, 3)) {
      Arrays.fill(values(network, "conv2.weight"), 3e38f);
      String message = diverges(Trainer.of(network), examples());
      assertSays("the loss is NaN in epoch 1 at step 1", message);
      assertSays("layer 'conv2' was the first to give such numbers, in the forward pass", message);
      assertSays("try a lower learning rate", message);
    }
  }

  @Test
  void whatTheOptimizerRemembersMustBeFiniteToo() {
    try (Network network = Nets.dense(Nets.CLASSES)) {
      values(network, "fc.weight")[0] = 1e22f; // its gradient is finite, the square of it is not
      Trainer trainer = Trainer.of(network).optimizer(new Adam()).loss(new MeanSquaredError());
      Examples data = new Examples(Nets.IMAGE, 12, 12, Nets.CLASSES, 1);
      assertSays("'optimizer/", diverges(trainer.checkpoint(folder), data));
      assertFalse(Files.exists(folder.resolve(Checkpoint.LAST)));
    }
  }

  @Test
  void aRateThatIsFarTooHighIsFoundOut() {
    try (Network network = Nets.alexNet(1, 3)) {
      String message = diverges(Trainer.of(network).learningRate(1e30f), examples());
      assertSays("in epoch 1 at step 2 with a learning rate of 1.0E30", message);
      assertSays("' was the first to give such numbers", message);
    }
  }

  @Test
  void theLayerThatOverflowsBackwardIsNamed() {
    Graph graph =
        Graph.of(Nets.IMAGE)
            .then("flatten", new Flatten())
            .then("fc1", Dense.of(8))
            .then("fc2", Dense.of(8))
            .then("fc3", Dense.of(Nets.CLASSES))
            .build();
    try (Network network = Nets.network(graph, 1, 1)) {
      // Forward they make up for one another.
      Arrays.fill(values(network, "fc1.weight"), 1e-38f);
      Arrays.fill(values(network, "fc2.weight"), 1e19f);
      float[] last = values(network, "fc3.weight");
      for (int i = 0; i < last.length; i++) {
        last[i] = i / 8 % 2 == 0 ? 1e19f : -1e19f;
      }
      String message = diverges(Trainer.of(network), examples());
      assertSays("the gradient of 'fc1.bias' is not finite in epoch 1 at step 1", message);
      assertSays("layer 'fc1' was the first to give such numbers, in the backward pass", message);
    }
  }

  @Test
  void valuesThatWereNoNumbersBeforeAreNamed() {
    try (Network network = Nets.alexNet(1, 3)) {
      network.state().get("bn2.running_mean").array()[1] = Float.NaN;
      values(network, "fc3.bias")[0] = Float.NEGATIVE_INFINITY;
      values(network, "fc4.bias")[0] = Float.NaN;
      String message = diverges(Trainer.of(network), examples());
      assertSays("'bn2.running_mean' held NaN or infinite numbers before", message);
    }
  }

  /** A ReLU hides minus infinity from the loss, but not from the gradient. */
  @Test
  void aGradientThatOnlyTheLossDoesNotSeeIsFound() {
    try (Network network = Nets.alexNet(1, 3)) {
      List<Parameter> parameters = network.parameters();
      float[] weights = parameters.get(0).value().array();
      Arrays.fill(weights, 0, weights.length / 8, Float.NEGATIVE_INFINITY);
      String message = diverges(Trainer.of(network), examples());
      assertSays("'conv1.weight' held NaN or infinite numbers before", message);
    }
  }

  @Test
  void deadReluesAreWarnedOfOnce() {
    try (Network network = Nets.alexNet(1, 3)) {
      Arrays.fill(values(network, "conv1.bias"), 0, 6, -1000);
      Warnings warnings = new Warnings();
      Trainer.of(network).listener(warnings).fit(examples(), null, 3);
      assertEquals(1, warnings.texts.size(), warnings.texts.toString());
      assertSays(
          "by the end of epoch 1, 6 of the 8 units of 'relu1' gave nothing but 0 for 300 images",
          warnings.texts.get(0));
    }
  }

  @Test
  void aHealthyTrainingIsNotWarnedOf() {
    try (Network network = Nets.alexNet(1, 3)) {
      Warnings warnings = new Warnings();
      network.freeze("conv1"); // the outputs of relu1 are written over
      Trainer.of(network).learningRate(0.02f).listener(warnings).fit(examples(), null, 3);
      assertEquals(List.of(), warnings.texts);
    }
  }

  @Test
  void aGradientThatExplodesIsWarnedOf() {
    try (Network network = Nets.alexNet(1, 3)) {
      Warnings warnings = new Warnings();
      double[] norm = new double[1];
      Trainer.of(network)
          .learningRate(0.001f)
          .listener(warnings)
          .listener(
              new TrainingListener() {
                @Override
                public void onStep(Progress progress) {
                  norm[0] = progress.gradientNorm();
                  if (progress.step() == 60) {
                    float[] weights = values(network, "fc4.weight");
                    for (int i = 0; i < weights.length; i++) {
                      weights[i] *= 1e4f;
                    }
                  }
                }
              })
          .fit(examples(), null, 3);
      assertTrue(norm[0] > 0);
      assertEquals(1, warnings.texts.size(), warnings.texts.toString());
      assertSays("in epoch 3 at step 61 the gradient's norm is ", warnings.texts.get(0));
    }
  }

  @Test
  void whatExplodesIsFarFromWhatWasBefore() {
    ExplodingGradients gradients = new ExplodingGradients();
    for (int step = 1; step <= 60; step++) {
      assertNull(gradients.observe(step % 2 == 0 ? 3 : 0.5, 1, step));
    }
    assertNull(gradients.observe(0, 1, 61));
    assertNull(gradients.observe(90, 1, 62));
    assertSays("at step 63 the gradient's norm is 200.0, 1", gradients.observe(200, 1, 63));
    assertNull(gradients.observe(200, 1, 64), "once in an epoch");
    assertNotNull(gradients.observe(200, 2, 65));
  }

  @Test
  void atTheBeginningNothingExplodes() {
    ExplodingGradients gradients = new ExplodingGradients();
    for (int step = 1; step < 50; step++) {
      assertNull(gradients.observe(step % 2 == 0 ? 1e-6 : 1e6, 1, step));
    }
  }

  @Test
  void theStatisticsOfTheBadStepAreForgotten() {
    try (Network network = Nets.alexNet(1, 3)) {
      Arrays.fill(values(network, "conv2.weight"), 3e38f);
      float[] mean = network.state().get("bn2.running_mean").toArray();
      float[] variance = network.state().get("bn2.running_var").toArray();
      diverges(Trainer.of(network), examples());
      assertArrayEquals(mean, network.state().get("bn2.running_mean").toArray());
      assertArrayEquals(variance, network.state().get("bn2.running_var").toArray());
    }
  }

  @Test
  void weightsThatOverflowInTheLastStepAreFoundWithoutCheckpoints() {
    try (Network network = Nets.dense(Nets.CLASSES)) {
      Examples data = new Examples(Nets.IMAGE, 12, 12, Nets.CLASSES, 1);
      Trainer trainer =
          Trainer.of(network).optimizer(Sgd.plain().weightDecay(1)).learningRate(3e38f);
      values(network, "fc.weight")[0] = 100;
      DivergenceException e =
          assertThrows(DivergenceException.class, () -> trainer.fit(data, null, 1));
      assertSays("'fc.weight' has become NaN or infinite in epoch 1 at step 1", e.getMessage());
    }
  }

  @Test
  void freezingInTheMiddleIsNoMatter() {
    try (Network network = Nets.alexNet(1, 3)) {
      Trainer.of(network)
          .learningRate(0.02f)
          .listener(
              new TrainingListener() {
                @Override
                public void onEpoch(EpochRecord record, Evaluation validation) {
                  network.freeze("conv1");
                }
              })
          .fit(examples(), null, 2);
    }
  }

  @Test
  void imagesOfAnotherShapeAreNamed() {
    BatchSource wrong =
        new ForwardingSource(examples()) {
          @Override
          public Batches open(int epoch, int firstBatch) {
            return new Examples(Shape.of(3, 8, 8), 300, 12, Nets.CLASSES, 1).open(0, 0);
          }
        };
    try (Network network = Nets.alexNet(1, 3)) {
      Trainer trainer = Trainer.of(network);
      var e = assertThrows(IllegalArgumentException.class, () -> trainer.fit(wrong, null, 1));
      assertSays("takes images of shape batch×3×16×16, not 12×3×8×8", e.getMessage());
    }
  }
}
