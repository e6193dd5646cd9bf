package io.alexnet.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.format.SafeTensors;
import io.alexnet.graph.Graph;
import io.alexnet.graph.Network;
import io.alexnet.init.Initializer;
import io.alexnet.kernels.Kernels;
import io.alexnet.kernels.Window;
import io.alexnet.layer.Activation;
import io.alexnet.layer.BatchNorm;
import io.alexnet.layer.Conv2d;
import io.alexnet.layer.Dense;
import io.alexnet.layer.Flatten;
import io.alexnet.layer.LocalResponseNorm;
import io.alexnet.layer.MaxPool2d;
import io.alexnet.layer.Parameter;
import io.alexnet.layer.ParameterOptions;
import io.alexnet.loss.Loss;
import io.alexnet.loss.SoftmaxCrossEntropy;
import io.alexnet.optim.Adam;
import io.alexnet.optim.Optimizer;
import io.alexnet.optim.Sgd;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Replays what PyTorch computed, in double, on two small networks: logits, every gradient, ten
 * losses and the trained network's logits. {@code src/test/python/golden_traces.py} wrote the
 * traces and defines the same networks.
 */
class GoldenTraceTest {

  /** Relative to the largest value of each tensor; measured: at most 3e-6, scalar and SIMD. */
  private static final double TOLERANCE = 1e-4;

  private static final ParameterOptions WEIGHT = ParameterOptions.of(Initializer.zeros());

  /** Caffe's and the paper's biases: twice the rate, no decay. */
  private static final ParameterOptions BIAS = WEIGHT.multipliers(2, 0);

  private static Graph alexNet() {
    var lrn = new LocalResponseNorm(5, 0.1f, 0.75f, 2);
    return Graph.of(Shape.of(3, 37, 37))
        .then("conv1", Conv2d.of(16, Window.square(7).stride(2)).weight(WEIGHT).bias(BIAS))
        .then("relu1", Activation.relu())
        .then("lrn1", lrn)
        .then("pool1", new MaxPool2d(Window.square(3).stride(2), true))
        .then(
            "conv2", Conv2d.of(24, Window.square(5).padding(2)).groups(2).weight(WEIGHT).bias(BIAS))
        .then("relu2", Activation.relu())
        .then("lrn2", lrn)
        .then("pool2", MaxPool2d.of(Window.square(3).stride(2)))
        .then("conv3", Conv2d.of(32, Window.square(3).padding(1)).weight(WEIGHT).bias(BIAS))
        .then("relu3", Activation.relu())
        .then(
            "conv4", Conv2d.of(24, Window.square(3).padding(1)).groups(2).weight(WEIGHT).bias(BIAS))
        .then("relu4", Activation.relu())
        .then("flatten", new Flatten())
        .then("fc5", Dense.of(24).weight(WEIGHT).bias(BIAS))
        .then("relu5", Activation.relu())
        .then("fc6", Dense.of(10).weight(WEIGHT).bias(BIAS))
        .build();
  }

  private static Graph batchNormNet() {
    return Graph.of(Shape.of(3, 23, 23))
        .then("conv1", Conv2d.of(12, Window.square(5).stride(2)))
        .then("relu1", Activation.relu())
        .then("pool1", MaxPool2d.of(Window.square(2).stride(2)))
        .then("bn1", BatchNorm.keras())
        .then("conv2", Conv2d.of(16, Window.square(3)))
        .then("relu2", Activation.relu())
        .then("bn2", BatchNorm.keras())
        .then("flatten", new Flatten())
        .then("fc3", Dense.of(32))
        .then("relu3", Activation.relu())
        .then("bn3", BatchNorm.keras())
        .then("fc4", Dense.of(5))
        .build();
  }

  @ParameterizedTest
  @CsvSource({"scalar, 1", "scalar, 2", "simd, 1", "simd, 2"})
  void alexNetWithSgd(String provider, int threads) throws Exception {
    Sgd sgd = Sgd.momentum(0.9f).weightDecay(5e-4f);
    replay("alexnet-sgd", alexNet(), sgd, 0.01f, kernels(provider), threads);
  }

  @ParameterizedTest
  @CsvSource({"scalar, 1", "scalar, 2", "simd, 1", "simd, 2"})
  void batchNormWithAdam(String provider, int threads) throws Exception {
    Adam adam = new Adam().epsilon(1e-7f);
    replay("batch-norm-adam", batchNormNet(), adam, 0.001f, kernels(provider), threads);
  }

  private static void replay(
      String name, Graph graph, Optimizer optimizer, float rate, Kernels kernels, int threads)
      throws Exception {
    Path file =
        Path.of(GoldenTraceTest.class.getResource("/golden/" + name + ".safetensors").toURI());
    try (SafeTensors trace = SafeTensors.open(file);
        Network network = Network.builder(graph).kernels(kernels).threads(threads).build()) {
      for (Parameter parameter : network.parameters()) {
        trace.read("initial." + parameter.name(), parameter.value());
      }
      Tensor images = trace.read("images");
      int[] labels = labels(trace.read("labels"));
      Tensor losses = trace.read("losses");

      int batch = labels.length;
      int classes = network.outputShape().dimension(0);
      Loss.Bound loss = new SoftmaxCrossEntropy().bind(kernels, network.team(), batch, classes);
      Optimizer.Bound update = optimizer.bind(network.parameters(), kernels, network.team());
      Tensor dLogits = Tensor.zeros(batch, classes);
      for (int step = 1; step <= losses.size(); step++) {
        Tensor logits = network.forward(images, step);
        double mean = loss.compute(logits, labels, 1f / batch, dLogits) / batch;
        assertEquals(1, mean / losses.get(step - 1), TOLERANCE, "loss of step " + step);
        if (step == 1) {
          assertClose("logits", trace.read("logits"), logits);
        }
        network.backward(dLogits, false);
        if (step == 1) {
          for (Parameter parameter : network.parameters()) {
            assertClose(
                "gradient of " + parameter.name(),
                trace.read("gradient." + parameter.name()),
                parameter.gradient());
          }
        }
        update.update(step, rate, 1);
      }
      assertClose("trained logits", trace.read("trained.logits"), network.infer(images));
    }
  }

  private static void assertClose(String what, Tensor expected, Tensor actual) {
    assertEquals(expected.shape(), actual.shape(), what);
    float[] right = expected.toArray();
    float[] ours = actual.toArray();
    double largest = 0;
    double error = 0;
    for (int i = 0; i < right.length; i++) {
      largest = Math.max(largest, Math.abs(right[i]));
      error = Math.max(error, Math.abs(right[i] - ours[i]));
    }
    assertTrue(error <= TOLERANCE * largest, what + ": relative error " + error / largest);
  }

  private static int[] labels(Tensor stored) {
    int[] labels = new int[stored.size()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = (int) stored.get(i);
    }
    return labels;
  }

  private static Kernels kernels(String provider) {
    return provider.equals("simd") ? Kernels.simd() : Kernels.scalar();
  }
}
