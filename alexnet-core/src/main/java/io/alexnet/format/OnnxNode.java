package io.alexnet.format;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * A node of an ONNX graph with its inputs and attributes. An attribute that nobody has asked for is
 * one that nobody honours: {@link #requireAllRead} finds it.
 */
final class OnnxNode {

  /** No side of an image, window or padding is longer; sums and products of two stay in a long. */
  static final int LONGEST = 1 << 24;

  private final String file;
  private final NodeProto proto;
  private final Map<String, AttributeProto> unread = new HashMap<>();
  private final Map<String, AttributeProto> attributes = new HashMap<>();

  OnnxNode(String file, NodeProto proto) throws FormatException {
    this.file = file;
    this.proto = proto;
    for (AttributeProto attribute : proto.getAttributeList()) {
      if (attributes.put(attribute.getName(), attribute) != null) {
        throw refusal("has two attributes '%s'", attribute.getName());
      }
      if (!attribute.getRefAttrName().isEmpty()) {
        throw refusal("has an attribute '%s' that refers to a function's", attribute.getName());
      }
    }
    unread.putAll(attributes);
  }

  String operator() {
    return proto.getOpType();
  }

  String name() {
    return proto.getName();
  }

  int inputs() {
    return proto.getInputCount();
  }

  /** How many outputs have a name. */
  int outputs() {
    return (int) proto.getOutputList().stream().filter(name -> !name.isEmpty()).count();
  }

  /** Whether there is an input at this place; a name of no letters stands for none. */
  boolean has(int input) {
    return input < proto.getInputCount() && !proto.getInput(input).isEmpty();
  }

  String input(int i) throws FormatException {
    if (!has(i)) {
      throw refusal("lacks its input %d", i);
    }
    return proto.getInput(i);
  }

  String output() throws FormatException {
    if (proto.getOutputCount() == 0 || proto.getOutput(0).isEmpty()) {
      throw refusal("has no output");
    }
    return proto.getOutput(0);
  }

  boolean has(String attribute) {
    return attributes.containsKey(attribute);
  }

  long integer(String attribute, long otherwise) throws FormatException {
    AttributeProto found = find(attribute, AttributeType.INT);
    return found == null ? otherwise : found.getI();
  }

  boolean flag(String attribute) throws FormatException {
    return integer(attribute, 0) != 0;
  }

  float real(String attribute, float otherwise) throws FormatException {
    AttributeProto found = find(attribute, AttributeType.FLOAT);
    return found == null ? otherwise : found.getF();
  }

  String text(String attribute, String otherwise) throws FormatException {
    AttributeProto found = find(attribute, AttributeType.STRING);
    return found == null ? otherwise : found.getS().toStringUtf8();
  }

  /** Null if there is none. */
  long[] integers(String attribute) throws FormatException {
    AttributeProto found = find(attribute, AttributeType.INTS);
    return found == null ? null : found.getIntsList().stream().mapToLong(Long::longValue).toArray();
  }

  /**
   * As many integers, from {@code least} to {@link #LONGEST}; if there is no such attribute, {@code
   * least} each, which is ONNX's default for all of them.
   */
  int[] boundedList(String attribute, int count, int least) throws FormatException {
    int[] list = new int[count];
    long[] values = integers(attribute);
    if (values == null) {
      Arrays.fill(list, least);
      return list;
    }
    if (values.length != count) {
      throw refusal(
          "needs %d numbers as its %s, not %s", count, attribute, Arrays.toString(values));
    }
    for (int i = 0; i < count; i++) {
      list[i] = bounded(attribute, values[i], least);
    }
    return list;
  }

  /** The value of an attribute if it is from {@code least} to {@link #LONGEST}. */
  int bounded(String attribute, long value, int least) throws FormatException {
    if (value < least || value > LONGEST) {
      throw refusal("has %d in %s, not %d to %d", value, attribute, least, LONGEST);
    }
    return (int) value;
  }

  float[] reals(String attribute) throws FormatException {
    AttributeProto found = find(attribute, AttributeType.FLOATS);
    float[] reals = new float[found == null ? 0 : found.getFloatsCount()];
    for (int i = 0; i < reals.length; i++) {
      reals[i] = found.getFloats(i);
    }
    return reals;
  }

  /** Null if there is none. */
  TensorProto tensor(String attribute) throws FormatException {
    AttributeProto found = find(attribute, AttributeType.TENSOR);
    return found == null ? null : found.getT();
  }

  /** An attribute that changes nothing here. */
  void ignore(String attribute) {
    unread.remove(attribute);
  }

  /** Files of the first versions do not say the type. */
  private AttributeProto find(String name, AttributeType type) throws FormatException {
    AttributeProto found = attributes.get(name);
    unread.remove(name);
    if (found != null && found.getType() != type && found.getType() != AttributeType.UNDEFINED) {
      throw refusal("has the attribute '%s' as %s, not %s", name, found.getType(), type);
    }
    return found;
  }

  void requireAllRead() throws FormatException {
    for (String name : unread.keySet()) {
      throw refusal("has the attribute '%s', which is not supported", name);
    }
  }

  FormatException refusal(String format, Object... arguments) {
    return new FormatException(file, this + " " + format.formatted(arguments));
  }

  /** As in {@code Conv 'conv1'}; a node without a name goes by its output's. */
  @Override
  public String toString() {
    String name = proto.getName();
    if (name.isEmpty() && proto.getOutputCount() > 0) {
      name = proto.getOutput(0);
    }
    return "%s '%s'".formatted(proto.getOpType(), name);
  }
}
