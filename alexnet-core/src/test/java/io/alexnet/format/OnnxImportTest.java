package io.alexnet.format;

import static io.alexnet.format.OnnxBuilder.list;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataLocation;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import com.google.protobuf.ByteString;
import io.alexnet.graph.Graph;
import io.alexnet.graph.Network;
import io.alexnet.graph.Node;
import io.alexnet.kernels.Window;
import io.alexnet.layer.BatchNorm;
import io.alexnet.layer.Conv2d;
import io.alexnet.layer.Dense;
import io.alexnet.layer.Dropout;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is read computes what ONNX Runtime computes of the file, or is refused by name. */
@Timeout(60)
class OnnxImportTest {

  @TempDir Path temporary;

  private static OnnxBuilder images(int opset) {
    return new OnnxBuilder(opset, 0, 4, 11, 10);
  }

  private static OnnxBuilder vectors(int opset) {
    return new OnnxBuilder(opset, 0, 7);
  }

  private static OnnxBuilder conv(int opset) {
    return images(opset).weights("w", 6, 4, 3, 3).weights("b", 6);
  }

  static Stream<Arguments> models() {
    List<Arguments> all = new ArrayList<>();
    for (String auto : List.of("SAME_UPPER", "SAME_LOWER", "VALID")) {
      for (long stride = 1; stride <= 4; stride++) {
        String name = auto + "/" + stride;
        long[] strides = list(stride, 5 - stride);
        all.add(
            arguments(
                "Conv " + name,
                conv(13).node("Conv", "x w b -> y", "auto_pad", auto, "strides", strides)));
        for (String pool : List.of("MaxPool", "AveragePool")) {
          all.add(
              arguments(
                  pool + " " + name,
                  images(13)
                      .node(
                          pool,
                          "x -> y",
                          "auto_pad",
                          auto,
                          "kernel_shape",
                          list(2, 3),
                          "strides",
                          strides)));
        }
      }
    }
    all.add(
        arguments(
            "Conv in groups, asymmetrical",
            images(13)
                .weights("w", 6, 2, 2, 3)
                .node(
                    "Conv",
                    "x w -> y",
                    "group",
                    2,
                    "pads",
                    list(0, 2, 1, 0),
                    "kernel_shape",
                    list(2, 3),
                    "auto_pad",
                    "NOTSET")));
    for (long ceil = 0; ceil < 2; ceil++) {
      for (long count = 0; count < 2; count++) {
        for (long[] pads : List.of(list(0, 0, 0, 0), list(1, 1, 1, 1), list(1, 0, 0, 1))) {
          all.add(
              arguments(
                  "AveragePool, ceil_mode %d, count %d, pads %s"
                      .formatted(ceil, count, Arrays.toString(pads)),
                  images(19)
                      .node(
                          "AveragePool",
                          "x -> y",
                          "kernel_shape",
                          list(3, 2),
                          "strides",
                          list(2, 3),
                          "pads",
                          pads,
                          "ceil_mode",
                          ceil,
                          "count_include_pad",
                          count)));
        }
      }
      all.add(
          arguments(
              "MaxPool, dilated, ceil_mode " + ceil,
              images(12)
                  .node(
                      "MaxPool",
                      "x -> y",
                      "kernel_shape",
                      list(3, 2),
                      "strides",
                      list(3, 2),
                      "dilations",
                      list(2, 3),
                      "pads",
                      list(1, 1, 2, 0),
                      "ceil_mode",
                      ceil,
                      "storage_order",
                      1)));
    }
    for (long transB = 0; transB < 2; transB++) {
      for (int[] c : new int[][] {{5}, {1, 5}, {1}, {}}) {
        OnnxBuilder gemm =
            vectors(13).weights("b", transB == 1 ? new int[] {5, 7} : new int[] {7, 5});
        all.add(
            arguments(
                "Gemm, transB %d, C %s".formatted(transB, Arrays.toString(c)),
                gemm.weights("c", c)
                    .node("Gemm", "x b c -> y", "transB", transB, "alpha", 0.7f, "beta", -2f)));
      }
    }
    all.add(arguments("Gemm without C", vectors(13).weights("b", 7, 5).node("Gemm", "x b -> y")));
    all.add(
        arguments(
            "MatMul and Add",
            vectors(13)
                .weights("w", 7, 5)
                .weights("b", 5)
                .node("MatMul", "x w -> p")
                .node("Add", "b p -> y")
                .node("Relu", "y -> z")));
    all.add(
        arguments(
            "MatMul, also read before the Add",
            vectors(13)
                .weights("w", 7, 7)
                .node("MatMul", "x w -> p")
                .node("Add", "p x -> q")
                .node("Add", "p q -> y")));
    all.add(
        arguments(
            "Conv and Add of what comes later",
            conv(13)
                .node("Conv", "x w b -> c")
                .node("Constant", " -> k", "value", tensor("k", 1, 6, 1, 1))
                .node("Identity", "k -> i")
                .node("Add", "c i -> y")));
    all.add(
        arguments(
            "Conv and Add of one number",
            conv(13).number("k", 3).node("Conv", "x w -> c").node("Add", "k c -> y")));
    all.add(
        arguments(
            "Gemm of transposed weights",
            vectors(13)
                .weights("w", 5, 7)
                .node("Transpose", "w -> t", "perm", list(1, 0))
                .node("MatMul", "x t -> y")));
    all.add(
        arguments(
            "Pad and Conv",
            conv(13)
                .integers("p", 0, 0, 1, 2, 0, 0, 0, 3)
                .node("Pad", "x p -> q", "mode", "constant")
                .node("Conv", "q w b -> y", "auto_pad", "SAME_UPPER", "strides", list(2, 2))));
    all.add(
        arguments(
            "Pad of two axes and Conv",
            conv(18)
                .integers("p", 1, 2, 0, 3)
                .integers("a", 2, 3)
                .node("Pad", "x p - a -> q")
                .node("Conv", "q w b -> y")));
    all.add(
        arguments(
            "Pad and MaxPool",
            images(13)
                .integers("p", 0, 0, 1, 1, 0, 0, 0, 0)
                .number("v", Float.NEGATIVE_INFINITY)
                .node("Pad", "x p v -> q")
                .node("MaxPool", "q -> y", "kernel_shape", list(3, 3))));
    all.add(
        arguments(
            "old Pad and AveragePool",
            images(10)
                .node("Pad", "x -> q", "pads", list(0, 0, 1, 1, 0, 0, 2, 0))
                .node("AveragePool", "q -> y", "kernel_shape", list(3, 3), "strides", list(2, 1))));
    all.add(
        arguments(
            "Pad and AveragePool with ceil_mode",
            images(13)
                .integers("p", 0, 0, 1, 1, 0, 0, 1, 1)
                .node("Pad", "x p -> q")
                .node(
                    "AveragePool",
                    "q -> y",
                    "kernel_shape",
                    list(3, 3),
                    "strides",
                    list(2, 2),
                    "ceil_mode",
                    1,
                    "count_include_pad",
                    1)));
    for (long[] shape :
        List.of(list(0, -1), list(-1, 440), list(-1, 4, 11, 10), list(0, 0, -1, 10))) {
      all.add(
          arguments(
              "Reshape to " + Arrays.toString(shape),
              images(14).integers("s", shape).node("Reshape", "x s -> y").node("Tanh", "y -> z")));
    }
    all.add(
        arguments(
            "PyTorch's view(x.size(0), -1)",
            images(18)
                .node("Shape", "x -> n", "start", 0, "end", 1)
                .node("Squeeze", "n -> size")
                .integers("list", -1)
                .node("Reshape", "size list -> first", "allowzero", 0)
                .integers("rest", -1)
                .node("Concat", "first rest -> shape", "axis", 0)
                .node("Reshape", "x shape -> y", "allowzero", 1)));
    all.add(
        arguments(
            "Reshape by the end of a Shape",
            images(15)
                .node("Shape", "x -> chw", "start", -3)
                .integers("batch", -1)
                .node("Concat", "batch chw -> shape", "axis", 0)
                .node("Reshape", "x shape -> r")
                .node("Tanh", "r -> y")));
    all.add(
        arguments(
            "Reshape by a Shape",
            images(13)
                .node("Constant", " -> first", "value", scalar(0))
                .node("Shape", "x -> s")
                .node("Gather", "s first -> n", "axis", 0)
                .integers("axes", 0)
                .integers("rest", -1)
                .node("Unsqueeze", "n axes -> u")
                .node("Concat", "u rest -> shape", "axis", 0)
                .node("Reshape", "x shape -> y")));
    all.add(
        arguments(
            "old Softmax behind Flatten",
            images(11).node("Flatten", "x -> f", "axis", -3).node("Softmax", "f -> y")));
    all.add(arguments("Softmax over the last axis", vectors(13).node("Softmax", "x -> y")));
    for (int opset : new int[] {7, 9, 14, 15}) {
      all.add(arguments("BatchNormalization " + opset, batchNorm(opset, 0.8f)));
    }
    all.add(arguments("PyTorch's BatchNorm2d(momentum=None)", batchNorm(15, 1)));
    all.add(arguments("Dropout 7", vectors(7).node("Dropout", "x -> y", "ratio", 0.3f)));
    all.add(
        arguments(
            "Dropout 13",
            vectors(13)
                .number("r", 0.3f)
                .node("Constant", " -> t", "value", bool(false))
                .node("Dropout", "x r t -> y m", "seed", 1)));
    all.add(arguments("LRN", images(13).node("LRN", "x -> y", "size", 3, "alpha", 2f)));
    all.add(arguments("LeakyRelu", images(13).node("LeakyRelu", "x -> y", "alpha", 0f)));
    all.add(arguments("Sum", images(13).node("Tanh", "x -> t").node("Sum", "x t x -> y")));
    all.add(arguments("Sum of one", images(13).node("Sum", "x -> y").node("Relu", "y -> z")));
    all.add(
        arguments(
            "Concat", images(13).node("Tanh", "x -> t").node("Concat", "t x -> y", "axis", -3)));
    all.add(arguments("Identity", images(13).node("Identity", "x -> y")));
    all.add(
        arguments(
            "the output is no last node's",
            images(13)
                .node("Relu", "x -> a")
                .node("Identity", "a -> b")
                .node("Cos", "x -> unused")
                .node("Identity", "b -> y")));
    all.add(
        arguments(
            "GlobalAveragePool",
            images(13).node("GlobalAveragePool", "x -> g").node("Flatten", "g -> y")));
    return all.stream();
  }

  private static OnnxBuilder batchNorm(int opset, float momentum) {
    return images(opset)
        .weights("scale", 4)
        .weights("shift", 4)
        .weights("mean", 4)
        .positive("variance", 4)
        .node(
            "BatchNormalization",
            "x scale shift mean variance -> y",
            "epsilon",
            0.01f,
            "momentum",
            momentum);
  }

  private static TensorProto tensor(String name, int... shape) {
    return new OnnxBuilder(13, 1).random(name, shape).build();
  }

  private static TensorProto scalar(long value) {
    return TensorProto.newBuilder()
        .setDataType(DataType.INT64.getNumber())
        .addInt64Data(value)
        .build();
  }

  private static TensorProto bool(boolean value) {
    return TensorProto.newBuilder()
        .setDataType(DataType.BOOL.getNumber())
        .setRawData(ByteString.copyFrom(new byte[] {(byte) (value ? 1 : 0)}))
        .build();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("models")
  void computesWhatOnnxRuntimeComputes(String name, OnnxBuilder builder) throws Exception {
    assertSameAsOnnxRuntime(builder.write(temporary), builder.input(3));
  }

  private static OnnxModel assertSameAsOnnxRuntime(Path file, Tensor input) throws Exception {
    OnnxModel model = Onnx.read(file);
    try (Network network = model.network()) {
      assertArrayEquals(OnnxRuntime.run(file, input), network.infer(input).toArray(), 1e-5f);
    }
    return model;
  }

  @Test
  void layersAreNamedAfterWeightsThenNodes() throws Exception {
    OnnxBuilder builder =
        images(13)
            .weights("features.0.weight", 5, 4, 3, 3)
            .weights("onnx::Conv_17", 5, 5, 1, 1)
            .node("Conv", "x features.0.weight -> a")
            .node("Conv", "a onnx::Conv_17 -> b")
            .node("Relu", "b -> c")
            .node("Conv", "c onnx::Conv_17 -> d")
            .node("Relu", "d -> e");
    builder.graph.getNodeBuilder(0).setName("/features/features.0/Conv");
    builder.graph.getNodeBuilder(1).setName("second");
    builder.graph.getNodeBuilder(2).setName("input");
    builder.graph.getNodeBuilder(3).setName("second");
    OnnxModel model = Onnx.read(builder.write(temporary));
    assertEquals(
        List.of("input", "features.0", "second", "relu3", "conv4", "relu5"),
        model.graph().nodes().stream().map(Node::name).toList());
    assertEquals(
        Set.of("features.0.weight", "second.weight", "conv4.weight"), model.weights().keySet());
    assertArrayEquals(
        model.weights().get("second.weight").toArray(),
        model.weights().get("conv4.weight").toArray());
  }

  /** Before opset 7 an attribute said along which axis; ONNX Runtime has forgotten it. */
  @Test
  void anOldAddHasAnAxis() throws Exception {
    OnnxBuilder old =
        conv(6).node("Conv", "x w -> c").node("Add", "c b -> y", "axis", 1, "broadcast", 1);
    OnnxBuilder young = conv(13).node("Conv", "x w b -> y");
    Tensor input = young.input(2);
    try (Network network = Onnx.read(old.write(temporary)).network()) {
      assertArrayEquals(
          OnnxRuntime.run(young.write(temporary), input), network.infer(input).toArray(), 1e-5f);
    }
    old.graph.getNodeBuilder(1).getAttributeBuilder(0).setI(3);
    assertRefused(old.write(temporary), "Add 'y' adds the constant 'b'");
  }

  /** ONNX Runtime has no dilated convolution with a padding that it is to find itself. */
  @Test
  void paddingThatKeepsTheSizeKnowsOfDilation() throws IOException {
    OnnxBuilder builder =
        conv(13).node("Conv", "x w -> y", "auto_pad", "SAME_LOWER", "dilations", list(2, 3));
    Node conv = Onnx.read(builder.write(temporary)).graph().layers().get(0);
    assertEquals(Shape.of(6, 11, 10), conv.shape());
    assertEquals(new Window(3, 3, 1, 1, 2, 3, 2, 3, 2, 3), ((Conv2d) conv.layer()).window());
  }

  @Test
  void aSoftmaxIsTheLastLayerWhateverShapeItsVectorIsGiven() throws IOException {
    OnnxBuilder builder =
        vectors(13)
            .node("Softmax", "x -> p")
            .node("Flatten", "p -> f")
            .integers("shape", 0, -1)
            .node("Reshape", "f shape -> y");
    Graph graph = Onnx.read(builder.write(temporary)).graph();
    assertEquals(1, graph.layers().size());
    assertTrue(graph.endsInSoftmax());
  }

  @Test
  void keepsWhatOnlyTrainingGoesBy() throws IOException {
    OnnxBuilder builder = batchNorm(13, 0.8f).number("r", 0.3f).node("Dropout", "y r -> z");
    Graph graph = Onnx.read(builder.write(temporary)).graph();
    assertEquals(new BatchNorm(0.8f, 0.01f), graph.layers().get(0).layer());
    assertEquals(new Dropout(0.3f), graph.layers().get(1).layer());
  }

  @Test
  void initialisersMayBeInputsAndListsOfFloats() throws Exception {
    OnnxBuilder builder = vectors(8);
    TensorProto.Builder weight =
        TensorProto.newBuilder()
            .setName("w")
            .setDataType(DataType.FLOAT.getNumber())
            .addDims(7)
            .addDims(2);
    for (int i = 0; i < 14; i++) {
      weight.addFloatData(i - 3);
    }
    builder.with(weight).node("MatMul", "x w -> y").graph.addInput(OnnxBuilder.value("w", 7, 2));
    Path file =
        Files.write(
            temporary.resolve("old.onnx"), builder.model().setIrVersion(3).build().toByteArray());
    assertSameAsOnnxRuntime(file, builder.input(2));
  }

  @Test
  void weightsMayBeInAFileBesideTheModel() throws Exception {
    OnnxBuilder builder = vectors(13).weights("w", 7, 2).node("MatMul", "x w -> y");
    TensorProto.Builder weight = builder.graph.getInitializerBuilder(0);
    ByteString bytes = weight.getRawData();
    weight.clearRawData();
    external(weight, "model.data", 100, 56);
    Files.write(
        temporary.resolve("model.data"),
        ByteString.copyFrom(new byte[100]).concat(bytes).toByteArray());
    Path file = builder.write(temporary);
    assertSameAsOnnxRuntime(file, builder.input(2));

    Files.write(temporary.resolve("model.data"), new byte[155]);
    assertRefused(file, "tensor 'w' needs 56 bytes, but has 56 from 100 on in 'model.data'");
    Files.delete(temporary.resolve("model.data"));
    assertRefused(file, "tensor 'w' has its data in 'model.data', but there is no such file");
  }

  @Test
  void weightsElsewhereAreNotRead() throws IOException {
    Path inside = Files.createDirectory(temporary.resolve("inside"));
    Files.write(temporary.resolve("secret"), new byte[56]);
    Files.createSymbolicLink(inside.resolve("link"), temporary.resolve("secret"));
    for (String location :
        List.of(
            "../secret",
            "link",
            temporary.resolve("secret").toString(),
            "",
            "a\0b",
            ".",
            "a".repeat(300))) {
      OnnxBuilder builder = vectors(13).weights("w", 7, 2).node("MatMul", "x w -> y");
      external(builder.graph.getInitializerBuilder(0).clearRawData(), location, 0, 56);
      assertRefused(builder.write(inside), "tensor 'w' ");
    }
  }

  private static void external(TensorProto.Builder tensor, String location, int from, int length) {
    tensor.setDataLocation(DataLocation.EXTERNAL);
    tensor.addExternalData(entry("location", location));
    tensor.addExternalData(entry("offset", Integer.toString(from)));
    tensor.addExternalData(entry("length", Integer.toString(length)));
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        arguments("Cos 'y' is an operator that is not supported", images(13).node("Cos", "x -> y")),
        arguments(
            "Conv 'y' has the attribute 'fast', which is not supported",
            conv(13).node("Conv", "x w -> y", "fast", 1)),
        arguments(
            "Conv 'y' has the auto_pad SAME, which",
            conv(13).node("Conv", "x w -> y", "auto_pad", "SAME")),
        arguments(
            "Conv 'y' has the attribute 'strides' as INT, not INTS",
            conv(13).node("Conv", "x w -> y", "strides", 1)),
        arguments(
            "Conv 'y' needs 2 numbers as its strides, not [1]",
            conv(13).node("Conv", "x w -> y", "strides", list(1))),
        arguments(
            "Conv 'y' has -1 in pads, not 0 to",
            conv(13).node("Conv", "x w -> y", "pads", list(0, -1, 0, 0))),
        arguments(
            "Conv 'y' has 9223372036854775807 in dilations, not 1 to",
            conv(13).node("Conv", "x w -> y", "dilations", list(1, Long.MAX_VALUE))),
        arguments(
            "Conv 'y' has a window of 33554431×3, which does not fit into its padded input of 11×10",
            conv(13).node("Conv", "x w -> y", "dilations", list((1 << 24) - 1, 1))),
        arguments(
            "Conv 'y' has the kernel_shape [2, 2], but weights of [6×4×3×3]",
            conv(13).node("Conv", "x w -> y", "kernel_shape", list(2, 2))),
        arguments(
            "Conv 'y' is not possible: layer 'conv1': convolution: 4 channels and 6 filters do not",
            conv(13).node("Conv", "x w -> y", "group", 3)),
        arguments(
            "Conv 'y' has a weight of [6×4×3×3], but should have [6×2×3×3]",
            conv(13).node("Conv", "x w -> y", "group", 2)),
        arguments(
            "Conv 'y' has a bias of [5], but should have [6]",
            conv(13).weights("c", 5).node("Conv", "x w c -> y")),
        arguments(
            "Conv 'y' needs its input 'v' to be a constant",
            conv(13).node("Relu", "x -> v").node("Conv", "x v -> y")),
        arguments("Conv 'y' lacks its input 1", conv(13).node("Conv", "x -> y")),
        arguments(
            "Conv 'y' reads 'nothing', which is no result of a node before it",
            conv(13).node("Conv", "nothing w -> y")),
        arguments(
            "Relu 'a' reads 'b', which is no result of a node before it",
            images(13).node("Relu", "b -> a").node("Add", "a x -> b")),
        arguments(
            "two nodes or initialisers have the result 'y'",
            images(13).node("Relu", "x -> y").node("Tanh", "x -> y")),
        arguments("AveragePool 'y' needs a kernel_shape", images(13).node("AveragePool", "x -> y")),
        arguments(
            "MaxPool 'y' has a second output, 'i', which is not supported",
            images(13)
                .node("MaxPool", "x -> y i", "kernel_shape", list(2, 2))
                .node("Add", "y i -> z")),
        arguments(
            "MaxPool 'y' is behind a Pad with 0.0, not minus infinity",
            images(13)
                .integers("p", 0, 0, 1, 1, 1, 1, 1, 1)
                .with(OnnxTensors.of("q", 0, 0, 1, 1, 0, 0, 1, 1))
                .node("Pad", "x q -> padded")
                .node("MaxPool", "padded -> y", "kernel_shape", list(2, 2))),
        arguments(
            "Pad 'y' has the mode reflect",
            images(13)
                .integers("p", 0, 0, 1, 1, 0, 0, 1, 1)
                .node("Pad", "x p -> y", "mode", "reflect")),
        arguments(
            "Relu 'y' reads 'padded', the result of a Pad",
            images(13)
                .integers("p", 0, 0, 1, 1, 0, 0, 1, 1)
                .node("Pad", "x p -> padded")
                .node("Relu", "padded -> y")),
        arguments(
            "AveragePool 'y' has padding that does not count, behind a Pad that does",
            images(13)
                .integers("p", 0, 0, 1, 1, 0, 0, 1, 1)
                .node("Pad", "x p -> q")
                .node(
                    "AveragePool", "q -> y", "kernel_shape", list(3, 3), "pads", list(1, 1, 1, 1))),
        arguments(
            "MaxPool 'y' has ceil_mode and a last window in nothing but the margin of a Pad",
            images(13)
                .integers("p", 0, 0, 0, 0, 0, 0, 1, 1)
                .number("v", Float.NEGATIVE_INFINITY)
                .node("Pad", "x p v -> q")
                .node(
                    "MaxPool",
                    "q -> y",
                    "kernel_shape",
                    list(2, 2),
                    "strides",
                    list(2, 2),
                    "ceil_mode",
                    1)),
        arguments(
            "AveragePool 'y' has ceil_mode and a last window in nothing but the margin of a Pad",
            images(10)
                .node("Pad", "x -> q", "pads", list(0, 0, 0, 0, 0, 0, 0, 1))
                .node(
                    "AveragePool",
                    "q -> y",
                    "kernel_shape",
                    list(2, 2),
                    "strides",
                    list(2, 2),
                    "ceil_mode",
                    1,
                    "count_include_pad",
                    1)),
        arguments(
            "Gemm 'y' has transA",
            vectors(13).weights("b", 7, 5).node("Gemm", "x b -> y", "transA", 1)),
        arguments(
            "Gemm 'y' needs a constant, one for each output",
            vectors(13).weights("b", 7, 5).weights("c", 3, 5).node("Gemm", "x b c -> y")),
        arguments(
            "Gemm 'y' is not possible: layer 'gemm1': dense needs a vector of features",
            images(13).weights("b", 10, 5).node("Gemm", "x b -> y")),
        arguments(
            "MatMul 'y' is neither a dense layer nor an adaptive average pool",
            images(13).weights("b", 10, 5).node("MatMul", "x b -> y")),
        arguments(
            "MatMul 'y' has a weight of [5×6], but should have [5×7]",
            vectors(13).weights("b", 6, 5).node("MatMul", "x b -> y")),
        arguments(
            "Add 'y' adds the constant 'c'",
            images(13).weights("c", 4, 1, 1).node("Relu", "x -> r").node("Add", "r c -> y")),
        arguments(
            "Add 'y' adds the constant 'c'",
            conv(13).weights("c", 6, 9, 8).node("Conv", "x w -> r").node("Add", "r c -> y")),
        arguments(
            "Add 'y' is not possible: layer 'add2': add needs inputs of one shape",
            conv(13).node("Conv", "x w -> r").node("Add", "r x -> y")),
        arguments("Softmax 'y' has axis -1 of 4 dimensions", images(13).node("Softmax", "x -> y")),
        arguments(
            "Flatten 'y' has axis 2 of 4 dimensions",
            images(13).node("Flatten", "x -> y", "axis", 2)),
        arguments("Concat 'y' lacks the attribute 'axis'", images(13).node("Concat", "x x -> y")),
        arguments(
            "Reshape 'y' makes [1, -1] of batch×4×11×10: only flattening is supported",
            images(13).integers("s", 1, -1).node("Reshape", "x s -> y")),
        arguments(
            "the output 'z' is that of layer 'conv1', but layer 'relu2' is behind it and read only"
                + " for its size",
            conv(13)
                .node("Conv", "x w -> y")
                .node("Relu", "y -> r")
                .node("Shape", "r -> s")
                .node("Reshape", "y s -> z")),
        arguments(
            "the output 'z' is that of layer 'input', but layer 'relu1' is behind it",
            images(13).node("Relu", "x -> r").node("Shape", "r -> s").node("Reshape", "x s -> z")),
        arguments(
            "tensor 's' has 65 elements: lists of sizes have no more than 64",
            images(13).integers("s", new long[65]).node("Reshape", "x s -> y")),
        arguments(
            "tensor 's' has 65 elements: lists of sizes have no more than 64",
            images(13)
                .integers("s", new long[65])
                .integers("axes", 0)
                .node("Unsqueeze", "s axes -> u")
                .node("Reshape", "x u -> y")),
        arguments(
            "tensor 'i' has 65 elements: lists of sizes have no more than 64",
            images(13)
                .integers("i", new long[65])
                .node("Shape", "x -> s")
                .node("Gather", "s i -> g")
                .node("Reshape", "x g -> y")),
        arguments(
            "Shape 's' makes a list of more than 64 sizes",
            new OnnxBuilder(13, ones(66)).node("Shape", "x -> s").node("Reshape", "x s -> y")),
        arguments(
            "Reshape 'y' makes [-1, batch] of batch×4×11×10",
            images(13)
                .node("Shape", "x -> s")
                .integers("i", 0)
                .integers("m", -1)
                .node("Gather", "s i -> n")
                .node("Concat", "m n -> t", "axis", 0)
                .node("Reshape", "x t -> y")),
        arguments(
            "BatchNormalization 'y' has training_mode",
            add(batchNorm(15, 0.8f), "training_mode", 1)),
        arguments("BatchNormalization 'y' is in training", batchNorm(6, 0.8f)),
        arguments(
            "BatchNormalization 'y' is in training",
            images(9)
                .weights("scale", 4)
                .weights("shift", 4)
                .weights("mean", 4)
                .positive("variance", 4)
                .node(
                    "BatchNormalization", "x scale shift mean variance -> y m v saved_m saved_v")),
        arguments(
            "Pad 'y' has no pads", images(10).integers("a", 2, 3).node("Pad", "x - - a -> y")),
        arguments(
            "BatchNormalization 'y' has statistics for each place",
            add(batchNorm(7, 0.8f), "spatial", 0)),
        arguments(
            "Dropout 'y' has training_mode",
            vectors(13)
                .number("r", 0.3f)
                .node("Constant", " -> t", "value", bool(true))
                .node("Dropout", "x r t -> y")),
        arguments("Dropout 'y' is in training", vectors(6).node("Dropout", "x -> y")),
        arguments(
            "Dropout 'y' is not possible: dropout: the rate must be in [0, 1), not 1.0",
            vectors(7).node("Dropout", "x -> y", "ratio", 1f)),
        arguments(
            "LRN 'y' is not possible: lrn: size must be odd",
            images(13).node("LRN", "x -> y", "size", 4)),
        arguments("LRN 'y' lacks the attribute 'size'", images(13).node("LRN", "x -> y")),
        arguments(
            "LeakyRelu 'y' is not possible: leaky ReLU: the slope must be in",
            images(13).node("LeakyRelu", "x -> y", "alpha", -1f)),
        arguments(
            "Constant 'c' has the attribute 'value_string', which",
            images(13)
                .node("Constant", " -> c", "value", scalar(1), "value_string", "a")
                .node("Reshape", "x c -> y")),
        arguments(
            "tensor 'w' is of type DOUBLE, not FLOAT",
            vectors(13)
                .with(
                    TensorProto.newBuilder().setName("w").setDataType(DataType.DOUBLE.getNumber()))
                .node("MatMul", "x w -> y")),
        arguments(
            "tensor 'w' has 0 bytes of data where its shape needs 4000000000",
            vectors(13).with(hollow(1000, 1000000)).node("MatMul", "x w -> y")),
        arguments(
            "tensor 'w' has the shape [4294967296, 4294967296, 2], which does not fit",
            vectors(13).with(hollow(1L << 32, 1L << 32, 2)).node("MatMul", "x w -> y")),
        arguments(
            "tensor 'w' has the shape [-1, 7], which does not fit",
            vectors(13).with(hollow(-1, 7)).node("MatMul", "x w -> y")),
        arguments(
            "there are two initialisers 'w'",
            vectors(13).weights("w", 7, 2).weights("w", 7, 2).node("MatMul", "x w -> y")),
        arguments(
            "dimension 2 of the input 'x' must be a fixed size from 1 to",
            new OnnxBuilder(13, 1, 3, 0, 8).node("Relu", "x -> y")),
        arguments(
            "the input 'x': 16777216×16777216×16777216 has more elements",
            new OnnxBuilder(13, 1, 1 << 24, 1 << 24, 1 << 24).node("Relu", "x -> y")),
        arguments(
            "the input 'x' needs a dimension for the batch and one more, but has 1",
            new OnnxBuilder(13, 5).node("Relu", "x -> y")),
        arguments(
            "a network has one input, not 2: [x, z]",
            alsoTaking("z", images(13).node("Add", "x z -> y"))),
        arguments(
            "opset 99 is not one of 1 to " + OnnxGraph.NEWEST_OPSET,
            images(99).node("Relu", "x -> y")),
        arguments("no ONNX model: it has no graph", images(13)));
  }

  private static OnnxBuilder add(OnnxBuilder builder, String attribute, Object value) {
    builder.graph.getNodeBuilder(0).addAttribute(OnnxBuilder.attribute(attribute, value));
    return builder;
  }

  private static int[] ones(int count) {
    int[] ones = new int[count];
    Arrays.fill(ones, 1);
    return ones;
  }

  private static OnnxBuilder alsoTaking(String input, OnnxBuilder builder) {
    builder.graph.addInput(OnnxBuilder.value(input, 1, 4, 11, 10));
    return builder;
  }

  /** A tensor that promises more than it has. */
  private static TensorProto.Builder hollow(long... dimensions) {
    return TensorProto.newBuilder()
        .setName("w")
        .setDataType(DataType.FLOAT.getNumber())
        .addAllDims(Arrays.stream(dimensions).boxed().toList());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refused")
  void namesWhatItCannotDo(String reason, OnnxBuilder builder) throws IOException {
    assertRefused(builder.write(temporary), reason);
  }

  private static void assertRefused(Path file, String reason) {
    FormatException e = assertThrows(FormatException.class, () -> Onnx.read(file));
    assertTrue(e.getMessage().startsWith(file + ": " + reason), e.getMessage());
    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
  }

  @Test
  void otherDomainsAndOutputsAreRefused() throws IOException {
    OnnxBuilder builder = images(13).node("Relu", "x -> y");
    builder.graph.getNodeBuilder(0).setDomain("com.microsoft");
    assertRefused(
        builder.write(temporary), "Relu 'y' is of the domain 'com.microsoft', which is not");
    builder = images(13).node("Relu", "x -> y").node("Tanh", "x -> z");
    builder.model();
    builder.graph.addOutput(OnnxBuilder.value("y", 0));
    assertRefused(builder.write(temporary), "a network has one output, not 2: [z, y]");
    ModelProto.Builder model = images(13).node("Relu", "x -> y").model().clearOpsetImport();
    model.addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("ai.onnx.ml").setVersion(1));
    Path file = Files.write(temporary.resolve("ml.onnx"), model.build().toByteArray());
    assertRefused(file, "no ONNX model, or one without the standard operators");
  }

  @Test
  void aMissingFileIsNoMalformedOne() {
    assertThrows(NoSuchFileException.class, () -> Onnx.read(temporary.resolve("none.onnx")));
  }

  @Test
  void whatIsDeeperThanProtobufAllowsIsRefused() throws IOException {
    ModelProto.Builder model = images(13).node("Relu", "x -> y").model();
    for (int i = 0; i < 60; i++) {
      NodeProto node =
          NodeProto.newBuilder()
              .setOpType("If")
              .addAttribute(
                  OnnxBuilder.attribute("then_branch", 0).toBuilder().setG(model.getGraph()))
              .build();
      model.getGraphBuilder().clearNode().addNode(node);
    }
    Path file = Files.write(temporary.resolve("deep.onnx"), model.build().toByteArray());
    assertRefused(file, "no ONNX file, or cut short or damaged");
  }

  @Test
  void aLongChainIsNoRecursion() throws IOException {
    OnnxBuilder builder = vectors(13).node("Relu", "x -> n0");
    for (int i = 1; i < 20_000; i++) {
      builder.node("Relu", "n" + (i - 1) + " -> n" + i);
    }
    assertEquals(20_001, Onnx.read(builder.write(temporary)).graph().nodes().size());
  }

  @Test
  void listsOfSizesDoNotGrowWithoutBound() throws IOException {
    OnnxBuilder builder = images(13).node("Shape", "x -> s0");
    for (int i = 0; i < 40; i++) {
      builder.node("Concat", "s" + i + " s" + i + " -> s" + (i + 1), "axis", 0);
    }
    builder.node("Reshape", "x s40 -> y");
    assertRefused(builder.write(temporary), "Concat 's5' makes a list of more than 64 sizes");
  }

  /** A file of a few kB can ask for any number of copies of its weights. */
  @Test
  void copiesOfWeightsDoNotGrowWithoutBound() throws IOException {
    OnnxBuilder convolutions = images(13).weights("w", 4, 4, 3, 3).node("Relu", "x -> y0");
    OnnxBuilder transposes = vectors(13).weights("t0", 7, 7);
    for (int i = 0; i < 100; i++) {
      convolutions.node("Conv", "y" + i + " w -> y" + (i + 1), "auto_pad", "SAME_UPPER");
      transposes.node("Transpose", "t" + i + " -> t" + (i + 1));
    }
    transposes.node("MatMul", "x t100 -> y");
    assertNeeds(convolutions, 100 * 4 * 4 * 3 * 3 * 4, "w");
    assertNeeds(transposes, 101 * 7 * 7 * 4, "t100");
  }

  /** The model itself and twice what is copied: here, and into a network. */
  private void assertNeeds(OnnxBuilder builder, int copied, String last) throws IOException {
    Path file = temporary.resolve("model.onnx");
    ModelProto model = builder.model().build();
    long enough = model.getSerializedSize() + 2L * copied;
    OnnxImport.of(file, model, enough);
    FormatException e =
        assertThrows(FormatException.class, () -> OnnxImport.of(file, model, enough - 1));
    assertEquals(
        "%s: tensor '%s' brings the copies of weights to 0 MB, too many for the JVM's memory: give it"
                .formatted(file, last)
            + " more with -Xmx",
        e.getMessage());
  }

  @Test
  void aFileLargerThanTheMemoryIsNotRead() throws IOException {
    Path file = vectors(13).weights("w", 7, 3).node("MatMul", "x w -> y").write(temporary);
    long bytes = Files.size(file);
    OnnxFile.read(file, bytes);
    var e = assertThrows(FormatException.class, () -> OnnxFile.read(file, bytes - 1));
    assertEquals(
        file + ": 0 MB are too many for the JVM's memory: give it more with -Xmx", e.getMessage());
  }

  @Test
  void aNetworkOfAnotherGraphIsLeftAsItIs() throws IOException {
    OnnxModel model =
        Onnx.read(
            vectors(13)
                .weights("a.weight", 7, 7)
                .weights("b.weight", 7, 3)
                .node("MatMul", "x a.weight -> y")
                .node("MatMul", "y b.weight -> z")
                .write(temporary));
    assertNotLoaded(
        model,
        Graph.of(Shape.of(7)).then("a", Dense.of(7).withoutBias()).build(),
        "the network has no 'b.weight', which the model has");
    assertNotLoaded(
        model,
        Graph.of(Shape.of(7))
            .then("a", Dense.of(7).withoutBias())
            .then("b", Dense.of(3).withoutBias())
            .then("c", Dense.of(3).withoutBias())
            .build(),
        "the model has no 'c.weight', which the network has");
    assertNotLoaded(
        model,
        Graph.of(Shape.of(7))
            .then("a", Dense.of(7).withoutBias())
            .then("b", Dense.of(4).withoutBias())
            .build(),
        "'b.weight' is 3×7 in the model, but 4×7 in the network");
  }

  private static void assertNotLoaded(OnnxModel model, Graph graph, String reason) {
    try (Network network = Network.builder(graph).seed(3).threads(1).build()) {
      float[] before = network.state().get("a.weight").toArray();
      String message =
          assertThrows(IllegalArgumentException.class, () -> model.load(network)).getMessage();
      assertEquals(reason + ": it is of another graph", message);
      assertArrayEquals(before, network.state().get("a.weight").toArray());
    }
  }

  @Test
  void aNetworkThatCannotBeLoadedLeavesNoThread() {
    assumeTrue(Runtime.getRuntime().availableProcessors() > 1, "else a network starts no thread");
    Graph graph = Graph.of(Shape.of(7)).then("a", Dense.of(3)).build();
    OnnxModel withoutWeights = new OnnxModel(graph, Map.of(), Map.of());
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    assertThrows(IllegalArgumentException.class, withoutWeights::network);
    assertEquals(
        List.of(),
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().startsWith("alexnet-") && !before.contains(thread))
            .toList());
  }

  /**
   * Cut anywhere, or with some bytes changed, a file is refused or is still a model. Few of them:
   * alexnet-fuzz tries as many as there is time for.
   */
  @Test
  void damagedFilesFailInOneWayOnly() throws IOException {
    OnnxBuilder builder =
        conv(13)
            .integers("s", 0, -1)
            .weights("d", 5, 36)
            .node("Conv", "x w b -> c", "strides", list(2, 2), "pads", list(1, 1, 1, 1))
            .node("MaxPool", "c -> p", "kernel_shape", list(2, 2), "strides", list(2, 2))
            .node("Reshape", "p s -> f")
            .node("Gemm", "f d -> y", "transB", 1);
    byte[] whole = Files.readAllBytes(builder.write(temporary));
    Path file = temporary.resolve("damaged.onnx");
    SplittableRandom random = new SplittableRandom(5);
    for (int length = 0; length < whole.length; length += 1 + length / 50) {
      readOrRefuse(file, Arrays.copyOf(whole, length));
    }
    for (int i = 0; i < 300; i++) {
      byte[] damaged = whole.clone();
      for (int flips = random.nextInt(1, 4); flips > 0; flips--) {
        damaged[placeOutsideWeights(random, whole.length)] = (byte) random.nextInt();
      }
      readOrRefuse(file, damaged);
    }
  }

  /** Most of the file are weights, of which any are as good: the nodes are before them. */
  private static int placeOutsideWeights(SplittableRandom random, int length) {
    return random.nextInt(4) == 0 ? random.nextInt(length) : random.nextInt(Math.min(length, 300));
  }

  private static void readOrRefuse(Path file, byte[] bytes) throws IOException {
    Files.write(file, bytes);
    try {
      Onnx.read(file);
    } catch (FormatException e) {
      assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
    }
  }
}
