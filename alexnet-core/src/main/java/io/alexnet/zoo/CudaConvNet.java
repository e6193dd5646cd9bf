package io.alexnet.zoo;

import io.alexnet.graph.Graph;
import io.alexnet.graph.Network;
import io.alexnet.init.Initializer;
import io.alexnet.kernels.Window;
import io.alexnet.layer.Activation;
import io.alexnet.layer.AveragePool2d;
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
 * Networks for CIFAR-10 after those that came with cuda-convnet, the program that AlexNet was
 * trained with: 5×5 convolutions, overlapping pools that count a last, partial window, local
 * response normalisation of 9 channels (α = 10⁻³, β = ¾, k = 1) and a single dense layer. Choose
 * one, set options, then take its {@link #graph()} or {@link #build} a network with fresh
 * parameters. The output is the logits.
 *
 * <p>Unless set otherwise, weights are He-normal and biases 0: cuda-convnet's Gaussians of
 * deviation 10⁻⁴ take many epochs to grow.
 */
public final class CudaConvNet {

  private static final LocalResponseNorm NORM = new LocalResponseNorm(9, 1e-3f, 0.75f, 1);

  private final boolean fiveLayers;
  private final int channels;
  private final int imageSize;
  private int classes = 10;
  private Activation activation = Activation.relu();
  private Initializer initializer = Initializer.heNormal();
  private boolean lrn = true;
  private boolean overlappingPools = true;
  private float dropout;

  private CudaConvNet(boolean fiveLayers, int channels, int imageSize) {
    this.fiveLayers = fiveLayers;
    this.channels = channels;
    this.imageSize = imageSize;
  }

  /**
   * Four layers with weights, after {@code layers-18pct.cfg}: convolutions of 32, 32 and 64 filters
   * of 5×5, a maximum and two average pools. There normalisation is within a channel, over 3×3
   * places; here it is across channels, as AlexNet's.
   *
   * @param imageSize height and width of the images in pixels
   */
  public static CudaConvNet fourLayers(int channels, int imageSize) {
    return new CudaConvNet(false, channels, imageSize);
  }

  /**
   * Five layers with weights, after {@code layers-conv-local-11pct.cfg}: two convolutions of 64
   * filters of 5×5, each with a maximum pool, and two of 3×3 before the classes. There the last two
   * have weights for each place, of 64 and 32 filters; here weights are shared, of 128 filters
   * each.
   *
   * @param imageSize height and width of the images in pixels
   */
  public static CudaConvNet fiveLayers(int channels, int imageSize) {
    return new CudaConvNet(true, channels, imageSize);
  }

  /** Outputs of the last layer; 10 unless set. */
  public CudaConvNet classes(int classes) {
    this.classes = classes;
    return this;
  }

  /** Behind every convolution; ReLU unless set. */
  public CudaConvNet activation(Activation activation) {
    this.activation = activation;
    return this;
  }

  /** Whether there is local response normalisation, beside the first two pools; there is. */
  public CudaConvNet lrn(boolean lrn) {
    this.lrn = lrn;
    return this;
  }

  /** Whether pools are of 3×3, as they are unless set, or of 2×2; both move by 2. */
  public CudaConvNet overlappingPools(boolean overlapping) {
    this.overlappingPools = overlapping;
    return this;
  }

  /** Of all weights; biases begin at 0. */
  public CudaConvNet initializer(Initializer initializer) {
    this.initializer = initializer;
    return this;
  }

  /**
   * Share of elements dropped before the dense layer, 0 ≤ rate &lt; 1; at 0, as it is unless set,
   * there is no layer.
   */
  public CudaConvNet dropout(float rate) {
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
    Graph.Builder b = Graph.of(Shape.of(channels, imageSize, imageSize));
    return fiveLayers ? fiveLayers(b) : fourLayers(b);
  }

  private Graph fourLayers(Graph.Builder b) {
    convolve(b, 1, 32, Window.square(5).padding(2));
    b.then("pool1", maximum());
    normalise(b, 1);
    convolve(b, 2, 32, Window.square(5).padding(2));
    b.then("pool2", average());
    normalise(b, 2);
    convolve(b, 3, 64, Window.square(5).padding(2));
    b.then("pool3", average());
    return classify(b, 4);
  }

  private Graph fiveLayers(Graph.Builder b) {
    convolve(b, 1, 64, Window.square(5).padding(2));
    b.then("pool1", maximum());
    normalise(b, 1);
    convolve(b, 2, 64, Window.square(5).padding(2));
    normalise(b, 2);
    b.then("pool2", maximum());
    convolve(b, 3, 128, Window.square(3).padding(1));
    convolve(b, 4, 128, Window.square(3).padding(1));
    return classify(b, 5);
  }

  private void convolve(Graph.Builder b, int number, int filters, Window window) {
    b.then("conv" + number, Conv2d.of(filters, window).weight(ParameterOptions.of(initializer)));
    b.then(activation.type().toLowerCase(Locale.ROOT) + number, activation);
  }

  private MaxPool2d maximum() {
    return new MaxPool2d(pool(), true);
  }

  private AveragePool2d average() {
    return new AveragePool2d(pool(), true, false);
  }

  private Window pool() {
    return Window.square(overlappingPools ? 3 : 2).stride(2);
  }

  private void normalise(Graph.Builder b, int number) {
    if (lrn) {
      b.then("norm" + number, NORM);
    }
  }

  private Graph classify(Graph.Builder b, int number) {
    b.then("flatten", new Flatten());
    if (dropout != 0) {
      b.then("drop" + number, new Dropout(dropout));
    }
    return b.then("fc" + number, Dense.of(classes).weight(ParameterOptions.of(initializer)))
        .build();
  }
}
