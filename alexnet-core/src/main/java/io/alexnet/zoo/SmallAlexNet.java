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
import java.util.Locale;

/**
 * AlexNet's plan on small images, as of Fashion-MNIST (28×28) and CIFAR-10 (32×32): convolution,
 * ReLU, local response normalisation and overlapping pool twice, two 3×3 convolutions and a pool,
 * then dense layers with dropout. Unless set otherwise, weights are He-normal, so that no warm-up
 * is needed at this depth.
 */
public final class SmallAlexNet {

  private final int channels;
  private final int imageSize;
  private int classes = 10;
  private Activation activation = Activation.relu();
  private Initializer initializer = Initializer.heNormal();
  private boolean lrn = true;
  private boolean overlappingPools = true;
  private float dropout = 0.5f;

  private SmallAlexNet(int channels, int imageSize) {
    this.channels = channels;
    this.imageSize = imageSize;
  }

  /**
   * For images of this many channels and pixels in height and width: at least 11, or 8 if pools do
   * not overlap.
   */
  public static SmallAlexNet of(int channels, int imageSize) {
    return new SmallAlexNet(channels, imageSize);
  }

  /** Outputs of the last layer; 10 unless set. */
  public SmallAlexNet classes(int classes) {
    this.classes = classes;
    return this;
  }

  /** Behind every convolution and the hidden dense layer; ReLU unless set. */
  public SmallAlexNet activation(Activation activation) {
    this.activation = activation;
    return this;
  }

  /** Whether local response normalisation follows the first two activations; it does unless set. */
  public SmallAlexNet lrn(boolean lrn) {
    this.lrn = lrn;
    return this;
  }

  /**
   * Whether the first two pools are of 3×3, as they are unless set, or of 2×2; both move by 2. The
   * third is of 2×2: behind it images of 28 pixels are 3×3, of which another would leave one.
   */
  public SmallAlexNet overlappingPools(boolean overlapping) {
    this.overlappingPools = overlapping;
    return this;
  }

  /** Of all weights; biases begin at 0. */
  public SmallAlexNet initializer(Initializer initializer) {
    this.initializer = initializer;
    return this;
  }

  /**
   * Share of elements dropped before the last layer, 0 ≤ rate &lt; 1, 0 for none; 0.5 unless set.
   */
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
   * @throws IllegalArgumentException if an option is out of range or the images are too small; the
   *     message names the layer
   */
  public Graph graph() {
    Window pool = Window.square(overlappingPools ? 3 : 2).stride(2);
    Graph.Builder b = Graph.of(Shape.of(channels, imageSize, imageSize));
    b.then("conv1", conv(32, Window.square(5).padding(2)));
    activate(b, 1);
    normalise(b, 1);
    b.then("pool1", MaxPool2d.of(pool));
    b.then("conv2", conv(64, Window.square(5).padding(2)));
    activate(b, 2);
    normalise(b, 2);
    b.then("pool2", MaxPool2d.of(pool));
    b.then("conv3", conv(128, Window.square(3).padding(1)));
    activate(b, 3);
    b.then("conv4", conv(128, Window.square(3).padding(1)));
    activate(b, 4);
    b.then("pool4", MaxPool2d.of(Window.square(2).stride(2)));
    b.then("flatten", new Flatten());
    b.then("fc5", dense(256));
    activate(b, 5);
    if (dropout != 0) {
      b.then("drop5", new Dropout(dropout));
    }
    return b.then("fc6", dense(classes)).build();
  }

  private void activate(Graph.Builder b, int number) {
    b.then(activation.type().toLowerCase(Locale.ROOT) + number, activation);
  }

  private void normalise(Graph.Builder b, int number) {
    if (lrn) {
      b.then("norm" + number, LocalResponseNorm.paper());
    }
  }

  private Conv2d conv(int filters, Window window) {
    return Conv2d.of(filters, window).weight(ParameterOptions.of(initializer));
  }

  private Dense dense(int outputs) {
    return Dense.of(outputs).weight(ParameterOptions.of(initializer));
  }
}
