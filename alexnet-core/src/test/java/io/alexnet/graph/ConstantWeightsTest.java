package io.alexnet.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.init.Initializer;
import io.alexnet.kernels.Window;
import io.alexnet.layer.Activation;
import io.alexnet.layer.Add;
import io.alexnet.layer.BatchNorm;
import io.alexnet.layer.Conv2d;
import io.alexnet.layer.Dense;
import io.alexnet.layer.Dropout;
import io.alexnet.layer.Flatten;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import io.alexnet.zoo.AlexNet;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class ConstantWeightsTest {

  private static final BatchNorm NORM = BatchNorm.keras();

  /** Parameters and statistics as a training may leave them, all channels different. */
  private static Network trained(Graph graph) {
    Network network = Network.builder(graph).seed(2).threads(2).build();
    for (Map.Entry<String, Tensor> entry : network.state().entrySet()) {
      RandomGenerator random = Initializer.stream(5, entry.getKey());
      float[] values = entry.getValue().array();
      for (int i = 0; i < values.length; i++) {
        values[i] +=
            entry.getKey().endsWith("running_var")
                ? random.nextFloat()
                : 0.3f * (float) random.nextGaussian();
      }
    }
    return network;
  }

  /** Checks that constant weights change nothing but rounding, and that these norms are gone. */
  private static void assertFolds(Graph graph, String... folded) {
    try (Network network = trained(graph)) {
      Tensor images = NetworkTest.random(network.inputShape().prepend(3), "images");
      float[] expected = network.infer(images).toArray();
      assertEquals(List.of(), foldedIn(network), "weights may change");
      network.weightsConstant(true);
      assertEquals(List.of(folded), foldedIn(network));
      assertClose(expected, network.infer(images).toArray());
      network.weightsConstant(false);
      assertArrayEquals(expected, network.infer(images).toArray(), "the weights themselves");
    }
  }

  private static List<String> foldedIn(Network network) {
    return network
        .plan(3, false)
        .toString()
        .lines()
        .filter(line -> line.endsWith("folded"))
        .map(line -> line.split(" ")[0])
        .toList();
  }

  private static void assertClose(float[] expected, float[] actual) {
    double squares = 0;
    for (float value : expected) {
      squares += value * value;
    }
    float tolerance = (float) (2e-5 * Math.sqrt(squares / expected.length));
    assertArrayEquals(expected, actual, tolerance);
  }

  @Test
  void foldsIntoTheConvolutionBefore() {
    assertFolds(
        Graph.of(Shape.of(3, 12, 11))
            .then("conv1", Conv2d.of(8, Window.square(3).padding(1)))
            .then("bn1", NORM)
            .then("relu1", Activation.relu())
            .then("conv2", Conv2d.of(12, Window.square(3)).groups(4).withoutBias())
            .then("bn2", NORM)
            .build(),
        "bn1",
        "bn2");
  }

  @Test
  void foldsIntoTheConvolutionBehindUnlessThatPads() {
    assertFolds(
        Graph.of(Shape.of(4, 12, 11))
            .then("bn0", NORM)
            .then("conv1", Conv2d.of(8, Window.of(3, 2).stride(2)).groups(2))
            .then("relu1", Activation.relu())
            .then("bn1", NORM)
            .then("conv2", Conv2d.of(6, Window.square(3).padding(1)))
            .then("relu2", Activation.relu())
            .then("bn2", NORM)
            .then("conv3", Conv2d.of(6, Window.square(2)).withoutBias())
            .then("bn3", NORM)
            .build(),
        "bn0",
        "bn2",
        "bn3");
  }

  @Test
  void foldsNothingThatAnotherLayerReads() {
    Graph.Builder b =
        Graph.of(Shape.of(3, 8, 8)).then("conv1", Conv2d.of(4, Window.square(3).padding(1)));
    Node conv = b.last();
    b.then("bn1", NORM);
    Node norm = b.last();
    b.then("conv2", Conv2d.of(4, Window.square(1)));
    b.node("sum", new Add(), b.last(), norm);
    b.node("again", new Add(), b.last(), conv);
    assertFolds(b.build());
  }

  @Test
  void leavesDenseLayersAlone() {
    assertFolds(
        Graph.of(Shape.of(3, 4, 4))
            .then("flatten", new Flatten())
            .then("fc1", Dense.of(8))
            .then("bn1", NORM)
            .then("drop1", new Dropout(0.5f))
            .then("fc2", Dense.of(3))
            .build());
  }

  @Test
  void outputsThatAreKeptStayWhatTheyAre() {
    Graph graph =
        Graph.of(Shape.of(3, 12, 12))
            .then("conv1", Conv2d.of(8, Window.square(3)))
            .then("bn1", NORM)
            .then("relu1", Activation.relu())
            .then("bn2", NORM)
            .then("conv2", Conv2d.of(4, Window.square(3)))
            .build();
    try (Network network = trained(graph)) {
      Tensor images = NetworkTest.random(network.inputShape().prepend(2), "images");
      List<String> layers = List.of("conv1", "bn1", "relu1", "bn2", "conv2");
      network.keepOutputs(layers);
      network.infer(images);
      List<float[]> expected = layers.stream().map(l -> network.output(l).toArray()).toList();
      network.keepOutputs(List.of());
      network.weightsConstant(true);
      assertEquals(List.of("bn1", "bn2"), foldedIn(network));
      for (int i = 0; i < layers.size(); i++) {
        network.keepOutputs(List.of(layers.get(i)));
        network.infer(images);
        assertClose(expected.get(i), network.output(layers.get(i)).toArray());
      }
      network.keepOutputs(List.of("conv1"));
      assertEquals(List.of("bn2"), foldedIn(network));
    }
  }

  @Test
  void aReplicaAndAChangeOfWeightsSeeTheSameFolding() {
    Graph graph =
        Graph.of(Shape.of(3, 12, 12))
            .then("conv1", Conv2d.of(8, Window.square(3)))
            .then("bn1", NORM)
            .build();
    try (Network network = trained(graph)) {
      Tensor images = NetworkTest.random(network.inputShape().prepend(2), "images");
      network.weightsConstant(true);
      float[] expected = network.infer(images).toArray();
      try (Network replica = network.replica(1)) {
        assertArrayEquals(expected, replica.infer(images).toArray());
      }
      assertTrue(network.preparedWeightsBytes() >= (8 * 27 + 8) * Float.BYTES);
      network.parameters("bn1.bias").get(0).value().array()[0] += 1;
      network.weightsChanged();
      expected[0] += 1;
      assertEquals(expected[0], network.infer(images).toArray()[0], 1e-4f);
    }
  }

  @Test
  void theKerasVariantLosesTheNormsInFrontOfItsConvolutions() {
    assertFolds(
        AlexNet.kerasBatchNorm().classes(4).initializer(Initializer.heNormal()).graph(),
        "bn1",
        "bn2",
        "bn3",
        "bn4");
  }
}
