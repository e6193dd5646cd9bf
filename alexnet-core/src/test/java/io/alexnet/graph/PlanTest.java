package io.alexnet.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.kernels.Kernels;
import io.alexnet.kernels.Window;
import io.alexnet.layer.Activation;
import io.alexnet.layer.Add;
import io.alexnet.layer.BatchNorm;
import io.alexnet.layer.Conv2d;
import io.alexnet.layer.Dense;
import io.alexnet.layer.Dropout;
import io.alexnet.layer.Flatten;
import io.alexnet.tensor.Shape;
import io.alexnet.zoo.AlexNet;
import org.junit.jupiter.api.Test;

class PlanTest {

  private static Network network(Graph graph) {
    return Network.builder(graph).threads(1).kernels(Kernels.scalar()).build();
  }

  private static Conv2d same(int filters) {
    return Conv2d.of(filters, Window.square(3).padding(1));
  }

  private static String lineOf(Plan plan, String layer) {
    return plan.toString().lines().filter(l -> l.startsWith(layer + " ")).findFirst().orElseThrow();
  }

  private static String buffer(Plan plan, String layer) {
    return lineOf(plan, layer).split(" +")[2];
  }

  private static String gradient(Plan plan, String layer) {
    return lineOf(plan, layer).split(" +")[3];
  }

  @Test
  void activationsDropoutAndFlattenTakeNoMemoryOfTheirOwn() {
    Graph graph =
        Graph.of(Shape.of(2, 4, 4))
            .then("conv", same(3))
            .then("relu", Activation.relu())
            .then("flat", new Flatten())
            .then("fc", Dense.of(6))
            .then("drop", new Dropout(0.5f))
            .then("out", Dense.of(2))
            .build();
    try (Network network = network(graph)) {
      for (boolean training : new boolean[] {false, true}) {
        Plan plan = network.plan(5, training);
        assertEquals(buffer(plan, "conv"), buffer(plan, "relu"));
        assertEquals(buffer(plan, "conv"), buffer(plan, "flat"));
        assertEquals(buffer(plan, "fc"), buffer(plan, "drop"));
      }
      Plan training = network.plan(5, true);
      assertEquals(gradient(training, "conv"), gradient(training, "flat"));
      assertEquals(gradient(training, "fc"), gradient(training, "drop"));
    }
  }

  @Test
  void anActivationOverwritesNothingThatIsStillRead() {
    Graph.Builder b = Graph.of(Shape.of(2, 4, 4)).then("conv", same(3));
    Node trunk = b.last();
    Node active = b.then("tanh", Activation.tanh()).last();
    b.node("sum", new Add(), trunk, active);
    b.then("sigmoid", Activation.sigmoid()).then("drop", new Dropout(0.5f)).then("bn", bn());
    try (Network network = network(b.build())) {
      Plan plan = network.plan(2, true);
      assertTrue(!buffer(plan, "conv").equals(buffer(plan, "tanh")), plan.toString());
      // The sigmoid's backward pass reads its output, which dropout in place would destroy.
      assertEquals(buffer(plan, "sum"), buffer(plan, "sigmoid"), plan.toString());
      assertTrue(!buffer(plan, "sigmoid").equals(buffer(plan, "drop")), plan.toString());
      // Batch norm in training reads its input in the backward pass.
      assertTrue(!buffer(plan, "drop").equals(buffer(plan, "bn")), plan.toString());
      assertEquals("#" + 0, buffer(network.plan(2, false), "bn"));
    }
  }

  private static BatchNorm bn() {
    return BatchNorm.keras();
  }

  @Test
  void inferenceOfAChainNeedsItsTwoLargestNeighbours() {
    Graph graph =
        Graph.of(Shape.of(1, 4, 4))
            .then("a", same(4))
            .then("b", same(6))
            .then("c", same(5))
            .then("d", same(3))
            .then("e", same(2))
            .build();
    try (Network network = network(graph)) {
      assertEquals((6 + 5) * 16 * 3 * 4, network.plan(3, false).bufferBytes());
    }
  }

  @Test
  void theFirstLayersInputHasNoGradientUnlessAsked() {
    Graph graph =
        Graph.of(Shape.of(2, 4, 4)).then("relu", Activation.relu()).then("conv", same(3)).build();
    try (Network network = network(graph);
        Network asked =
            Network.builder(graph)
                .threads(1)
                .kernels(Kernels.scalar())
                .inputGradient(true)
                .build()) {
      assertEquals("-", gradient(network.plan(2, true), "relu"));
      assertTrue(gradient(asked.plan(2, true), "relu").startsWith("#"));
      assertTrue(asked.plan(2, true).bufferBytes() > network.plan(2, true).bufferBytes());
    }
  }

  @Test
  void trainingThePaperNetOn128ImagesStaysWellUnder3Gigabytes() {
    try (Network network = Network.builder(AlexNet.paper().graph()).threads(2).build()) {
      Plan plan = network.plan(128, true);
      assertEquals(60_965_224L * 4, plan.parameterBytes());
      assertEquals(60_965_224L * 4, plan.parameterGradientBytes());
      assertTrue(plan.totalBytes() < 2_500_000_000L, plan.toString());
      assertTrue(plan.bufferBytes() < 700_000_000L, plan.toString());
      Plan inference = network.plan(128, false);
      // conv1 (with its ReLU in place) and norm1, and a small third.
      long least = 2 * 128L * 96 * 55 * 55 * 4;
      assertTrue(inference.bufferBytes() >= least, inference.toString());
      assertTrue(inference.bufferBytes() < 1.1 * least, inference.toString());
    }
  }

  @Test
  void aBatchMustBePositiveAndFitAnArray() {
    Graph graph = Graph.of(Shape.of(3, 64, 64)).then("conv", same(64)).build();
    try (Network network = network(graph)) {
      assertEquals(
          "the batch size must be at least 1, not 0",
          assertThrows(IllegalArgumentException.class, () -> network.plan(0, true)).getMessage());
      assertEquals(
          "layer 'conv': 10000×64×64×64 has more elements than a Java array can hold",
          assertThrows(IllegalArgumentException.class, () -> network.plan(10_000, false))
              .getMessage());
    }
  }
}
