package io.alexnet.format;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.alexnet.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The frame of an ONNX model: one input, one output, initialisers, and the nodes that lead from one
 * to the other, in the file's order. What the nodes do is {@link OnnxImport}'s.
 */
final class OnnxGraph {

  /** Of ONNX 1.20; what a later one says of an operator is not known here. */
  static final int NEWEST_OPSET = 25;

  private final String file;
  private final ModelProto model;
  private final GraphProto proto;
  private final int opset;
  private final Map<String, TensorProto> initializers = new HashMap<>();
  private final String input;
  private final long batch;
  private final Shape imageShape;
  private final String output;

  /** Of each name the nodes that read it, each as often as it does. */
  private final Map<String, List<NodeProto>> readers = new HashMap<>();

  private final List<NodeProto> nodes;

  OnnxGraph(String file, ModelProto model) throws FormatException {
    this.file = file;
    this.model = model;
    proto = model.getGraph();
    opset = readOpset();
    if (proto.getNodeCount() == 0) {
      throw malformed("no ONNX model: it has no graph, or one without nodes");
    }
    for (TensorProto initializer : proto.getInitializerList()) {
      if (initializers.put(initializer.getName(), initializer) != null) {
        throw malformed("there are two initialisers '%s'", initializer.getName());
      }
    }
    if (proto.getSparseInitializerCount() > 0) {
      throw malformed("sparse initialisers are not supported");
    }
    ValueInfoProto images = onlyInput();
    input = images.getName();
    batch = images.getType().getTensorType().getShape().getDim(0).getDimValue();
    imageShape = imageShape(images);
    output = onlyOutput();
    nodes = nodesThatLeadOut();
  }

  int opset() {
    return opset;
  }

  Map<String, TensorProto> initializers() {
    return initializers;
  }

  String input() {
    return input;
  }

  /** The input's first dimension; 0 if it is of any size. */
  long batch() {
    return batch;
  }

  /** The input's other dimensions. */
  Shape imageShape() {
    return imageShape;
  }

  String output() {
    return output;
  }

  /** As far as the output depends on them; the format demands that their order is possible. */
  List<NodeProto> nodes() {
    return nodes;
  }

  List<NodeProto> readers(String name) {
    return readers.getOrDefault(name, List.of());
  }

  Map<String, String> metadata() {
    Map<String, String> metadata = new LinkedHashMap<>();
    for (StringStringEntryProto entry : model.getMetadataPropsList()) {
      metadata.put(entry.getKey(), entry.getValue());
    }
    return metadata;
  }

  private int readOpset() throws FormatException {
    for (OperatorSetIdProto imported : model.getOpsetImportList()) {
      if (isStandard(imported.getDomain())) {
        long version = imported.getVersion();
        if (version < 1 || version > NEWEST_OPSET) {
          throw malformed("opset %d is not one of 1 to %d, which are known", version, NEWEST_OPSET);
        }
        return (int) version;
      }
    }
    throw malformed("no ONNX model, or one without the standard operators: it names no opset");
  }

  static boolean isStandard(String domain) {
    return domain.isEmpty() || domain.equals("ai.onnx");
  }

  /** Old files list their initialisers among the inputs. */
  private ValueInfoProto onlyInput() throws FormatException {
    List<ValueInfoProto> inputs =
        proto.getInputList().stream().filter(i -> !initializers.containsKey(i.getName())).toList();
    if (inputs.size() != 1) {
      throw malformed(
          "a network has one input, not %d: %s",
          inputs.size(), inputs.stream().map(ValueInfoProto::getName).toList());
    }
    ValueInfoProto input = inputs.get(0);
    TypeProto.Tensor type = input.getType().getTensorType();
    if (type.getElemType() != DataType.FLOAT.getNumber()) {
      throw malformed("the input '%s' is not a tensor of type FLOAT", input.getName());
    }
    TensorShapeProto shape = type.getShape();
    if (shape.getDimCount() < 2) {
      throw malformed(
          "the input '%s' needs a dimension for the batch and one more, but has %d",
          input.getName(), shape.getDimCount());
    }
    return input;
  }

  private Shape imageShape(ValueInfoProto input) throws FormatException {
    TensorShapeProto shape = input.getType().getTensorType().getShape();
    int[] image = new int[shape.getDimCount() - 1];
    for (int i = 0; i < image.length; i++) {
      long size = shape.getDim(i + 1).getDimValue();
      if (size < 1 || size > OnnxNode.LONGEST) {
        throw malformed(
            "dimension %d of the input '%s' must be a fixed size from 1 to %d: export the model with"
                + " fixed sizes, but for the batch",
            i + 1, input.getName(), OnnxNode.LONGEST);
      }
      image[i] = (int) size;
    }
    try {
      return Shape.of(image);
    } catch (IllegalArgumentException e) {
      throw malformed("the input '%s': %s", input.getName(), e.getMessage());
    }
  }

  private String onlyOutput() throws FormatException {
    if (proto.getOutputCount() != 1) {
      throw malformed(
          "a network has one output, not %d: %s",
          proto.getOutputCount(),
          proto.getOutputList().stream().map(ValueInfoProto::getName).toList());
    }
    return proto.getOutput(0).getName();
  }

  private List<NodeProto> nodesThatLeadOut() throws FormatException {
    Set<String> given = new HashSet<>(initializers.keySet());
    given.add(input);
    for (NodeProto node : proto.getNodeList()) {
      for (String name : node.getOutputList()) {
        if (!name.isEmpty() && !given.add(name)) {
          throw malformed("two nodes or initialisers have the result '%s'", name);
        }
      }
    }
    Set<String> needed = new HashSet<>(Set.of(output));
    List<NodeProto> nodes = new ArrayList<>();
    for (int i = proto.getNodeCount() - 1; i >= 0; i--) {
      NodeProto node = proto.getNode(i);
      if (node.getOutputList().stream().anyMatch(needed::contains)) {
        nodes.add(node);
        for (String name : node.getInputList()) {
          if (name.isEmpty()) {
            continue; // an optional input that is left out
          }
          needed.add(name);
          readers.computeIfAbsent(name, n -> new ArrayList<>()).add(node);
        }
      }
    }
    Collections.reverse(nodes);
    return nodes;
  }

  private FormatException malformed(String format, Object... arguments) {
    return new FormatException(file, format.formatted(arguments));
  }
}
