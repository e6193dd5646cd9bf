package io.alexnet.zoo;

import io.alexnet.graph.Graph;
import io.alexnet.graph.Network;
import io.alexnet.init.Initializer;
import io.alexnet.kernels.Window;
import io.alexnet.layer.Activation;
import io.alexnet.layer.AdaptiveAveragePool2d;
import io.alexnet.layer.BatchNorm;
import io.alexnet.layer.Conv2d;
import io.alexnet.layer.Dense;
import io.alexnet.layer.Dropout;
import io.alexnet.layer.Flatten;
import io.alexnet.layer.Layer;
import io.alexnet.layer.LocalResponseNorm;
import io.alexnet.layer.MaxPool2d;
import io.alexnet.layer.ParameterOptions;
import io.alexnet.tensor.Shape;
import java.util.Locale;
import java.util.Map;

/**
 * AlexNet (Krizhevsky, Sutskever and Hinton, "ImageNet Classification with Deep Convolutional
 * Neural Networks", 2012) and the variants in use. Choose one, set options, then take its {@link
 * #graph()} or {@link #build} a network with fresh parameters. The output is the logits; the loss,
 * or the user, puts the softmax behind it.
 *
 * <p>Parameters with 1000 classes: {@link #paper()} 60,965,224, {@link #ungrouped()} 62,378,344,
 * {@link #torchvision()} 61,100,840; {@link #kerasBatchNorm()} 28,096,769 with 17.
 */
public final class AlexNet {

  private enum Variant {
    PAPER,
    UNGROUPED,
    TORCHVISION,
    KERAS_BATCH_NORM
  }

  private static final int LARGEST_HINT = 1024;

  private final Variant variant;
  private int imageSize;
  private int channels = 3;
  private int classes = 1000;
  private Activation activation = Activation.relu();
  private boolean lrn;
  private boolean overlappingPools;
  private boolean poolRoundsUp;
  private float dropout;
  private Initializer initializer;

  private AlexNet(Variant variant, int imageSize, boolean lrn, float dropout) {
    this.variant = variant;
    this.imageSize = imageSize;
    this.lrn = lrn;
    this.overlappingPools = variant != Variant.KERAS_BATCH_NORM;
    this.dropout = dropout;
  }

  /**
   * The paper's network on one machine: 227×227 images, convolutions 2, 4 and 5 in two groups (the
   * paper's two GPUs), local response normalisation, overlapping pools, dropout 0.5. Weights from a
   * Gaussian of deviation 0.01 (0.005 in fc6 and fc7, as in Caffe); biases 0 in conv1, conv3 and
   * fc8, else 0.1 (the paper says 1; Caffe found that training then stalls). Biases learn at twice
   * the rate and do not decay.
   *
   * <p>The weights are for ImageNet's million images: with a thousand, in batches of 32 and at a
   * rate of 0.01, training stays where it begins for twenty epochs; with {@link
   * Initializer#heNormal()} for one.
   */
  public static AlexNet paper() {
    return new AlexNet(Variant.PAPER, 227, true, 0.5f);
  }

  /** {@link #paper()} with every convolution in one group. */
  public static AlexNet ungrouped() {
    return new AlexNet(Variant.UNGROUPED, 227, true, 0.5f);
  }

  /**
   * Torchvision's, after Krizhevsky's "One weird trick for parallelizing convolutional neural
   * networks" (2014): 224×224 images, 64-192-384-256-256 filters, no normalisation, an adaptive
   * average pool to 6×6, dropout 0.5 before fc6 and fc7, PyTorch's default initialisation.
   */
  public static AlexNet torchvision() {
    return new AlexNet(Variant.TORCHVISION, 224, false, 0.5f);
  }

  /**
   * By the names that torchvision's own state dict has for them, the layers of {@link
   * #torchvision()}: {@code features.0} is {@code conv1}, {@code classifier.6} is {@code fc8}. Both
   * keep weights in the same order, (outputs, inputs, height, width) and (outputs, inputs).
   */
  public static Map<String, String> torchvisionNames() {
    return Map.of(
        "features.0", "conv1",
        "features.3", "conv2",
        "features.6", "conv3",
        "features.8", "conv4",
        "features.10", "conv5",
        "classifier.1", "fc6",
        "classifier.4", "fc7",
        "classifier.6", "fc8");
  }

  /**
   * The Keras variant known from tutorials on Oxford Flowers-17: 224×224 images, no padding, batch
   * norm behind every pool or activation and behind dropout 0.4, a second convolution of 11×11, and
   * a dense layer of 1000 before the classes. Glorot-uniform weights and biases of zeros.
   */
  public static AlexNet kerasBatchNorm() {
    return new AlexNet(Variant.KERAS_BATCH_NORM, 224, false, 0.4f);
  }

  /** Outputs of the last layer; 1000 unless set. */
  public AlexNet classes(int classes) {
    this.classes = classes;
    return this;
  }

  /** Behind every convolution and hidden dense layer; ReLU unless set. */
  public AlexNet activation(Activation activation) {
    this.activation = activation;
    return this;
  }

  /** Height and width of the images in pixels. */
  public AlexNet imageSize(int pixels) {
    this.imageSize = pixels;
    return this;
  }

  /** Channels of the images; 3 unless set. */
  public AlexNet channels(int channels) {
    this.channels = channels;
    return this;
  }

  /**
   * Whether local response normalisation follows the first two convolutions' activations. Without
   * it signals are larger: with He's weights and momentum 0.9 a rate of 0.01 lets ReLUs die, and
   * 0.003 does not.
   */
  public AlexNet lrn(boolean lrn) {
    this.lrn = lrn;
    return this;
  }

  /** Share of elements dropped, 0 ≤ rate &lt; 1; at 0 the dropout layers are left out. */
  public AlexNet dropout(float rate) {
    this.dropout = rate;
    return this;
  }

  /**
   * Whether pools are of 3×3, and so overlap (the paper's section 3.4), or of 2×2; both move by 2.
   * They overlap unless set, but in the Keras variant.
   */
  public AlexNet overlappingPools(boolean overlapping) {
    this.overlappingPools = overlapping;
    return this;
  }

  /** Whether pools count a last, partial window, as Caffe's do; matters at unusual sizes only. */
  public AlexNet poolRoundsUp(boolean roundsUp) {
    this.poolRoundsUp = roundsUp;
    return this;
  }

  /** Of all weights, in place of the variant's own; biases stay as they are. */
  public AlexNet initializer(Initializer initializer) {
    this.initializer = initializer;
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
   *     message names the layer that they are too small for and the smallest size that works
   */
  public Graph graph() {
    try {
      return graph(imageSize);
    } catch (IllegalArgumentException e) {
      int next = Math.max(0, Math.min(imageSize, LARGEST_HINT)) + 1;
      for (int larger = next; larger <= LARGEST_HINT; larger++) {
        if (fits(larger)) {
          throw new IllegalArgumentException(
              "images of %d×%d are too small for this network, it takes %d×%d or more: %s"
                  .formatted(imageSize, imageSize, larger, larger, e.getMessage()),
              e);
        }
      }
      throw e;
    }
  }

  private boolean fits(int size) {
    try {
      graph(size);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private Graph graph(int size) {
    Graph.Builder b = Graph.of(Shape.of(channels, size, size));
    return switch (variant) {
      case PAPER -> paper(b, 2);
      case UNGROUPED -> paper(b, 1);
      case TORCHVISION -> torchvision(b);
      case KERAS_BATCH_NORM -> kerasBatchNorm(b);
    };
  }

  private Graph paper(Graph.Builder b, int groups) {
    b.then("conv1", paperConv(96, Window.square(11).stride(4), 1, 0));
    activate(b, 1);
    normalise(b, 1);
    pool(b, "pool1");
    b.then("conv2", paperConv(256, Window.square(5).padding(2), groups, 0.1f));
    activate(b, 2);
    normalise(b, 2);
    pool(b, "pool2");
    b.then("conv3", paperConv(384, Window.square(3).padding(1), 1, 0));
    activate(b, 3);
    b.then("conv4", paperConv(384, Window.square(3).padding(1), groups, 0.1f));
    activate(b, 4);
    b.then("conv5", paperConv(256, Window.square(3).padding(1), groups, 0.1f));
    activate(b, 5);
    pool(b, "pool5");
    b.then("flatten", new Flatten());
    b.then("fc6", paperDense(4096, 0.005f, 0.1f));
    activate(b, 6);
    drop(b, 6);
    b.then("fc7", paperDense(4096, 0.005f, 0.1f));
    activate(b, 7);
    drop(b, 7);
    return b.then("fc8", paperDense(classes, 0.01f, 0)).build();
  }

  private Graph torchvision(Graph.Builder b) {
    b.then("conv1", torchConv(64, Window.square(11).stride(4).padding(2)));
    activate(b, 1);
    normalise(b, 1);
    pool(b, "pool1");
    b.then("conv2", torchConv(192, Window.square(5).padding(2)));
    activate(b, 2);
    normalise(b, 2);
    pool(b, "pool2");
    b.then("conv3", torchConv(384, Window.square(3).padding(1)));
    activate(b, 3);
    b.then("conv4", torchConv(256, Window.square(3).padding(1)));
    activate(b, 4);
    b.then("conv5", torchConv(256, Window.square(3).padding(1)));
    activate(b, 5);
    pool(b, "pool5");
    b.then("avgpool", new AdaptiveAveragePool2d(6, 6));
    b.then("flatten", new Flatten());
    drop(b, 6);
    b.then("fc6", torchDense(4096));
    activate(b, 6);
    drop(b, 7);
    b.then("fc7", torchDense(4096));
    activate(b, 7);
    return b.then("fc8", torchDense(classes)).build();
  }

  private Graph kerasBatchNorm(Graph.Builder b) {
    b.then("conv1", kerasConv(96, Window.square(11).stride(4)));
    activate(b, 1);
    normalise(b, 1);
    pool(b, "pool1");
    b.then("bn1", BatchNorm.keras());
    b.then("conv2", kerasConv(256, Window.square(11)));
    activate(b, 2);
    normalise(b, 2);
    pool(b, "pool2");
    b.then("bn2", BatchNorm.keras());
    b.then("conv3", kerasConv(384, Window.square(3)));
    activate(b, 3);
    b.then("bn3", BatchNorm.keras());
    b.then("conv4", kerasConv(384, Window.square(3)));
    activate(b, 4);
    b.then("bn4", BatchNorm.keras());
    b.then("conv5", kerasConv(256, Window.square(3)));
    activate(b, 5);
    pool(b, "pool5");
    b.then("bn5", BatchNorm.keras());
    b.then("flatten", new Flatten());
    int[] hidden = {4096, 4096, 1000};
    for (int i = 0; i < hidden.length; i++) {
      int number = 6 + i;
      b.then("fc" + number, kerasDense(hidden[i]));
      activate(b, number);
      drop(b, number);
      b.then("bn" + number, BatchNorm.keras());
    }
    return b.then("fc9", kerasDense(classes)).build();
  }

  private void activate(Graph.Builder b, int number) {
    b.then(activation.type().toLowerCase(Locale.ROOT) + number, activation);
  }

  private void normalise(Graph.Builder b, int number) {
    if (lrn) {
      b.then("norm" + number, LocalResponseNorm.paper());
    }
  }

  private void pool(Graph.Builder b, String name) {
    Window window = Window.square(overlappingPools ? 3 : 2).stride(2);
    b.then(name, new MaxPool2d(window, poolRoundsUp));
  }

  private void drop(Graph.Builder b, int number) {
    if (dropout != 0) {
      b.then("drop" + number, new Dropout(dropout));
    }
  }

  private Layer paperConv(int filters, Window window, int groups, float bias) {
    return Conv2d.of(filters, window)
        .groups(groups)
        .weight(weight(Initializer.gaussian(0.01f)))
        .bias(paperBias(bias));
  }

  private Layer paperDense(int outputs, float deviation, float bias) {
    return Dense.of(outputs).weight(weight(Initializer.gaussian(deviation))).bias(paperBias(bias));
  }

  private static ParameterOptions paperBias(float value) {
    return ParameterOptions.of(Initializer.constant(value)).multipliers(2, 0);
  }

  private Layer torchConv(int filters, Window window) {
    return Conv2d.of(filters, window)
        .weight(weight(Initializer.fanInUniform()))
        .bias(ParameterOptions.of(Initializer.fanInUniform()));
  }

  private Layer torchDense(int outputs) {
    return Dense.of(outputs)
        .weight(weight(Initializer.fanInUniform()))
        .bias(ParameterOptions.of(Initializer.fanInUniform()));
  }

  private Layer kerasConv(int filters, Window window) {
    return Conv2d.of(filters, window).weight(weight(Initializer.glorotUniform()));
  }

  private Layer kerasDense(int outputs) {
    return Dense.of(outputs).weight(weight(Initializer.glorotUniform()));
  }

  private ParameterOptions weight(Initializer own) {
    return ParameterOptions.of(initializer == null ? own : initializer);
  }
}
