package io.alexnet.format;

import io.alexnet.graph.Graph;
import io.alexnet.graph.Network;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.util.Map;

/**
 * What an ONNX file holds. Layers have the names of the file's nodes, or of their weights up to
 * {@code .weight} where these end so; parameters begin as zeros until the weights are loaded.
 *
 * @param weights for every name of {@link Network#state()} of a network of this graph its values
 * @param metadata the text beside the model ({@code metadata_props})
 */
public record OnnxModel(Graph graph, Map<String, Tensor> weights, Map<String, String> metadata) {

  /**
   * A network with the file's weights, on the best kernels and all processors; close it.
   *
   * @throws IllegalArgumentException if the weights are of another graph, as none that was read is
   */
  public Network network() {
    Network network = Network.builder(graph).skipInitialization().build();
    try {
      return load(network);
    } catch (Throwable t) {
      network.close(); // nobody else can
      throw t;
    }
  }

  /**
   * Copies the weights into a network of this {@link #graph()}, built with options of its own.
   *
   * @return the network
   * @throws IllegalArgumentException if names or shapes of the network's parameters and state are
   *     others, as of another graph; the network is as before then
   */
  public Network load(Network network) {
    Map<String, Tensor> state = network.state();
    state.forEach((name, values) -> requireSame(name, values.shape()));
    for (String name : weights.keySet()) {
      if (!state.containsKey(name)) {
        throw otherGraph("the network has no '%s', which the model has", name);
      }
    }
    state.forEach((name, values) -> values.copyFrom(weights.get(name)));
    network.weightsChanged();
    return network;
  }

  private void requireSame(String name, Shape shape) {
    Tensor values = weights.get(name);
    if (values == null) {
      throw otherGraph("the model has no '%s', which the network has", name);
    }
    if (!values.shape().equals(shape)) {
      throw otherGraph(
          "'%s' is %s in the model, but %s in the network", name, values.shape(), shape);
    }
  }

  private static IllegalArgumentException otherGraph(String format, Object... arguments) {
    return new IllegalArgumentException(format.formatted(arguments) + ": it is of another graph");
  }
}
