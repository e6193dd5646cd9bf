package io.alexnet.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.alexnet.graph.Network;
import io.alexnet.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * ONNX's own test vectors for the operators that import knows: each is computed right or refused,
 * never wrong. They come with Debian's package libonnx-testdata; {@code -Donnx.testdata=FOLDER}
 * says where they are if not there.
 */
class OnnxOperatorVectorsTest {

  private static final Set<String> OPERATORS =
      Set.of(
          "Conv",
          "Gemm",
          "MatMul",
          "MaxPool",
          "AveragePool",
          "GlobalAveragePool",
          "LRN",
          "BatchNormalization",
          "Dropout",
          "Relu",
          "LeakyRelu",
          "Tanh",
          "Sigmoid",
          "Softmax",
          "Flatten",
          "Reshape",
          "Add",
          "Sum",
          "Concat",
          "Pad",
          "Identity",
          "Constant");

  @TempDir Path temporary;

  @Test
  void eachIsComputedOrRefused() throws IOException {
    Path folder = Path.of(System.getProperty("onnx.testdata", "/usr/share/libonnx-testdata/data"));
    Assumptions.assumeTrue(Files.isDirectory(folder), "no test vectors in " + folder);
    List<Path> models;
    try (Stream<Path> files = Files.walk(folder, 3)) {
      models = files.filter(file -> file.endsWith("model.onnx")).sorted().toList();
    }
    int computed = 0;
    Map<String, String> refused = new TreeMap<>();
    Map<String, String> wrong = new TreeMap<>();
    for (Path model : models) {
      ModelProto proto = parse(model);
      if (!OPERATORS.containsAll(
          proto.getGraph().getNodeList().stream()
              .map(NodeProto::getOpType)
              .collect(Collectors.toSet()))) {
        continue;
      }
      String name = folder.relativize(model.getParent()).toString();
      try (Stream<Path> sets = Files.list(model.getParent())) {
        for (Path set : sets.filter(Files::isDirectory).sorted().toList()) {
          check(proto, set);
        }
        computed++;
      } catch (FormatException e) {
        refused.put(name, e.getMessage());
      } catch (AssertionError | RuntimeException e) {
        wrong.put(name, e.toString());
      }
    }
    assertEquals(Map.of(), wrong);
    assertTrue(computed >= 80, computed + " computed, refused: " + refused);
  }

  /** The first input is the network's, the others become its constants. */
  private void check(ModelProto proto, Path set) throws IOException {
    GraphProto.Builder graph = proto.getGraph().toBuilder();
    Map<String, TensorProto> given = new HashMap<>();
    List<ValueInfoProto> inputs = new ArrayList<>(graph.getInputList());
    inputs.removeIf(
        input ->
            graph.getInitializerList().stream().anyMatch(i -> i.getName().equals(input.getName())));
    for (int i = 0; i < inputs.size(); i++) {
      Path file = set.resolve("input_" + i + ".pb");
      try (InputStream in = Files.newInputStream(file)) {
        TensorProto tensor = TensorProto.parseFrom(in);
        given.put(inputs.get(i).getName(), tensor);
        if (i > 0) {
          graph.addInitializer(tensor.toBuilder().setName(inputs.get(i).getName()));
        }
      }
    }
    Path file = temporary.resolve("model.onnx");
    Files.write(file, proto.toBuilder().setGraph(graph).build().toByteArray());
    OnnxModel model = Onnx.read(file);
    OnnxTensors tensors = new OnnxTensors(file, Long.MAX_VALUE);
    Tensor input = tensors.floats(given.get(inputs.get(0).getName()));
    Tensor expected;
    try (InputStream in = Files.newInputStream(set.resolve("output_0.pb"))) {
      expected = tensors.floats(TensorProto.parseFrom(in));
    }
    try (Network network = model.network()) {
      Tensor output = network.infer(input);
      assertEquals(expected.shape(), output.shape());
      assertArrayEquals(expected.toArray(), output.toArray(), 1e-5f);
    }
  }

  private static ModelProto parse(Path model) throws IOException {
    try (InputStream in = Files.newInputStream(model)) {
      return ModelProto.parseFrom(in);
    }
  }
}
