package io.alexnet.zoo;

import io.alexnet.graph.Graph;
import io.alexnet.graph.Network;
import io.alexnet.init.Initializer;
import io.alexnet.kernels.Window;
import io.alexnet.layer.Activation;
import io.alexnet.layer.Conv2d;
import io.alexnet.layer.Dense;
import io.alexnet.layer.Dropout;
import io.alexnet.layer.Flatten;
import io.alexnet.layer.LocalResponseNorm;
import io.alexnet.layer.MaxPool2d;
import io.alexnet.layer.ParameterOptions;
import io.alexnet.tensor.Shape;

/**
 * AlexNet's plan on small images, as of Fashion-MNIST (28×28) and CIFAR-10 (32×32): convolution,
 * ReLU, local response normalisation and overlapping pool twice, two 3×3 convolutions and a pool,
 * then dense layers with dropout. He-normal weights, so that no warm-up is needed at this depth.
 */
public final class SmallAlexNet {

  private final int channels;
  private final int inputSize;
  private int classes = 10;
  private float dropout = 0.5f;

  private SmallAlexNet(int channels, int inputSize) {
    this.channels = channels;
    this.inputSize = inputSize;
  }

  /** For images of this many channels and pixels in height and width, at least 13. */
  public static SmallAlexNet of(int channels, int inputSize) {
    return new SmallAlexNet(channels, inputSize);
  }

  /** Outputs of the last layer; 10 unless set. */
  public SmallAlexNet classes(int classes) {
    this.classes = classes;
    return this;
  }

  /** Share of elements dropped before the last layer, 0 ≤ rate &lt; 1; 0.5 unless set. */
  public SmallAlexNet dropout(float rate) {
    this.dropout = rate;
    return this;
  }

  /** A network of this graph on the best kernels and all processors. */
  public Network build(long seed) {
    return Network.of(graph(), seed);
  }

  /**
   * The layers.
   *
   * @throws IllegalArgumentException if the images are too small; the message names the layer
   */
  public Graph graph() {
    Window overlapping = Window.square(3).stride(2);
    return Graph.of(Shape.of(channels, inputSize, inputSize))
        .then("conv1", conv(32, Window.square(5).padding(2)))
        .then("relu1", Activation.relu())
        .then("norm1", LocalResponseNorm.paper())
        .then("pool1", MaxPool2d.of(overlapping))
        .then("conv2", conv(64, Window.square(5).padding(2)))
        .then("relu2", Activation.relu())
        .then("norm2", LocalResponseNorm.paper())
        .then("pool2", MaxPool2d.of(overlapping))
        .then("conv3", conv(128, Window.square(3).padding(1)))
        .then("relu3", Activation.relu())
        .then("conv4", conv(128, Window.square(3).padding(1)))
        .then("relu4", Activation.relu())
        .then("pool4", MaxPool2d.of(Window.square(2).stride(2)))
        .then("flatten", new Flatten())
        .then("fc5", dense(256))
        .then("relu5", Activation.relu())
        .then("drop5", new Dropout(dropout))
        .then("fc6", dense(classes))
        .build();
  }

  private static Conv2d conv(int filters, Window window) {
    return Conv2d.of(filters, window).weight(ParameterOptions.of(Initializer.heNormal()));
  }

  private static Dense dense(int outputs) {
    return Dense.of(outputs).weight(ParameterOptions.of(Initializer.heNormal()));
  }
}
