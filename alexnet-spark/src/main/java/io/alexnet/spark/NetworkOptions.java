package io.alexnet.spark;

import io.alexnet.graph.Graph;

/** What a named network's graph is made from; it travels with any of Spark's serialisers. */
final class NetworkOptions implements GraphSource {

  private static final long serialVersionUID = 1L;

  private final String network;
  private final int imageSize;
  private final int classes;
  private final float dropout;

  NetworkOptions(String network, int imageSize, int classes, double dropout) {
    this.network = network;
    this.imageSize = imageSize;
    this.classes = classes;
    this.dropout = (float) dropout;
  }

  @Override
  public Graph graph() {
    return ParamValues.parse(ZooNetwork.class, network).graph(imageSize, classes, dropout);
  }
}
