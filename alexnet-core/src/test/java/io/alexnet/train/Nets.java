package io.alexnet.train;

import io.alexnet.graph.Graph;
import io.alexnet.graph.Network;
import io.alexnet.kernels.Window;
import io.alexnet.layer.Activation;
import io.alexnet.layer.BatchNorm;
import io.alexnet.layer.Conv2d;
import io.alexnet.layer.Dense;
import io.alexnet.layer.Dropout;
import io.alexnet.layer.Flatten;
import io.alexnet.layer.LocalResponseNorm;
import io.alexnet.layer.MaxPool2d;
import io.alexnet.tensor.Shape;

/** The nets of these tests: an AlexNet in miniature, and the least there is. */
final class Nets {

  static final Shape IMAGE = Shape.of(3, 16, 16);
  static final int CLASSES = 6;

  private Nets() {}

  /** LRN, groups, overlapping pools, batch norm and dropout. */
  static Network alexNet(int threads, long seed) {
    return network(alexNet(), threads, seed);
  }

  static Network network(Graph graph, int threads, long seed) {
    return Network.builder(graph).threads(threads).seed(seed).build();
  }

  static Graph alexNet() {
    Window three = Window.square(3);
    return Graph.of(IMAGE)
        .then("conv1", Conv2d.of(8, three.padding(1)))
        .then("relu1", Activation.relu())
        .then("norm1", LocalResponseNorm.paper())
        .then("pool1", MaxPool2d.of(three.stride(2)))
        .then("conv2", Conv2d.of(12, three.padding(1)).groups(2))
        .then("bn2", BatchNorm.keras())
        .then("relu2", Activation.relu())
        .then("pool2", MaxPool2d.of(three.stride(2)))
        .then("flatten", new Flatten())
        .then("drop3", new Dropout(0.5f))
        .then("fc3", Dense.of(24))
        .then("relu3", Activation.relu())
        .then("fc4", Dense.of(CLASSES))
        .build();
  }

  /** Without anything random or across examples: for exact comparisons. */
  static Network dense(int outputs) {
    return network(
        Graph.of(IMAGE).then("flatten", new Flatten()).then("fc", Dense.of(outputs)).build(), 1, 1);
  }
}
