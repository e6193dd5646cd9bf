package io.alexnet.graph;

import io.alexnet.init.Initializer;
import io.alexnet.kernels.PreparedWeights;
import io.alexnet.kernels.Window;
import io.alexnet.layer.BatchNorm;
import io.alexnet.layer.Conv2d;
import io.alexnet.layer.Parameter;
import io.alexnet.layer.ParameterOptions;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What an inference computes with while parameters and state stay as they are: the forms in which
 * kernels keep weights, and convolutions that took in the batch norms beside them.
 *
 * <p>By its running statistics a batch norm is y = s·x + t for each channel, with s = γ/√(variance
 * + ε) and t = β − s·mean. Behind a convolution it makes of filter f the weights s[f]·w and the
 * bias s[f]·b + t[f]. In front of one it makes of channel c the weights s[c]·w, and adds Σ w·t[c]
 * to the bias, unless the convolution pads: the padding would have to be −t/s instead of zeros.
 *
 * <p>Dense layers take in none: that would keep their many weights twice to spare one pass over a
 * vector.
 */
final class ConstantWeights {

  private final List<PreparedWeights> prepared;
  private final List<LayerValues> original;
  private final List<LayerValues> values;
  private final Set<Node> folded = new HashSet<>();

  /**
   * @param values of every node, in order
   * @param kept layers whose outputs are asked for, so that no batch norm may change what they are
   */
  ConstantWeights(Graph graph, List<LayerValues> values, Set<String> kept) {
    prepared = graph.nodes().stream().map(node -> new PreparedWeights()).toList();
    original = values;
    this.values = new ArrayList<>(values);
    for (Node node : graph.layers()) {
      if (node.layer() instanceof BatchNorm norm) {
        Node before = node.inputs().get(0);
        List<Node> readers = graph.readers(node);
        if (before.layer() instanceof Conv2d
            && graph.readers(before).size() == 1
            && !kept.contains(before.name())) {
          intoFilters(before, affine(node, norm));
          folded.add(node);
        } else if (readers.size() == 1
            && readers.get(0).layer() instanceof Conv2d conv
            && !pads(conv.window())
            && !kept.contains(node.name())) {
          intoChannels(readers.get(0), conv.groups(), affine(node, norm));
          folded.add(node);
        }
      }
    }
  }

  private record Affine(double[] scale, double[] shift) {}

  private Affine affine(Node node, BatchNorm norm) {
    LayerValues own = values.get(node.index());
    Tensor gamma = own.parameters().get("weight").value();
    Tensor beta = own.parameters().get("bias").value();
    Tensor mean = own.state().get("running_mean");
    Tensor variance = own.state().get("running_var");
    double[] scale = new double[gamma.size()];
    double[] shift = new double[gamma.size()];
    for (int c = 0; c < scale.length; c++) {
      scale[c] = gamma.get(c) / Math.sqrt((double) variance.get(c) + norm.epsilon());
      shift[c] = beta.get(c) - scale[c] * mean.get(c);
    }
    return new Affine(scale, shift);
  }

  private static boolean pads(Window window) {
    return window.padTop() + window.padBottom() + window.padLeft() + window.padRight() > 0;
  }

  private void intoFilters(Node conv, Affine affine) {
    float[] weights = copy(conv, "weight");
    float[] bias = copy(conv, "bias");
    int perFilter = weights.length / bias.length;
    for (int f = 0; f < bias.length; f++) {
      for (int i = f * perFilter; i < (f + 1) * perFilter; i++) {
        weights[i] *= affine.scale[f];
      }
      bias[f] = (float) (bias[f] * affine.scale[f] + affine.shift[f]);
    }
    replace(conv, weights, bias);
  }

  private void intoChannels(Node conv, int groups, Affine affine) {
    float[] weights = copy(conv, "weight");
    float[] bias = copy(conv, "bias");
    int channels = affine.scale.length / groups;
    int taps = weights.length / (bias.length * channels);
    int i = 0;
    for (int f = 0; f < bias.length; f++) {
      int firstChannel = f / (bias.length / groups) * channels;
      double sum = bias[f];
      for (int c = firstChannel; c < firstChannel + channels; c++) {
        for (int tap = 0; tap < taps; tap++, i++) {
          sum += weights[i] * affine.shift[c];
          weights[i] *= affine.scale[c];
        }
      }
      bias[f] = (float) sum;
    }
    replace(conv, weights, bias);
  }

  /** Of a convolution's values as they are by now; zeros for a bias that it has not. */
  private float[] copy(Node conv, String name) {
    Parameter parameter = values.get(conv.index()).parameters().get(name);
    return parameter == null ? new float[conv.shape().dimension(0)] : parameter.value().toArray();
  }

  private void replace(Node conv, float[] weights, float[] bias) {
    Shape shape = values.get(conv.index()).parameters().get("weight").value().shape();
    Map<String, Parameter> parameters = new LinkedHashMap<>();
    parameters.put("weight", constant(conv.name() + ".weight", Tensor.of(weights, 0, shape)));
    parameters.put("bias", constant(conv.name() + ".bias", Tensor.of(bias, bias.length)));
    values.set(conv.index(), new LayerValues(parameters, Map.of()));
  }

  private static Parameter constant(String name, Tensor value) {
    return new Parameter(name, value, ParameterOptions.of(Initializer.zeros()));
  }

  /** Whether it is a batch norm that a convolution took in, so that it gives what it is given. */
  boolean folded(Node node) {
    return folded.contains(node);
  }

  /** What a node computes with. */
  LayerValues values(Node node) {
    return values.get(node.index());
  }

  /** Where a node's kernels keep what they make of {@link #values}. */
  PreparedWeights prepared(Node node) {
    return prepared.get(node.index());
  }

  /** Of the prepared forms so far and of the convolutions that took in a batch norm. */
  long bytes() {
    long floats = 0;
    for (int i = 0; i < values.size(); i++) {
      if (values.get(i) != original.get(i)) {
        floats += values.get(i).parameterFloats();
      }
    }
    return floats * Float.BYTES + prepared.stream().mapToLong(PreparedWeights::bytes).sum();
  }
}
