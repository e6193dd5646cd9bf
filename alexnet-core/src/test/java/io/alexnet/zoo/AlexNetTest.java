package io.alexnet.zoo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.graph.Graph;
import io.alexnet.graph.Network;
import io.alexnet.init.Initializer;
import io.alexnet.kernels.Window;
import io.alexnet.layer.Activation;
import io.alexnet.layer.MaxPool2d;
import io.alexnet.tensor.Shape;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AlexNetTest {

  private static AlexNet variant(String name) {
    return switch (name) {
      case "paper" -> AlexNet.paper();
      case "ungrouped" -> AlexNet.ungrouped();
      case "torchvision" -> AlexNet.torchvision();
      case "keras" -> AlexNet.kerasBatchNorm();
      default -> throw new AssertionError(name);
    };
  }

  @Test
  void theKerasVariantsSummaryHasEveryRowOfKerass() {
    String summary = AlexNet.kerasBatchNorm().classes(17).graph().summary();
    List<String> rows =
        List.of(
            "conv1 (Conv2d)            (None, 96, 54, 54)       34,944",
            "pool1 (MaxPool2d)         (None, 96, 27, 27)            0",
            "bn1 (BatchNorm)           (None, 96, 27, 27)          384",
            "conv2 (Conv2d)            (None, 256, 17, 17)   2,973,952",
            "pool2 (MaxPool2d)         (None, 256, 8, 8)             0",
            "bn2 (BatchNorm)           (None, 256, 8, 8)         1,024",
            "conv3 (Conv2d)            (None, 384, 6, 6)       885,120",
            "bn3 (BatchNorm)           (None, 384, 6, 6)         1,536",
            "conv4 (Conv2d)            (None, 384, 4, 4)     1,327,488",
            "bn4 (BatchNorm)           (None, 384, 4, 4)         1,536",
            "conv5 (Conv2d)            (None, 256, 2, 2)       884,992",
            "pool5 (MaxPool2d)         (None, 256, 1, 1)             0",
            "bn5 (BatchNorm)           (None, 256, 1, 1)         1,024",
            "flatten (Flatten)         (None, 256)                   0",
            "fc6 (Dense)               (None, 4096)          1,052,672",
            "bn6 (BatchNorm)           (None, 4096)             16,384",
            "fc7 (Dense)               (None, 4096)         16,781,312",
            "bn7 (BatchNorm)           (None, 4096)             16,384",
            "fc8 (Dense)               (None, 1000)          4,097,000",
            "bn8 (BatchNorm)           (None, 1000)              4,000",
            "fc9 (Dense)               (None, 17)               17,017",
            "Total params: 28,096,769",
            "Trainable params: 28,075,633",
            "Non-trainable params: 21,136");
    List<String> printed = summary.lines().map(line -> line.replaceAll(" +", " ")).toList();
    for (String row : rows) {
      String expected = row.replaceAll(" +", " ");
      assertTrue(printed.contains(expected), () -> expected + "\nis not in\n" + summary);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "paper, '60,965,224'",
    "ungrouped, '62,378,344'",
    "torchvision, '61,100,840'",
  })
  void parameterCountsWith1000Classes(String name, String total) {
    String summary = variant(name).graph().summary();
    assertTrue(summary.contains("\nTotal params: " + total + "\n"), summary);
    assertTrue(summary.contains("\nTrainable params: " + total + "\n"), summary);
    assertTrue(summary.contains("\nNon-trainable params: 0\n"), summary);
  }

  @ParameterizedTest
  @ValueSource(strings = {"paper", "ungrouped", "torchvision", "keras"})
  void theOptionsAreTaken(String name) {
    Graph graph = variant(name).classes(5).activation(Activation.tanh()).dropout(0).graph();
    assertEquals(5, graph.outputShape().size());
    assertTrue(graph.summary().contains("tanh1 (Tanh)"), graph.summary());
    assertTrue(!graph.summary().contains("Dropout"), graph.summary());
  }

  @ParameterizedTest
  @CsvSource({
    "paper, 67, pool5",
    "ungrouped, 67, pool5",
    "torchvision, 63, pool5",
    "keras, 215, pool5"
  })
  void tooSmallAnImageNamesTheLayerAndTheSmallestSize(String name, int smallest, String layer) {
    assertEquals(1000, variant(name).imageSize(smallest).graph().outputShape().size());
    var thrown =
        assertThrows(
            IllegalArgumentException.class, () -> variant(name).imageSize(smallest - 1).graph());
    assertTrue(
        thrown.getMessage().contains("takes %d×%d or more".formatted(smallest, smallest)),
        thrown.getMessage());
    assertTrue(thrown.getMessage().contains("layer '" + layer + "'"), thrown.getMessage());
  }

  @Test
  void anErrorThatNoSizeCuresKeepsItsOwnMessage() {
    var thrown =
        assertThrows(IllegalArgumentException.class, () -> AlexNet.paper().classes(0).graph());
    assertEquals("dense: outputs must be at least 1, not 0", thrown.getMessage());
    for (int size : new int[] {Integer.MAX_VALUE, 50_000}) {
      thrown =
          assertThrows(
              IllegalArgumentException.class, () -> AlexNet.paper().imageSize(size).graph());
      assertTrue(thrown.getMessage().contains("array"), thrown.getMessage());
    }
  }

  /** conv1 leaves 54×54 of 224×224: 26 whole windows of pool1, and half of one more. */
  @Test
  void poolsCountAPartialWindowIfAsked() {
    AlexNet odd = AlexNet.paper().imageSize(224);
    assertEquals(Shape.of(96, 26, 26), shapeOf("pool1", odd.graph()));
    assertEquals(Shape.of(96, 27, 27), shapeOf("pool1", odd.poolRoundsUp(true).graph()));
  }

  @Test
  void poolsThatDoNotOverlapLeaveThePapersShapes() {
    Graph apart = AlexNet.paper().overlappingPools(false).graph();
    assertEquals(AlexNet.paper().graph().summary(), apart.summary());
    assertEquals(MaxPool2d.of(Window.square(2).stride(2)), apart.layers().get(3).layer(), "pool1");
  }

  /** As docs/model-files.md has them: files of older versions are read by these names. */
  @Test
  void namesOfTensorsStay() {
    assertEquals(
        "conv1 conv2 conv3 conv4 conv5 fc6 fc7 fc8", layersWithTensors(AlexNet.paper().graph()));
    assertEquals(
        "conv1 conv2 conv3 conv4 conv5 fc6 fc7 fc8",
        layersWithTensors(AlexNet.torchvision().graph()));
    assertEquals(
        "conv1 bn1 conv2 bn2 conv3 bn3 conv4 bn4 conv5 bn5 fc6 bn6 fc7 bn7 fc8 bn8 fc9",
        layersWithTensors(AlexNet.kerasBatchNorm().graph()));
    assertEquals(
        "conv1 conv2 conv3 conv4 fc5 fc6", layersWithTensors(SmallAlexNet.of(3, 32).graph()));
    assertEquals(
        Set.of("conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7", "fc8"),
        Set.copyOf(AlexNet.torchvisionNames().values()));
  }

  /** Each has weight and bias, and nothing else that learns. */
  private static String layersWithTensors(Graph graph) {
    List<String> names = graph.parameterNames("*");
    StringBuilder layers = new StringBuilder();
    for (int i = 0; i < names.size(); i += 2) {
      String layer = names.get(i).replace(".weight", "");
      assertEquals(layer + ".bias", names.get(i + 1));
      layers.append(layers.isEmpty() ? "" : " ").append(layer);
    }
    return layers.toString();
  }

  private static Shape shapeOf(String layer, Graph graph) {
    return graph.layers().stream()
        .filter(node -> node.name().equals(layer))
        .findFirst()
        .orElseThrow()
        .shape();
  }

  @Test
  void thePapersInitialisationAndMultipliers() {
    try (Network network =
        Network.builder(AlexNet.paper().classes(10).imageSize(67).graph()).threads(1).build()) {
      for (var parameter : network.parameters()) {
        double sum = 0;
        double squares = 0;
        float[] values = parameter.value().toArray();
        for (float v : values) {
          sum += v;
          squares += (double) v * v;
        }
        double mean = sum / values.length;
        String name = parameter.name();
        if (name.endsWith(".bias")) {
          boolean zero = List.of("conv1.bias", "conv3.bias", "fc8.bias").contains(name);
          assertEquals(zero ? 0 : 0.1f, mean, 1e-6, name);
          assertEquals(2, parameter.learningRateMultiplier(), name);
          assertEquals(0, parameter.decayMultiplier(), name);
        } else {
          double deviation = name.startsWith("fc6") || name.startsWith("fc7") ? 0.005 : 0.01;
          // Five standard errors of a sample deviation, σ/√(2n), of the smallest weight.
          assertEquals(deviation, Math.sqrt(squares / values.length), 0.02 * deviation, name);
          assertEquals(1, parameter.learningRateMultiplier(), name);
          assertEquals(1, parameter.decayMultiplier(), name);
        }
      }
    }
  }

  @Test
  void anInitializerOfOnesOwnReplacesTheWeightsOnly() {
    Graph graph =
        AlexNet.paper().classes(2).imageSize(67).initializer(Initializer.constant(3)).graph();
    try (Network network = Network.builder(graph).threads(1).build()) {
      assertEquals(3, network.state().get("conv1.weight").get(0, 0, 0, 0));
      assertEquals(0.1f, network.state().get("conv2.bias").get(0));
    }
  }
}
