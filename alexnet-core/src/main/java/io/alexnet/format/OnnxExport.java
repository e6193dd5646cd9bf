package io.alexnet.format;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.alexnet.graph.Network;
import io.alexnet.graph.Node;
import io.alexnet.kernels.Window;
import io.alexnet.layer.Activation;
import io.alexnet.layer.AdaptiveAveragePool2d;
import io.alexnet.layer.Add;
import io.alexnet.layer.AveragePool2d;
import io.alexnet.layer.BatchNorm;
import io.alexnet.layer.Concat;
import io.alexnet.layer.Conv2d;
import io.alexnet.layer.Dense;
import io.alexnet.layer.Dropout;
import io.alexnet.layer.Flatten;
import io.alexnet.layer.GlobalAveragePool2d;
import io.alexnet.layer.LocalResponseNorm;
import io.alexnet.layer.MaxPool2d;
import io.alexnet.layer.Softmax;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** From a network to an ONNX model, layer by layer. */
final class OnnxExport {

  /** The oldest with all that is needed, but for dilated average pools. */
  private static final int OPSET = 17;

  private static final int OPSET_OF_DILATED_AVERAGES = 19;

  /** Of ONNX 1.12, which opset 17 came with. */
  private static final int IR_VERSION = 8;

  /** What is left of 2 GB for everything but the weights. */
  private static final long MAX_WEIGHT_BYTES = Integer.MAX_VALUE - (64L << 20);

  private static final String INPUT = "input";
  private static final String OUTPUT = "logits";

  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("network");
  private final Map<String, Tensor> state;

  /** ONNX gives results and initialisers names from one pool: a layer may not be called so. */
  private final Set<String> reserved = new HashSet<>(Set.of(INPUT, OUTPUT));

  private final Set<String> taken = new HashSet<>();

  /** Each node's result by its name in the file. */
  private final Map<Node, String> results = new HashMap<>();

  private final Node last;
  private int opset = OPSET;

  private OnnxExport(Network network) {
    state = network.state();
    List<Node> nodes = network.graph().nodes();
    reserved.addAll(state.keySet());
    taken.addAll(reserved);
    nodes.forEach(node -> taken.add(node.name()));
    last = nodes.get(nodes.size() - 1);
    results.put(nodes.get(0), INPUT);
    graph.addInput(value(INPUT, network.inputShape()));
    graph.addOutput(value(OUTPUT, network.outputShape()));
  }

  static ModelProto of(Network network, Map<String, String> metadata) {
    long bytes = network.state().values().stream().mapToLong(t -> 4L * t.size()).sum();
    if (bytes > MAX_WEIGHT_BYTES) {
      throw new IllegalArgumentException(
          "%d bytes of weights are more than an ONNX file can have: write them with SafeTensors"
              .formatted(bytes));
    }
    OnnxExport export = new OnnxExport(network);
    network.graph().layers().forEach(export::add);
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(IR_VERSION)
            .setProducerName("alexnet")
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(export.opset))
            .setGraph(export.graph);
    metadata.forEach(
        (key, text) ->
            model.addMetadataProps(StringStringEntryProto.newBuilder().setKey(key).setValue(text)));
    return model.build();
  }

  private void add(Node node) {
    if (node.layer() instanceof Conv2d conv) {
      convolution(node, conv);
    } else if (node.layer() instanceof Dense dense) {
      result(node, withParameters(operator("Gemm", node), node, dense.bias() != null))
          .addAttribute(integer("transB", 1));
    } else if (node.layer() instanceof Activation activation) {
      activation(node, activation);
    } else if (node.layer() instanceof MaxPool2d pool) {
      maxPool(node, pool);
    } else if (node.layer() instanceof AveragePool2d pool) {
      averagePool(node, pool);
    } else if (node.layer() instanceof AdaptiveAveragePool2d) {
      adaptiveAveragePool(node);
    } else if (node.layer() instanceof GlobalAveragePool2d) {
      String mean = unique(node.name() + ".mean");
      operator("GlobalAveragePool", node).setName(mean).addOutput(mean);
      flatten(node, mean);
    } else if (node.layer() instanceof LocalResponseNorm norm) {
      result(node, operator("LRN", node))
          .addAttribute(integer("size", norm.size()))
          .addAttribute(real("alpha", norm.alpha()))
          .addAttribute(real("beta", norm.beta()))
          .addAttribute(real("bias", norm.k()));
    } else if (node.layer() instanceof BatchNorm norm) {
      NodeProto.Builder operator = operator("BatchNormalization", node);
      for (String name : List.of("weight", "bias", "running_mean", "running_var")) {
        operator.addInput(initializer(node, name));
      }
      result(node, operator)
          .addAttribute(real("epsilon", norm.epsilon()))
          .addAttribute(real("momentum", norm.momentum()));
    } else if (node.layer() instanceof Dropout) {
      same(node);
    } else if (node.layer() instanceof Flatten) {
      flatten(node, input(node));
    } else if (node.layer() instanceof Softmax) {
      result(node, operator("Softmax", node)).addAttribute(integer("axis", 1));
    } else if (node.layer() instanceof Add) {
      result(node, operator(node.inputs().size() == 2 ? "Add" : "Sum", node));
    } else if (node.layer() instanceof Concat) {
      result(node, operator("Concat", node)).addAttribute(integer("axis", 1));
    } else {
      throw refusal(node, "there is no ONNX operator for a " + node.layer().type());
    }
  }

  private void convolution(Node node, Conv2d conv) {
    Window w = conv.window();
    NodeProto.Builder operator =
        withParameters(operator("Conv", node), node, conv.bias() != null)
            .addAttribute(integers("kernel_shape", w.height(), w.width()))
            .addAttribute(integers("strides", w.strideHeight(), w.strideWidth()))
            .addAttribute(integers("dilations", w.dilationHeight(), w.dilationWidth()))
            .addAttribute(integers("pads", w.padTop(), w.padLeft(), w.padBottom(), w.padRight()))
            .addAttribute(integer("group", conv.groups()));
    result(node, operator);
  }

  private void activation(Node node, Activation activation) {
    switch (activation.function()) {
      case RELU -> result(node, operator("Relu", node));
      case LEAKY_RELU ->
          result(node, operator("LeakyRelu", node)).addAttribute(real("alpha", activation.slope()));
      case TANH -> result(node, operator("Tanh", node));
      case SIGMOID -> result(node, operator("Sigmoid", node));
    }
  }

  private void maxPool(Node node, MaxPool2d pool) {
    Window window = reachingTheLastWindow(node, pool.window());
    if (isPaddedLessThanItsHeightAndWidth(window)) {
      result(node, withWindow(operator("MaxPool", node), window));
    } else { // as only a dilated window can be, and engines then refuse
      String padded = padded(node, window, Float.NEGATIVE_INFINITY);
      result(node, withWindow(node("MaxPool", node).addInput(padded), window.padding(0)));
    }
  }

  /**
   * What rounding up adds is written as padding that does not count: engines disagree on ONNX's
   * ceil_mode. Padding that counts, where there is both, is then an operator of its own.
   */
  private void averagePool(Node node, AveragePool2d pool) {
    Window own = pool.window();
    Window window = reachingTheLastWindow(node, own);
    if (!isPaddedLessThanItsHeightAndWidth(window)) { // as only a dilated window can be
      throw refusal(
          node, "ONNX has no average pool that is padded by as much as its window is large");
    }
    if (own.dilationHeight() != 1 || own.dilationWidth() != 1) {
      opset = OPSET_OF_DILATED_AVERAGES;
    }
    if (pool.countPadding() && !window.equals(own) && !own.equals(own.padding(0))) {
      String padded = padded(node, own, 0);
      Window partial =
          own.padding(
              0, 0, window.padBottom() - own.padBottom(), window.padRight() - own.padRight());
      result(node, withWindow(node("AveragePool", node).addInput(padded), partial));
    } else {
      boolean counts = pool.countPadding() && window.equals(own);
      result(node, withWindow(operator("AveragePool", node), window))
          .addAttribute(integer("count_include_pad", counts ? 1 : 0));
    }
  }

  /** The window with as much more padding at the end as its last, perhaps partial, place needs. */
  private static Window reachingTheLastWindow(Node node, Window w) {
    Shape in = node.inputs().get(0).shape();
    Shape out = node.shape();
    int bottom =
        (out.dimension(1) - 1) * w.strideHeight() + w.extentHeight() - in.dimension(1) - w.padTop();
    int right =
        (out.dimension(2) - 1) * w.strideWidth() + w.extentWidth() - in.dimension(2) - w.padLeft();
    return w.padding(
        w.padTop(), w.padLeft(), Math.max(w.padBottom(), bottom), Math.max(w.padRight(), right));
  }

  private static boolean isPaddedLessThanItsHeightAndWidth(Window w) {
    return Math.max(w.padTop(), w.padBottom()) < w.height()
        && Math.max(w.padLeft(), w.padRight()) < w.width();
  }

  private String padded(Node node, Window w, float value) {
    String name = unique(node.name() + ".padded");
    String pads = unique(node.name() + ".pads");
    String filling = unique(node.name() + ".padding");
    graph.addInitializer(
        OnnxTensors.of(pads, 0, 0, w.padTop(), w.padLeft(), 0, 0, w.padBottom(), w.padRight()));
    graph.addInitializer(OnnxTensors.of(filling, Tensor.of(new float[] {value}, 0, Shape.of())));
    graph
        .addNodeBuilder()
        .setOpType("Pad")
        .setName(name)
        .addInput(input(node))
        .addInput(pads)
        .addInput(filling)
        .addOutput(name);
    return name;
  }

  private static NodeProto.Builder withWindow(NodeProto.Builder operator, Window w) {
    operator
        .addAttribute(integers("kernel_shape", w.height(), w.width()))
        .addAttribute(integers("strides", w.strideHeight(), w.strideWidth()))
        .addAttribute(integers("pads", w.padTop(), w.padLeft(), w.padBottom(), w.padRight()));
    if (w.dilationHeight() != 1 || w.dilationWidth() != 1) {
      operator.addAttribute(integers("dilations", w.dilationHeight(), w.dilationWidth()));
    }
    return operator;
  }

  /** Where the windows are all of one size and step an average pool, else two matrix products. */
  private void adaptiveAveragePool(Node node) {
    Shape in = node.inputs().get(0).shape();
    Shape out = node.shape();
    AdaptiveAxis rows = new AdaptiveAxis(in.dimension(1), out.dimension(1));
    AdaptiveAxis columns = new AdaptiveAxis(in.dimension(2), out.dimension(2));
    if (in.equals(out)) {
      same(node);
    } else if (rows.isSliding() && columns.isSliding()) {
      result(node, operator("AveragePool", node))
          .addAttribute(integers("kernel_shape", rows.length(), columns.length()))
          .addAttribute(integers("strides", rows.stride(), columns.stride()));
    } else {
      String means = unique(node.name() + ".columns");
      operator("MatMul", node)
          .setName(means)
          .addInput(constant(node.name() + ".column_shares", columns.shares(true)))
          .addOutput(means);
      result(
          node,
          node("MatMul", node)
              .addInput(constant(node.name() + ".row_shares", rows.shares(false)))
              .addInput(means));
    }
  }

  private void flatten(Node node, String input) {
    result(node, node("Flatten", node).addInput(input)).addAttribute(integer("axis", 1));
  }

  /** A layer that does nothing in inference needs an operator only if it is the output. */
  private void same(Node node) {
    if (node == last) {
      result(node, operator("Identity", node));
    } else {
      results.put(node, input(node));
    }
  }

  /** An operator of the layer's name on the layer's inputs, as yet without an output. */
  private NodeProto.Builder operator(String type, Node node) {
    NodeProto.Builder operator = node(type, node);
    node.inputs().forEach(input -> operator.addInput(results.get(input)));
    return operator;
  }

  private NodeProto.Builder node(String type, Node node) {
    return graph.addNodeBuilder().setOpType(type).setName(node.name());
  }

  private NodeProto.Builder result(Node node, NodeProto.Builder operator) {
    String name = node.name();
    if (node == last) {
      name = OUTPUT;
    } else if (reserved.contains(name)) {
      name = unique(name);
    }
    results.put(node, name);
    return operator.addOutput(name);
  }

  private String input(Node node) {
    return results.get(node.inputs().get(0));
  }

  private String unique(String name) {
    while (!taken.add(name)) {
      name += "_";
    }
    return name;
  }

  private NodeProto.Builder withParameters(NodeProto.Builder operator, Node node, boolean bias) {
    operator.addInput(initializer(node, "weight"));
    return bias ? operator.addInput(initializer(node, "bias")) : operator;
  }

  private String initializer(Node node, String parameter) {
    String name = node.name() + "." + parameter;
    graph.addInitializer(OnnxTensors.of(name, state.get(name)));
    return name;
  }

  private String constant(String name, Tensor values) {
    String free = unique(name);
    graph.addInitializer(OnnxTensors.of(free, values));
    return free;
  }

  private static ValueInfoProto value(String name, Shape image) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    shape.addDim(Dimension.newBuilder().setDimParam("batch"));
    for (int dimension : image.dimensions()) {
      shape.addDim(Dimension.newBuilder().setDimValue(dimension));
    }
    TypeProto.Tensor.Builder type =
        TypeProto.Tensor.newBuilder().setElemType(DataType.FLOAT.getNumber()).setShape(shape);
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(type))
        .build();
  }

  private static AttributeProto integer(String name, long value) {
    return AttributeProto.newBuilder().setName(name).setType(AttributeType.INT).setI(value).build();
  }

  private static AttributeProto integers(String name, long... values) {
    AttributeProto.Builder attribute =
        AttributeProto.newBuilder().setName(name).setType(AttributeType.INTS);
    for (long value : values) {
      attribute.addInts(value);
    }
    return attribute.build();
  }

  private static AttributeProto real(String name, float value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeType.FLOAT)
        .setF(value)
        .build();
  }

  private static IllegalArgumentException refusal(Node node, String problem) {
    return new IllegalArgumentException("layer '" + node.name() + "': " + problem);
  }
}
