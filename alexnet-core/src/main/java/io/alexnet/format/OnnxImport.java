package io.alexnet.format;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import io.alexnet.graph.Graph;
import io.alexnet.graph.Node;
import io.alexnet.init.Initializer;
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
import io.alexnet.layer.Layer;
import io.alexnet.layer.LocalResponseNorm;
import io.alexnet.layer.MaxPool2d;
import io.alexnet.layer.ParameterOptions;
import io.alexnet.layer.ParameterSpec;
import io.alexnet.layer.Softmax;
import io.alexnet.layer.StateSpec;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * From an ONNX model to a graph and its weights, node by node: those that lead to the output, in
 * the file's order, which the format demands to be that of computation.
 */
final class OnnxImport {

  /** In a list of sizes the batch's, whatever it is. */
  private static final long BATCH = Long.MIN_VALUE;

  private static final ParameterOptions ZEROS = ParameterOptions.of(Initializer.zeros());

  private final String file;
  private final OnnxGraph onnx;
  private final OnnxTensors tensors;
  private final int opset;

  private final Map<String, TensorProto> constants;
  private final Map<String, Node> results = new HashMap<>();
  private final Map<String, PaddedImage> paddings = new HashMap<>();

  /** Lists of sizes, computed from the shape of an image, that a Reshape goes by. */
  private final Map<String, long[]> sizes = new HashMap<>();

  /** Results of additions of a bias that the layer before has taken in. */
  private final Set<String> folded = new HashSet<>();

  private final Map<String, Tensor> weights = new LinkedHashMap<>();
  private final Set<String> layerNames = new HashSet<>(Set.of("input"));
  private final Graph.Builder graph;

  private OnnxImport(Path path, ModelProto model, long memory) throws FormatException {
    file = path.toString();
    tensors = new OnnxTensors(path, memory - model.getSerializedSize());
    onnx = new OnnxGraph(file, model);
    opset = onnx.opset();
    constants = new HashMap<>(onnx.initializers());
    graph = Graph.of(onnx.imageShape());
    results.put(onnx.input(), graph.input());
  }

  /**
   * @param memory bytes that there are for the model itself, its weights, and the network that is
   *     made of them
   */
  static OnnxModel of(Path path, ModelProto model, long memory) throws IOException {
    return new OnnxImport(path, model, memory).read();
  }

  private OnnxModel read() throws IOException {
    for (NodeProto node : onnx.nodes()) {
      if (isConstant(node)) {
        add(node);
      }
    }
    for (NodeProto node : onnx.nodes()) {
      if (node.getOutputCount() > 0 && folded.contains(node.getOutput(0))) {
        String sum = node.getInput(results.containsKey(node.getInput(0)) ? 0 : 1);
        results.put(node.getOutput(0), results.get(sum));
      } else if (!isConstant(node)) {
        add(node);
      }
    }
    Node last = results.get(onnx.output());
    if (last == null) {
      throw malformed(
          paddings.containsKey(onnx.output())
              ? "the output '%s' is that of a Pad, which is supported before Conv and pools only"
              : "the output '%s' does not depend on the input",
          onnx.output());
    }
    if (last != graph.last()) { // which is what a graph has for its output
      throw malformed(
          "the output '%s' is that of layer '%s', but layer '%s' is behind it and read only for its"
              + " size, which is not supported",
          onnx.output(), last.name(), graph.last().name());
    }
    if (last == graph.input()) {
      graph.then("identity", new Dropout(0)); // which is what a graph of no layers computes
    }
    return new OnnxModel(build(), weights, onnx.metadata());
  }

  private boolean isConstant(NodeProto node) {
    return switch (node.getOpType()) {
      case "Constant" -> true;
      case "Identity", "Transpose" ->
          node.getInputCount() > 0 && constants.containsKey(node.getInput(0));
      default -> false;
    };
  }

  private Graph build() throws FormatException {
    try {
      return graph.build();
    } catch (IllegalArgumentException e) {
      throw malformed("%s", e.getMessage());
    }
  }

  private void add(NodeProto nodeProto) throws IOException {
    OnnxNode node = new OnnxNode(file, nodeProto);
    if (!OnnxGraph.isStandard(nodeProto.getDomain())) {
      throw node.refusal("is of the domain '%s', which is not supported", nodeProto.getDomain());
    }
    for (int i = 1; i < nodeProto.getOutputCount(); i++) {
      String name = nodeProto.getOutput(i);
      if (name.equals(onnx.output()) || !onnx.readers(name).isEmpty()) {
        throw node.refusal("has a second output, '%s', which is not supported", name);
      }
    }
    for (int i = 0; i < node.inputs(); i++) {
      if (node.has(i) && !isKnown(node.input(i))) {
        throw node.refusal(
            "reads '%s', which is no result of a node before it: missing, out of order or in a"
                + " circle",
            node.input(i));
      }
    }
    try {
      add(node);
    } catch (IllegalArgumentException e) {
      throw node.refusal("is not possible: %s", e.getMessage());
    }
    if (opset < 6) {
      node.ignore("consumed_inputs"); // a hint for memory
    }
    node.requireAllRead();
  }

  private boolean isKnown(String name) {
    return results.containsKey(name)
        || constants.containsKey(name)
        || paddings.containsKey(name)
        || sizes.containsKey(name);
  }

  private void add(OnnxNode node) throws IOException {
    switch (node.operator()) {
      case "Conv" -> convolution(node);
      case "Gemm" -> gemm(node);
      case "MatMul" -> matrixProduct(node);
      case "MaxPool" -> maxPool(node);
      case "AveragePool" -> averagePool(node);
      case "GlobalAveragePool" -> layer(node, new AdaptiveAveragePool2d(1, 1));
      case "LRN" ->
          layer(
              node,
              new LocalResponseNorm(
                  node.bounded("size", required(node, "size"), 1),
                  node.real("alpha", 1e-4f),
                  node.real("beta", 0.75f),
                  node.real("bias", 1)));
      case "BatchNormalization" -> batchNorm(node);
      case "Dropout" -> dropout(node);
      case "Relu" -> layer(node, Activation.relu());
      case "LeakyRelu" -> {
        float slope = node.real("alpha", 0.01f);
        layer(node, slope == 0 ? Activation.relu() : Activation.leakyRelu(slope));
      }
      case "Tanh" -> layer(node, Activation.tanh());
      case "Sigmoid" -> layer(node, Activation.sigmoid());
      case "Softmax" -> softmax(node);
      case "Flatten" -> flatten(node);
      case "Reshape" -> reshape(node);
      case "Add", "Sum" -> sum(node);
      case "Concat" -> concat(node);
      case "Pad" -> pad(node);
      case "Identity" -> identity(node);
      case "Constant" -> constant(node);
      case "Transpose" -> transpose(node);
      case "Shape" -> shape(node);
      case "Gather" -> gather(node);
      case "Unsqueeze", "Squeeze", "Cast" -> sameSizes(node);
      default -> throw node.refusal("is an operator that is not supported");
    }
  }

  private void convolution(OnnxNode node) throws IOException {
    Tensor weight = tensor(node, 1);
    Shape shape = weight.shape();
    if (shape.rank() != 4) {
      throw node.refusal("has weights of shape [%s]: only images have convolutions here", shape);
    }
    long[] kernel = node.integers("kernel_shape");
    if (kernel != null
        && !Arrays.equals(kernel, new long[] {shape.dimension(2), shape.dimension(3)})) {
      throw node.refusal(
          "has the kernel_shape %s, but weights of [%s]", Arrays.toString(kernel), shape);
    }
    PaddedImage image = image(node);
    if (image.isPadded() && image.value() != 0) {
      throw node.refusal("is behind a Pad with %s, not 0", image.value());
    }
    Window window = OnnxWindow.of(node, image, shape.dimension(2), shape.dimension(3));
    int filters = shape.dimension(0);
    int groups = node.bounded("group", node.integer("group", 1), 1);
    Tensor bias = bias(node, node.has(2) ? tensor(node, 2) : null, filters, 2);
    Conv2d conv = new Conv2d(filters, window, groups, ZEROS, bias == null ? null : ZEROS);
    layer(node, conv, parameters(weight, bias), image.node());
  }

  private void gemm(OnnxNode node) throws IOException {
    if (node.flag("transA")) {
      throw node.refusal("has transA, which would transpose the batch");
    }
    if (opset < 7) {
      node.ignore("broadcast"); // the shapes say it, too
    }
    Tensor weight = matrix(node, 1);
    if (!node.flag("transB")) {
      weight = transposed(weight);
    }
    scale(weight, node.real("alpha", 1));
    float beta = node.real("beta", 1);
    Tensor bias = null;
    if (node.has(2)) {
      bias = forEachOutput(node.input(2), weight.shape().dimension(0), 0);
      if (bias == null) {
        throw node.refusal("needs a constant, one for each output, as its third input");
      }
      scale(bias, beta);
    }
    dense(node, weight, bias);
  }

  private void dense(OnnxNode node, Tensor weight, Tensor ownBias) throws IOException {
    int outputs = weight.shape().dimension(0);
    Tensor bias = bias(node, ownBias, outputs, 0);
    Dense dense = new Dense(outputs, ZEROS, bias == null ? null : ZEROS);
    layer(node, dense, parameters(weight, bias), result(node, 0));
  }

  /** A dense layer without a bias, or one of the two products that export makes of a pool. */
  private void matrixProduct(OnnxNode node) throws IOException {
    boolean constantFirst = constants.containsKey(node.input(0));
    Node input = result(node, constantFirst ? 1 : 0);
    Tensor matrix = matrix(node, constantFirst ? 0 : 1);
    Shape image = input.shape();
    if (!constantFirst && image.rank() == 1) {
      dense(node, transposed(matrix), null);
      return;
    }
    if (image.rank() == 3) {
      int out = matrix.shape().dimension(constantFirst ? 0 : 1);
      AdaptiveAxis axis = new AdaptiveAxis(image.dimension(constantFirst ? 1 : 2), out);
      if (axis.hasShares(matrix, !constantFirst)) {
        AdaptiveAveragePool2d pool =
            constantFirst
                ? new AdaptiveAveragePool2d(out, image.dimension(2))
                : new AdaptiveAveragePool2d(image.dimension(1), out);
        layer(node, pool, Map.of(), input);
        return;
      }
    }
    throw node.refusal(
        "is neither a dense layer nor an adaptive average pool of its input of shape %s", image);
  }

  private void maxPool(OnnxNode node) throws IOException {
    node.ignore("storage_order"); // of indices, which are refused as a second output
    PaddedImage image = image(node);
    if (image.isPadded() && image.value() != Float.NEGATIVE_INFINITY) {
      throw node.refusal("is behind a Pad with %s, not minus infinity", image.value());
    }
    boolean roundUp = node.flag("ceil_mode");
    MaxPool2d pool = new MaxPool2d(OnnxWindow.ofPool(node, image, roundUp), roundUp);
    layer(node, pool, Map.of(), image.node());
  }

  private void averagePool(OnnxNode node) throws IOException {
    PaddedImage image = image(node);
    boolean roundUp = node.flag("ceil_mode");
    Window window = OnnxWindow.ofPool(node, image, roundUp);
    boolean countPadding = node.flag("count_include_pad");
    AveragePool2d pool =
        image.isPadded() && !countPadding
            ? averagePoolOfPadded(node, image, window, roundUp)
            : new AveragePool2d(window, roundUp, countPadding);
    if (image.isPadded() && image.value() != 0) {
      throw node.refusal("is behind a Pad with %s, not 0", image.value());
    }
    layer(node, pool, Map.of(), image.node());
  }

  /** What a Pad has added counts. What the pool adds does not: at most a last, partial window. */
  private AveragePool2d averagePoolOfPadded(
      OnnxNode node, PaddedImage image, Window window, boolean roundUp) throws FormatException {
    Shape output = new AveragePool2d(window, roundUp, true).outputShape(image.node().shape());
    Window counted = window.padding(image.top(), image.left(), image.bottom(), image.right());
    if (window.padTop() == image.top() && window.padLeft() == image.left()) {
      for (boolean up : new boolean[] {false, true}) {
        AveragePool2d pool = new AveragePool2d(counted, up, true);
        if (pool.outputShape(image.node().shape()).equals(output)) {
          return pool;
        }
      }
    }
    throw node.refusal("has padding that does not count, behind a Pad that does");
  }

  private void batchNorm(OnnxNode node) throws IOException {
    if (node.flag("training_mode")) {
      throw node.refusal("has training_mode: export the model for inference");
    }
    if (opset < 9 && node.integer("spatial", 1) != 1) {
      throw node.refusal("has statistics for each place of an image, which is not supported");
    }
    if (opset < 7 && !node.flag("is_test")) {
      throw node.refusal("is in training: export the model for inference (is_test)");
    }
    if (opset >= 7 && opset < 14 && node.outputs() > 1) { // what says so in these versions
      throw node.refusal("is in training: export the model for inference (one output)");
    }
    Map<String, Tensor> values = new HashMap<>();
    values.put("weight", tensor(node, 1));
    values.put("bias", tensor(node, 2));
    values.put("running_mean", tensor(node, 3));
    values.put("running_var", tensor(node, 4));
    BatchNorm norm = new BatchNorm(node.real("momentum", 0.9f), node.real("epsilon", 1e-5f));
    layer(node, norm, values, result(node, 0));
  }

  private void dropout(OnnxNode node) throws IOException {
    float rate = 0.5f;
    if (opset < 12) {
      rate = node.real("ratio", rate);
      if (opset < 7 && !node.flag("is_test")) {
        throw node.refusal("is in training: export the model for inference (is_test)");
      }
    } else {
      node.ignore("seed"); // of training
      if (node.has(2) && tensors.flag(constant(node, 2))) {
        throw node.refusal("has training_mode: export the model for inference");
      }
      if (node.has(1)) {
        rate = scalar(node, 1);
      }
    }
    layer(node, new Dropout(rate));
  }

  private void softmax(OnnxNode node) throws IOException {
    requireAxis(node, node.integer("axis", opset < 13 ? 1 : -1));
    layer(node, new Softmax());
  }

  private void flatten(OnnxNode node) throws IOException {
    requireAxis(node, node.integer("axis", 1));
    flattened(node);
  }

  private void flattened(OnnxNode node) throws IOException {
    if (result(node, 0).shape().rank() == 1) {
      results.put(
          node.output(), result(node, 0)); // or no softmax before it would be the last layer
    } else {
      layer(node, new Flatten());
    }
  }

  private void concat(OnnxNode node) throws IOException {
    if (sizes.containsKey(node.input(0)) || isIntegers(node.input(0))) {
      joinSizes(node);
      return;
    }
    requireAxis(node, opset < 4 ? node.integer("axis", 1) : required(node, "axis"));
    if (node.inputs() == 1) {
      results.put(node.output(), result(node, 0));
    } else {
      layer(node, new Concat(), Map.of(), allResults(node));
    }
  }

  /** Channels or features are axis 1, behind the batch; a negative axis counts from the end. */
  private void requireAxis(OnnxNode node, long axis) throws FormatException {
    int rank = result(node, 0).shape().rank() + 1;
    if (axis != 1 && axis + rank != 1) {
      throw node.refusal("has axis %d of %d dimensions: only 1 is supported", axis, rank);
    }
  }

  private void sum(OnnxNode node) throws IOException {
    if (opset < 7) {
      node.ignore("broadcast"); // of other shapes than one is refused anyhow
    }
    for (int i = 0; i < node.inputs(); i++) {
      if (constants.containsKey(node.input(i))) {
        throw node.refusal(
            "adds the constant '%s': only a Conv, Gemm or MatMul can have one, which nobody else"
                + " reads, for each of its outputs",
            node.input(i));
      }
    }
    if (node.inputs() == 1) {
      results.put(node.output(), result(node, 0));
    } else {
      layer(node, new Add(), Map.of(), allResults(node));
    }
  }

  /** Flattening, or nothing at all. */
  private void reshape(OnnxNode node) throws IOException {
    long[] target = opset < 5 ? node.integers("shape") : sizes(node, 1);
    boolean zeroIsZero = node.flag("allowzero");
    if (sizes.containsKey(node.input(0))) {
      reshapeSizes(node, target);
      return;
    }
    Shape shape = result(node, 0).shape();
    if (target == null || target.length < 2) {
      throw node.refusal("needs a shape of two dimensions or more");
    }
    boolean keepsBatch =
        target[0] == 0 && !zeroIsZero
            || target[0] == -1
            || target[0] == BATCH
            || target[0] > 0 && target[0] == onnx.batch();
    long[] rest = Arrays.copyOfRange(target, 1, target.length);
    int open = -1;
    long known = 1;
    for (int i = 0; i < rest.length; i++) {
      if (rest[i] == 0 && !zeroIsZero && i < shape.rank()) {
        rest[i] = shape.dimension(i);
      }
      if (rest[i] == -1 && target[0] != -1 && open < 0) {
        open = i;
      } else if (rest[i] < 1 || rest[i] > shape.size()) {
        keepsBatch = false;
      } else {
        known = Math.min(known * rest[i], Integer.MAX_VALUE);
      }
    }
    if (open >= 0) {
      rest[open] = shape.size() / known;
    }
    if (keepsBatch && rest.length == 1 && rest[0] == shape.size()) {
      flattened(node);
    } else if (keepsBatch
        && Arrays.equals(rest, Arrays.stream(shape.dimensions()).asLongStream().toArray())) {
      results.put(node.output(), result(node, 0));
    } else {
      throw node.refusal(
          "makes %s of batch×%s: only flattening is supported",
          Arrays.toString(target).replace(Long.toString(BATCH), "batch"), shape);
    }
  }

  /** From a number to a list of one: here it is one already. */
  private void reshapeSizes(OnnxNode node, long[] target) throws IOException {
    long[] list = sizes(node, 0);
    if (target == null || target.length != 1 || target[0] != -1 && target[0] != list.length) {
      throw node.refusal("makes something else of sizes than a list");
    }
    putSizes(node, list);
  }

  private void shape(OnnxNode node) throws FormatException {
    int[] image = result(node, 0).shape().dimensions();
    long[] all = new long[image.length + 1];
    all[0] = BATCH;
    for (int i = 0; i < image.length; i++) {
      all[i + 1] = image[i];
    }
    int start = place(node.integer("start", 0), all.length);
    int end = place(node.integer("end", all.length), all.length);
    putSizes(node, Arrays.copyOfRange(all, start, Math.max(start, end)));
  }

  /** A negative place counts from the end; beyond an end is that end. */
  private static int place(long place, int length) {
    long fromStart = place < 0 ? Math.max(place, -length) + length : place;
    return (int) Math.min(fromStart, length);
  }

  private void gather(OnnxNode node) throws IOException {
    long[] from = sizes(node, 0);
    long[] chosen = tensors.integers(constant(node, 1));
    if (node.integer("axis", 0) != 0) {
      throw node.refusal("has an axis other than 0");
    }
    for (int i = 0; i < chosen.length; i++) {
      long place = chosen[i] < 0 ? chosen[i] + from.length : chosen[i];
      if (place < 0 || place >= from.length) {
        throw node.refusal("takes number %d of %d", chosen[i], from.length);
      }
      chosen[i] = from[(int) place];
    }
    putSizes(node, chosen);
  }

  /** From a number to a list of one, or back: here both are lists. */
  private void sameSizes(OnnxNode node) throws IOException {
    if (results.containsKey(node.input(0))) {
      throw node.refusal("is supported for sizes only, such as a Reshape goes by");
    }
    node.ignore("axes");
    if (node.integer("to", DataType.INT64.getNumber()) != DataType.INT64.getNumber()) {
      throw node.refusal("makes something else of sizes than INT64");
    }
    putSizes(node, sizes(node, 0));
  }

  private void joinSizes(OnnxNode node) throws IOException {
    long[] all = {};
    for (int i = 0; i < node.inputs(); i++) {
      long[] part = sizes(node, i);
      int end = all.length;
      requireFewSizes(node, end + part.length);
      all = Arrays.copyOf(all, end + part.length);
      System.arraycopy(part, 0, all, end, part.length);
    }
    node.ignore("axis"); // there is but one
    putSizes(node, all);
  }

  private void putSizes(OnnxNode node, long[] list) throws FormatException {
    requireFewSizes(node, list.length);
    sizes.put(node.output(), list);
  }

  private static void requireFewSizes(OnnxNode node, int count) throws FormatException {
    if (count > OnnxTensors.MOST_SIZES) {
      throw node.refusal("makes a list of more than %d sizes", OnnxTensors.MOST_SIZES);
    }
  }

  private long[] sizes(OnnxNode node, int input) throws IOException {
    long[] found = sizes.get(node.input(input));
    return found != null ? found.clone() : tensors.integers(constant(node, input));
  }

  private boolean isIntegers(String name) {
    TensorProto constant = constants.get(name);
    return constant != null && constant.getDataType() == DataType.INT64.getNumber();
  }

  private void pad(OnnxNode node) throws IOException {
    String mode = node.text("mode", "constant");
    if (!mode.equals("constant")) {
      throw node.refusal("has the mode %s, which is not supported", mode);
    }
    long[] pads = opset < 11 ? node.integers("pads") : tensors.integers(constant(node, 1));
    if (pads == null) {
      throw node.refusal("has no pads");
    }
    float value = opset < 11 ? node.real("value", 0) : node.has(2) ? scalar(node, 2) : 0;
    if (node.has(3)) {
      long[] axes = tensors.integers(constant(node, 3));
      if (!Arrays.equals(axes, new long[] {2, 3}) && !Arrays.equals(axes, new long[] {-2, -1})) {
        throw node.refusal("has the axes %s, not [2, 3]", Arrays.toString(axes));
      }
      if (pads.length == 4) {
        pads = new long[] {0, 0, pads[0], pads[1], 0, 0, pads[2], pads[3]};
      }
    }
    Node image = result(node, 0);
    if (image.shape().rank() != 3
        || pads.length != 8
        || pads[0] != 0
        || pads[1] != 0
        || pads[4] != 0
        || pads[5] != 0) {
      throw node.refusal(
          "has the pads %s: only height and width of images can have some", Arrays.toString(pads));
    }
    paddings.put(
        node.output(),
        new PaddedImage(
            image,
            node.bounded("pads", pads[2], 0),
            node.bounded("pads", pads[3], 0),
            node.bounded("pads", pads[6], 0),
            node.bounded("pads", pads[7], 0),
            value));
  }

  private void identity(OnnxNode node) throws FormatException {
    TensorProto constant = constants.get(node.input(0));
    if (constant != null) {
      constants.put(node.output(), constant);
    } else {
      results.put(node.output(), result(node, 0));
    }
  }

  /** Of weights, as they are exported without constant folding. */
  private void transpose(OnnxNode node) throws IOException {
    Tensor matrix = matrix(node, 0);
    long[] axes = node.integers("perm");
    if (axes != null && !Arrays.equals(axes, new long[] {1, 0})) {
      throw node.refusal("has the perm %s of a matrix, not [1, 0]", Arrays.toString(axes));
    }
    constants.put(node.output(), OnnxTensors.of(node.output(), transposed(matrix)).build());
  }

  private void constant(OnnxNode node) throws FormatException {
    TensorProto value = node.tensor("value");
    if (node.has("value_float")) {
      float[] number = {node.real("value_float", 0)};
      value = OnnxTensors.of(node.output(), Tensor.of(number, 0, Shape.of())).build();
    } else if (node.has("value_floats")) {
      float[] numbers = node.reals("value_floats");
      value = OnnxTensors.of(node.output(), Tensor.of(numbers, numbers.length)).build();
    } else if (node.has("value_ints")) {
      value = OnnxTensors.of(node.output(), node.integers("value_ints")).build();
    } else if (node.has("value_int")) {
      value = OnnxTensors.of(node.output(), node.integer("value_int", 0)).build();
    }
    if (value == null) {
      throw node.refusal("has no value of a supported kind");
    }
    constants.put(node.output(), value);
  }

  private void layer(OnnxNode node, Layer layer) throws FormatException {
    layer(node, layer, Map.of(), result(node, 0));
  }

  private void layer(OnnxNode node, Layer layer, Map<String, Tensor> values, Node... inputs)
      throws FormatException {
    String name = layerName(node, !values.isEmpty());
    results.put(node.output(), graph.node(name, layer, inputs));
    List<Shape> shapes = Arrays.stream(inputs).map(Node::shape).toList();
    for (ParameterSpec spec : layer.parameters(shapes)) {
      value(node, name, spec.name(), spec.shape(), values);
    }
    for (StateSpec spec : layer.state(shapes)) {
      value(node, name, spec.name(), spec.shape(), values);
    }
  }

  private void value(
      OnnxNode node, String layer, String name, Shape shape, Map<String, Tensor> values)
      throws FormatException {
    Tensor value = values.get(name);
    if (!value.shape().equals(shape)) {
      throw node.refusal("has a %s of [%s], but should have [%s]", name, value.shape(), shape);
    }
    weights.put(layer + "." + name, value);
  }

  /** PyTorch names weights after layers, and nodes after something of its own. */
  private String layerName(OnnxNode node, boolean hasWeights) throws FormatException {
    String suffix = ".weight";
    for (int i = 0; hasWeights && i < 2; i++) {
      if (node.has(i) && constants.containsKey(node.input(i)) && node.input(i).endsWith(suffix)) {
        String name = node.input(i).substring(0, node.input(i).length() - suffix.length());
        if (!name.isBlank() && layerNames.add(name)) {
          return name;
        }
      }
    }
    if (!node.name().isBlank() && layerNames.add(node.name())) {
      return node.name();
    }
    String name = node.operator().toLowerCase(Locale.ROOT) + (graph.last().index() + 1);
    while (!layerNames.add(name)) {
      name += "_";
    }
    return name;
  }

  private Node[] allResults(OnnxNode node) throws FormatException {
    Node[] nodes = new Node[node.inputs()];
    for (int i = 0; i < nodes.length; i++) {
      nodes[i] = result(node, i);
    }
    return nodes;
  }

  private Node result(OnnxNode node, int input) throws FormatException {
    Node result = results.get(node.input(input));
    if (result == null) {
      throw node.refusal(
          paddings.containsKey(node.input(input))
              ? "reads '%s', the result of a Pad, which is supported before Conv and pools only"
              : "reads '%s', which is no image or vector but a constant or a size: not supported",
          node.input(input));
    }
    return result;
  }

  private PaddedImage image(OnnxNode node) throws FormatException {
    PaddedImage padded = paddings.get(node.input(0));
    if (padded == null) {
      padded = PaddedImage.without(result(node, 0));
    }
    if (padded.node().shape().rank() != 3) {
      throw node.refusal(
          "needs an input of batch×channels×height×width, not of batch×%s", padded.node().shape());
    }
    return padded;
  }

  private TensorProto constant(OnnxNode node, int input) throws FormatException {
    TensorProto constant = constants.get(node.input(input));
    if (constant == null) {
      throw node.refusal("needs its input '%s' to be a constant", node.input(input));
    }
    return constant;
  }

  private Tensor tensor(OnnxNode node, int input) throws IOException {
    return tensors.floats(constant(node, input));
  }

  private Tensor matrix(OnnxNode node, int input) throws IOException {
    Tensor matrix = tensor(node, input);
    if (matrix.shape().rank() != 2) {
      throw node.refusal(
          "needs a matrix as its input '%s', not [%s]", node.input(input), matrix.shape());
    }
    return matrix;
  }

  private float scalar(OnnxNode node, int input) throws IOException {
    Tensor tensor = tensor(node, input);
    if (tensor.size() != 1) {
      throw node.refusal(
          "needs a single number as its input '%s', not [%s]", node.input(input), tensor.shape());
    }
    return tensor.array()[0];
  }

  /**
   * The bias that a node has, and what an Add behind it adds if nobody else reads the result.
   *
   * @param own null if it has none
   * @param behind dimensions behind that of the outputs
   * @return null if there is none
   */
  private Tensor bias(OnnxNode node, Tensor own, int outputs, int behind) throws IOException {
    List<NodeProto> next = onnx.readers(node.output());
    if (next.size() != 1 || node.output().equals(onnx.output())) {
      return own;
    }
    NodeProto add = next.get(0);
    if (!add.getOpType().equals("Add")
        || !OnnxGraph.isStandard(add.getDomain())
        || add.getInputCount() != 2
        || add.getOutputCount() != 1) {
      return own;
    }
    OnnxNode addNode = new OnnxNode(file, add);
    String other = add.getInput(add.getInput(0).equals(node.output()) ? 1 : 0);
    if (opset < 7) {
      addNode.ignore("broadcast"); // the shapes say it, too
      if (addNode.has("axis")) {
        if (addNode.integer("axis", 0) != 1 || !isVector(other)) {
          return own; // and the Add is refused
        }
        behind = 0; // along the outputs, whatever is behind them
      }
    }
    addNode.requireAllRead();
    Tensor more = forEachOutput(other, outputs, behind);
    if (more == null) {
      return own;
    }
    if (own != null) {
      if (own.size() != outputs) {
        return own; // which is refused
      }
      for (int i = 0; i < outputs; i++) {
        more.array()[i] += own.array()[i];
      }
    }
    folded.add(add.getOutput(0));
    return more;
  }

  private boolean isVector(String name) {
    TensorProto constant = constants.get(name);
    return constant != null && constant.getDimsCount() == 1;
  }

  /** A constant that is one number, or one for each output, as [outputs]; null if it is not. */
  private Tensor forEachOutput(String name, int outputs, int behind) throws IOException {
    TensorProto constant = constants.get(name);
    if (constant == null) {
      return null;
    }
    Tensor tensor = tensors.floats(constant);
    Shape shape = tensor.shape();
    if (shape.rank() > behind + 2) {
      return null;
    }
    if (tensor.size() == 1) {
      Tensor filled = Tensor.zeros(outputs);
      filled.fill(tensor.array()[0]);
      return filled;
    }
    int axis = shape.rank() - 1 - behind;
    return axis >= 0 && shape.dimension(axis) == outputs && tensor.size() == outputs
        ? tensor.reshape(outputs)
        : null;
  }

  private static Map<String, Tensor> parameters(Tensor weight, Tensor bias) {
    return bias == null ? Map.of("weight", weight) : Map.of("weight", weight, "bias", bias);
  }

  private static Tensor transposed(Tensor matrix) {
    int rows = matrix.shape().dimension(0);
    int columns = matrix.shape().dimension(1);
    Tensor transposed = Tensor.zeros(columns, rows);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        transposed.array()[j * rows + i] = matrix.array()[i * columns + j];
      }
    }
    return transposed;
  }

  private static void scale(Tensor tensor, float factor) {
    for (int i = 0; i < tensor.size(); i++) {
      tensor.array()[i] *= factor;
    }
  }

  private static long required(OnnxNode node, String attribute) throws FormatException {
    if (!node.has(attribute)) {
      throw node.refusal("lacks the attribute '%s'", attribute);
    }
    return node.integer(attribute, 0);
  }

  private FormatException malformed(String format, Object... arguments) {
    return new FormatException(file, format.formatted(arguments));
  }
}
