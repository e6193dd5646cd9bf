package io.alexnet.format;

import io.alexnet.graph.Graph;
import io.alexnet.graph.Network;
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

  /** A network with the file's weights, on the best kernels and all processors; close it. */
  public Network network() {
    return load(Network.builder(graph).build());
  }

  /**
   * Copies the weights into a network of this {@link #graph()}, built with options of its own.
   *
   * @return the network
   */
  public Network load(Network network) {
    network.state().forEach((name, values) -> values.copyFrom(weights.get(name)));
    if (network.weightsConstant()) {
      network.weightsConstant(true); // these from now on, not what was kept of the former
    }
    return network;
  }
}
