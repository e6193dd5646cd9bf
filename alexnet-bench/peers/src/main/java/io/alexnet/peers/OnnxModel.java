package io.alexnet.peers;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import io.alexnet.graph.Network;
import io.alexnet.tensor.Tensor;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/**
 * Writes this library's network for ONNX Runtime, in a process of its own so that the engine's peak
 * memory has no part of it. Beside the model lie the count of its parameters and the logits that it
 * is to compute.
 */
final class OnnxModel {

  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("alexnet");
  private final Map<String, Tensor> state;
  private String last = "images";
  private long parameters;

  private OnnxModel(Map<String, Tensor> state) {
    this.state = state;
  }

  public static void main(String[] arguments) throws IOException {
    Path file = Path.of(arguments[0]);
    Task task = Task.parse(Arrays.asList(arguments).subList(1, arguments.length));
    try (Network network = AlexNetEngine.network(task)) {
      OnnxModel model = new OnnxModel(network.state());
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
        model.build(task).writeTo(out);
      }
      Tensor images = Tensor.of(task.images(), task.batch(), 3, Task.SIZE, Task.SIZE);
      try (DataOutputStream out =
          new DataOutputStream(
              new BufferedOutputStream(Files.newOutputStream(expectation(file))))) {
        out.writeLong(model.parameters);
        for (float logit : network.infer(images).toArray()) {
          out.writeFloat(logit);
        }
      }
    }
  }

  static Path expectation(Path model) {
    return model.resolveSibling(model.getFileName() + ".expected");
  }

  private ModelProto build(Task task) {
    graph.addInput(value("images", task.batch(), 3, Task.SIZE, Task.SIZE));
    conv("conv1", 11, 4, 0);
    normalise(task, "norm1");
    pool("pool1");
    conv("conv2", 5, 1, 2);
    normalise(task, "norm2");
    pool("pool2");
    conv("conv3", 3, 1, 1);
    conv("conv4", 3, 1, 1);
    conv("conv5", 3, 1, 1);
    pool("pool5");
    node("Flatten", "flatten");
    for (String layer : new String[] {"fc6", "fc7", "fc8"}) {
      node("Gemm", layer, weight(layer), bias(layer)).addAttribute(integer("transB", 1));
      if (!layer.equals("fc8")) {
        node("Relu", layer + "-relu");
      }
    }
    graph.addOutput(value(last, task.batch(), Task.CLASSES));
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(13))
        .setGraph(graph)
        .build();
  }

  private void conv(String layer, int size, int stride, int padding) {
    node("Conv", layer, weight(layer), bias(layer))
        .addAttribute(integers("kernel_shape", size, size))
        .addAttribute(integers("strides", stride, stride))
        .addAttribute(integers("pads", padding, padding, padding, padding));
    node("Relu", layer + "-relu");
  }

  private void normalise(Task task, String layer) {
    if (task.lrn()) {
      node("LRN", layer)
          .addAttribute(integer("size", 5))
          .addAttribute(real("alpha", 1e-4f))
          .addAttribute(real("beta", 0.75f))
          .addAttribute(real("bias", 2));
    }
  }

  private void pool(String layer) {
    node("MaxPool", layer)
        .addAttribute(integers("kernel_shape", 3, 3))
        .addAttribute(integers("strides", 2, 2));
  }

  private NodeProto.Builder node(String operator, String name, String... parameters) {
    NodeProto.Builder node =
        graph.addNodeBuilder().setOpType(operator).setName(name).addInput(last);
    node.addAllInput(Arrays.asList(parameters)).addOutput(name);
    last = name;
    return node;
  }

  private String weight(String layer) {
    return initializer(layer + ".weight");
  }

  private String bias(String layer) {
    return initializer(layer + ".bias");
  }

  private String initializer(String name) {
    Tensor tensor = state.get(name);
    ByteBuffer bytes = ByteBuffer.allocate(4 * tensor.size()).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(tensor.array(), tensor.offset(), tensor.size());
    TensorProto.Builder values =
        graph
            .addInitializerBuilder()
            .setName(name)
            .setDataType(TensorProto.DataType.FLOAT.getNumber())
            .setRawData(ByteString.copyFrom(bytes));
    for (int i = 0; i < tensor.shape().rank(); i++) {
      values.addDims(tensor.shape().dimension(i));
    }
    parameters += tensor.size();
    return name;
  }

  private static ValueInfoProto value(String name, long... dimensions) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (long dimension : dimensions) {
      shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(dimension));
    }
    TypeProto.Tensor type =
        TypeProto.Tensor.newBuilder()
            .setElemType(TensorProto.DataType.FLOAT.getNumber())
            .setShape(shape)
            .build();
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(type))
        .build();
  }

  private static AttributeProto integers(String name, long... values) {
    AttributeProto.Builder attribute =
        AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS);
    for (long value : values) {
      attribute.addInts(value);
    }
    return attribute.build();
  }

  private static AttributeProto integer(String name, long value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }

  private static AttributeProto real(String name, float value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.FLOAT)
        .setF(value)
        .build();
  }
}
