package io.alexnet.format;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Models as other programs write them, node by node: from the input {@code x} on, the last node's
 * result is the output.
 */
final class OnnxBuilder {

  private final int opset;
  private final SplittableRandom random = new SplittableRandom(3);
  final GraphProto.Builder graph = GraphProto.newBuilder().setName("graph");

  /** A batch of 0 is a symbolic one. */
  OnnxBuilder(int opset, int... shape) {
    this.opset = opset;
    graph.addInput(value("x", shape));
  }

  static ValueInfoProto value(String name, int... shape) {
    TensorShapeProto.Builder dimensions = TensorShapeProto.newBuilder();
    for (int size : shape) {
      TensorShapeProto.Dimension.Builder dimension = dimensions.addDimBuilder();
      if (size == 0) {
        dimension.setDimParam("n");
      } else {
        dimension.setDimValue(size);
      }
    }
    TypeProto.Tensor.Builder type =
        TypeProto.Tensor.newBuilder().setElemType(DataType.FLOAT.getNumber()).setShape(dimensions);
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(type))
        .build();
  }

  /**
   * @param names the inputs, separated by spaces, an arrow, the outputs: {@code "x w -> y"}; a
   *     minus sign stands for an input that is left out
   * @param attributes names and values in turn: long, float, String, long[] or TensorProto
   */
  OnnxBuilder node(String operator, String names, Object... attributes) {
    String[] ends = names.split(" *-> *");
    NodeProto.Builder node = graph.addNodeBuilder().setOpType(operator);
    for (String input : ends[0].isEmpty() ? new String[0] : ends[0].split(" ")) {
      node.addInput(input.equals("-") ? "" : input);
    }
    node.addAllOutput(Arrays.asList(ends[1].split(" ")));
    for (int i = 0; i < attributes.length; i += 2) {
      node.addAttribute(attribute((String) attributes[i], attributes[i + 1]));
    }
    return this;
  }

  static AttributeProto attribute(String name, Object value) {
    AttributeProto.Builder attribute = AttributeProto.newBuilder().setName(name);
    if (value instanceof Number number && !(value instanceof Float)) {
      attribute.setType(AttributeType.INT).setI(number.longValue());
    } else if (value instanceof Float number) {
      attribute.setType(AttributeType.FLOAT).setF(number);
    } else if (value instanceof String text) {
      attribute.setType(AttributeType.STRING).setS(ByteString.copyFromUtf8(text));
    } else if (value instanceof TensorProto tensor) {
      attribute.setType(AttributeType.TENSOR).setT(tensor);
    } else {
      attribute.setType(AttributeType.INTS);
      Arrays.stream((long[]) value).forEach(attribute::addInts);
    }
    return attribute.build();
  }

  static long[] list(long... values) {
    return values;
  }

  /** An initialiser of random numbers, of less weight the more there are for each output. */
  OnnxBuilder weights(String name, int... shape) {
    return with(random(name, shape));
  }

  TensorProto.Builder random(String name, int... shape) {
    Tensor tensor = Tensor.zeros(shape);
    double most = Math.sqrt(shape.length < 2 ? 1 : 3.0 * shape[0] / tensor.size());
    for (int i = 0; i < tensor.size(); i++) {
      tensor.array()[i] = (float) random.nextDouble(-most, most);
    }
    return OnnxTensors.of(name, tensor);
  }

  OnnxBuilder positive(String name, int... shape) {
    Tensor tensor = Tensor.zeros(shape);
    for (int i = 0; i < tensor.size(); i++) {
      tensor.array()[i] = (float) random.nextDouble(0.5, 2);
    }
    return with(OnnxTensors.of(name, tensor));
  }

  OnnxBuilder integers(String name, long... values) {
    return with(OnnxTensors.of(name, values));
  }

  OnnxBuilder number(String name, float value) {
    return with(OnnxTensors.of(name, Tensor.of(new float[] {value}, 0, Shape.of())));
  }

  OnnxBuilder with(TensorProto.Builder initializer) {
    graph.addInitializer(initializer);
    return this;
  }

  ModelProto.Builder model() {
    if (graph.getOutputCount() == 0 && graph.getNodeCount() > 0) {
      String last = graph.getNode(graph.getNodeCount() - 1).getOutput(0);
      graph.addOutput(
          ValueInfoProto.newBuilder()
              .setName(last)
              .setType(
                  TypeProto.newBuilder()
                      .setTensorType(
                          TypeProto.Tensor.newBuilder().setElemType(DataType.FLOAT.getNumber()))));
    }
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(opset))
        .setGraph(graph);
  }

  Path write(Path folder) throws IOException {
    return Files.write(folder.resolve("model.onnx"), model().build().toByteArray());
  }

  /** Random numbers in the shape of the input, for this batch. */
  Tensor input(int batch) {
    TensorShapeProto shape = graph.getInput(0).getType().getTensorType().getShape();
    int[] dimensions = shape.getDimList().stream().mapToInt(d -> (int) d.getDimValue()).toArray();
    dimensions[0] = batch;
    Tensor input = Tensor.zeros(dimensions);
    for (int i = 0; i < input.size(); i++) {
      input.array()[i] = (float) random.nextDouble(-2, 2);
    }
    return input;
  }
}
