package io.alexnet.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.alexnet.graph.Graph;
import io.alexnet.graph.Network;
import io.alexnet.graph.Node;
import io.alexnet.kernels.Window;
import io.alexnet.layer.Activation;
import io.alexnet.layer.AdaptiveAveragePool2d;
import io.alexnet.layer.Add;
import io.alexnet.layer.AveragePool2d;
import io.alexnet.layer.BatchNorm;
import io.alexnet.layer.Binding;
import io.alexnet.layer.Concat;
import io.alexnet.layer.Conv2d;
import io.alexnet.layer.Dense;
import io.alexnet.layer.Dropout;
import io.alexnet.layer.Flatten;
import io.alexnet.layer.GlobalAveragePool2d;
import io.alexnet.layer.Layer;
import io.alexnet.layer.LayerClasses;
import io.alexnet.layer.LocalResponseNorm;
import io.alexnet.layer.MaxPool2d;
import io.alexnet.layer.Pass;
import io.alexnet.layer.Softmax;
import io.alexnet.layer.UnaryLayer;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import io.alexnet.zoo.CudaConvNet;
import io.alexnet.zoo.SmallAlexNet;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is written computes the same in ONNX Runtime, and here again when it is read. */
class OnnxExportTest {

  @TempDir Path temporary;

  private static Window window(int h, int w, int strideH, int strideW, int... padsAndDilations) {
    int[] p = padsAndDilations;
    return new Window(h, w, strideH, strideW, p[0], p[1], p[2], p[3], p[4], p[5]);
  }

  private static final Shape IMAGE = Shape.of(6, 13, 11);
  private static final Window LARGE_STEP = window(3, 2, 4, 5, 1, 0, 1, 1, 1, 1);
  private static final Window PARTIAL = window(4, 4, 3, 2, 1, 1, 1, 1, 1, 1);
  private static final Window DILATED = window(3, 2, 2, 1, 1, 1, 2, 0, 2, 3);
  private static final Window DEEP_PADS = window(2, 2, 3, 2, 3, 0, 3, 2, 3, 3);

  static Stream<Arguments> layers() {
    Shape vector = Shape.of(37);
    List<Arguments> all = new ArrayList<>();
    all.add(arguments("conv", IMAGE, Conv2d.of(5, Window.square(3).padding(1))));
    all.add(arguments("conv awry", IMAGE, Conv2d.of(4, window(3, 2, 2, 3, 1, 0, 2, 1, 2, 1))));
    all.add(arguments("conv in groups", IMAGE, Conv2d.of(9, Window.square(2)).groups(3)));
    all.add(arguments("conv per channel", IMAGE, Conv2d.of(12, Window.of(1, 4)).groups(6)));
    all.add(arguments("conv, no bias", IMAGE, Conv2d.of(3, LARGE_STEP).withoutBias()));
    all.add(arguments("dense", vector, Dense.of(5)));
    all.add(arguments("dense, no bias", vector, Dense.of(1).withoutBias()));
    all.add(arguments("relu", IMAGE, Activation.relu()));
    all.add(arguments("relu of a vector", vector, Activation.relu()));
    all.add(arguments("leaky relu", IMAGE, Activation.leakyRelu(0.3f)));
    all.add(arguments("tanh", vector, Activation.tanh()));
    all.add(arguments("sigmoid", IMAGE, Activation.sigmoid()));
    all.add(arguments("softmax", vector, new Softmax()));
    all.add(arguments("flatten", IMAGE, new Flatten()));
    all.add(arguments("flatten a vector", vector, new Flatten()));
    all.add(arguments("lrn", IMAGE, new LocalResponseNorm(5, 0.3f, 0.75f, 2)));
    all.add(arguments("lrn wider than channels", IMAGE, new LocalResponseNorm(15, 2, 0.5f, 1)));
    all.add(arguments("lrn of one channel", IMAGE, new LocalResponseNorm(1, 1, 1, 0.5f)));
    all.add(arguments("batch norm", IMAGE, BatchNorm.keras()));
    all.add(arguments("batch norm of a vector", vector, BatchNorm.pytorch()));
    all.add(arguments("dropout", IMAGE, new Dropout(0.5f)));
    all.add(arguments("global average pool", IMAGE, new GlobalAveragePool2d()));
    for (int[] size : new int[][] {{1, 1}, {13, 11}, {6, 5}, {12, 10}, {4, 7}, {20, 3}, {13, 4}}) {
      all.add(
          arguments(
              "adaptive average pool " + size[0] + "×" + size[1],
              IMAGE,
              new AdaptiveAveragePool2d(size[0], size[1])));
    }
    all.add(arguments("adaptive, even", Shape.of(2, 12, 8), new AdaptiveAveragePool2d(6, 2)));
    for (Window window :
        List.of(
            Window.square(3).stride(2), LARGE_STEP, PARTIAL, DILATED, Window.of(2, 5).padding(1))) {
      for (boolean up : new boolean[] {false, true}) {
        String text =
            " %dx%d/%d up %s".formatted(window.height(), window.width(), window.strideHeight(), up);
        all.add(arguments("max pool" + text, IMAGE, new MaxPool2d(window, up)));
        for (boolean count : new boolean[] {false, true}) {
          if (window == DILATED && up) {
            continue; // refused
          }
          all.add(
              arguments(
                  "average pool" + text + " counting " + count,
                  IMAGE,
                  new AveragePool2d(window, up, count)));
        }
      }
    }
    all.add(arguments("max pool, deep pads", IMAGE, new MaxPool2d(DEEP_PADS, true)));
    return all.stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("layers")
  void aLayerComputesTheSameElsewhere(String name, Shape image, Layer layer) throws Exception {
    assertSameElsewhere(Graph.of(image).then("layer", layer).build(), 3);
  }

  @Test
  void everyLayerOfTheLibraryIsTried() {
    Set<String> tried =
        layers().map(layer -> layer.get()[2].getClass().getName()).collect(Collectors.toSet());
    tried.add(Add.class.getName()); // in branchesComputeTheSameElsewhere
    tried.add(Concat.class.getName());
    assertEquals(LayerClasses.names(), tried);
  }

  @Test
  void branchesComputeTheSameElsewhere() throws Exception {
    Graph.Builder b = Graph.of(IMAGE);
    b.then("conv", Conv2d.of(6, Window.square(3).padding(1)));
    Node trunk = b.then("drop", new Dropout(0.3f)).last();
    Node left = b.node("left", Conv2d.of(6, Window.square(3).padding(1)), trunk);
    Node right = b.node("right", Activation.tanh(), trunk);
    Node two = b.node("two", new Add(), left, trunk);
    Node three = b.node("three", new Add(), left, right, b.input());
    Node twice = b.node("twice", new Add(), two, two, two);
    b.node("joined", new Concat(), twice, three, b.input());
    b.then("mean", new GlobalAveragePool2d());
    Node vector = b.last();
    Node dense = b.node("dense", Dense.of(4), vector);
    b.node("vectors", new Concat(), dense, vector);
    assertSameElsewhere(b.then("last", new Dropout(0.5f)).build(), 2);
  }

  /** Results, initialisers and what export adds have names from one pool. */
  @Test
  void namesThatMeetStayApart() throws Exception {
    Graph.Builder b = Graph.of(IMAGE);
    b.then("logits", Conv2d.of(6, Window.square(3)));
    b.then("logits.weight", Activation.relu());
    b.then("a.padded", new MaxPool2d(DEEP_PADS, true));
    b.then("a.pads", Activation.relu());
    b.then("a", new AdaptiveAveragePool2d(3, 4));
    b.then("a.columns", Activation.relu());
    b.then("input_", new GlobalAveragePool2d());
    assertSameElsewhere(b.then("a.mean", new Softmax()).build(), 2);
  }

  static Stream<Arguments> smallNets() {
    return Stream.of(
        arguments("small", SmallAlexNet.of(1, 28).graph()),
        arguments("cuda-convnet", CudaConvNet.fiveLayers(3, 24).graph()),
        arguments("four layers", CudaConvNet.fourLayers(3, 32).graph()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("smallNets")
  void aNetworkComputesTheSameElsewhere(String name, Graph graph) throws Exception {
    assertSameElsewhere(graph, 2);
  }

  private void assertSameElsewhere(Graph graph, int batch) throws Exception {
    Path file = temporary.resolve("network.onnx");
    try (Network network = Network.of(graph, 1)) {
      SplittableRandom random = new SplittableRandom(2);
      network.state().forEach((name, values) -> draw(name, values, random));
      Onnx.write(file, network, Map.of());
      Tensor images = Tensor.zeros(graph.inputShape().prepend(batch));
      draw("images", images, random);
      float[] expected = network.infer(images).toArray();
      assertClose(expected, OnnxRuntime.run(file, images), 1e-5f);
      OnnxModel again = Onnx.read(file);
      try (Network readAgain = again.network()) {
        assertClose(expected, readAgain.infer(images).toArray(), 1e-6f);
      }
    }
  }

  /** Far from what layers begin with; variances positive. */
  private static void draw(String name, Tensor values, SplittableRandom random) {
    int fanIn = values.shape().rank() > 1 ? values.size() / values.shape().dimension(0) : 1;
    double deviation = name.equals("images") ? 2 : 2.5 / Math.sqrt(fanIn);
    for (int i = 0; i < values.size(); i++) {
      float value = (float) (random.nextDouble(-1, 1) * deviation);
      values.array()[i] = name.endsWith("running_var") ? 0.1f + Math.abs(value) : value;
    }
  }

  /** Relative to the largest element. */
  private static void assertClose(float[] expected, float[] actual, float tolerance) {
    float largest = 0;
    for (float value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertTrue(largest > 0, "nothing to compare");
    assertArrayEquals(expected, actual, tolerance * largest);
  }

  @Test
  void writesNamesMetadataAndASymbolicBatch() throws IOException {
    Path file = temporary.resolve("network.onnx");
    try (Network network = SmallAlexNet.of(1, 28).build(1)) {
      Onnx.write(file, network, Map.of("classNames", "Zuŕich\nBern"));
      ModelProto model = parse(file);
      assertEquals(17, model.getOpsetImport(0).getVersion());
      assertEquals("input", model.getGraph().getInput(0).getName());
      assertEquals(
          "batch",
          model
              .getGraph()
              .getInput(0)
              .getType()
              .getTensorType()
              .getShape()
              .getDim(0)
              .getDimParam());
      assertEquals("logits", model.getGraph().getOutput(0).getName());
      assertEquals(
          List.copyOf(network.state().keySet()),
          model.getGraph().getInitializerList().stream().map(TensorProto::getName).toList());
      assertFalse(
          model.getGraph().getNodeList().stream().anyMatch(n -> n.getOpType().equals("Dropout")));
      OnnxModel again = Onnx.read(file);
      assertEquals(Map.of("classNames", "Zuŕich\nBern"), again.metadata());
      assertEquals(network.state().keySet(), again.weights().keySet());
      again
          .weights()
          .forEach(
              (name, values) ->
                  assertArrayEquals(network.state().get(name).toArray(), values.toArray()));
    }
  }

  @Test
  void onlyADilatedAveragePoolNeedsANewerOpset() throws IOException {
    Path file = temporary.resolve("network.onnx");
    Graph graph = Graph.of(IMAGE).then("pool", AveragePool2d.of(DILATED)).build();
    try (Network network = Network.of(graph, 1)) {
      Onnx.write(file, network, Map.of());
    }
    assertEquals(19, parse(file).getOpsetImport(0).getVersion());
  }

  @Test
  void whatOnnxCannotExpressIsNamedAndNothingIsWritten() throws IOException {
    Path file = Files.writeString(temporary.resolve("network.onnx"), "what was there");
    Graph deep = Graph.of(IMAGE).then("pool5", new AveragePool2d(DEEP_PADS, false, false)).build();
    assertRefused("layer 'pool5': ONNX has no average pool", file, deep);
    Graph own = Graph.of(IMAGE).then("mine", new Doubled()).build();
    assertRefused("layer 'mine': there is no ONNX operator for a Doubled", file, own);
    assertEquals("what was there", Files.readString(file));
    assertOnlyFile(file);
  }

  private static void assertRefused(String reason, Path file, Graph graph) {
    try (Network network = Network.of(graph, 1)) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> Onnx.write(file, network, Map.of()));
      assertTrue(e.getMessage().startsWith(reason), e.getMessage());
    }
  }

  @Test
  void aFileThatCannotBeWrittenLeavesNothing() throws IOException {
    Path folder = Files.createDirectory(temporary.resolve("network.onnx"));
    Files.createFile(folder.resolve("full"));
    try (Network network = SmallAlexNet.of(1, 28).build(1)) {
      assertThrows(IOException.class, () -> Onnx.write(folder, network, Map.of()));
    }
    assertOnlyFile(folder);
  }

  private void assertOnlyFile(Path file) throws IOException {
    try (Stream<Path> files = Files.list(temporary)) {
      assertEquals(List.of(file), files.toList());
    }
  }

  /** Applications without ONNX files do without its library, too. */
  @Test
  void saysWhichLibraryIsMissing() throws Exception {
    URL[] without =
        Set.of(Onnx.class, org.slf4j.Logger.class, io.alexnet.kernels.Kernels.class).stream()
            .map(type -> type.getProtectionDomain().getCodeSource().getLocation())
            .toArray(URL[]::new);
    try (URLClassLoader loader =
        new URLClassLoader(without, ClassLoader.getPlatformClassLoader())) {
      Throwable e =
          assertThrows(
                  InvocationTargetException.class,
                  () ->
                      loader
                          .loadClass(Onnx.class.getName())
                          .getMethod("read", Path.class)
                          .invoke(null, temporary))
              .getCause();
      assertEquals(IllegalStateException.class, e.getClass());
      assertTrue(e.getMessage().contains("org.tribuo:tribuo-util-onnx"), e.getMessage());
    }
  }

  private static ModelProto parse(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return ModelProto.parseFrom(in);
    }
  }

  /** A layer of a user's own. */
  private record Doubled() implements UnaryLayer {
    @Override
    public Shape outputShape(Shape input) {
      return input;
    }

    @Override
    public Set<BufferUse> bufferUse(boolean training) {
      return Set.of();
    }

    @Override
    public Pass bind(Binding binding) {
      return Activation.relu().bind(binding);
    }
  }
}
