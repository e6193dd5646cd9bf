package io.alexnet.graph;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.alexnet.init.Initializer;
import io.alexnet.kernels.Kernels;
import io.alexnet.layer.Parameter;
import io.alexnet.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Compares a graph's gradients, by its images and by every parameter, with central differences of
 * the loss L = Σ r·y for random r, summed in double.
 *
 * <p>A difference that spans a kink (of a ReLU, or where a maximum changes hands) says nothing
 * about the gradient. So smaller steps are tried where a larger one disagrees, down to where
 * rounding drowns the difference; and an element is skipped if the differences to its two sides
 * disagree at every step. The check fails if more than a tenth are skipped.
 */
final class GradientCheck {

  private static final int SAMPLES = 30;
  private static final float[] STEPS = {4e-3f, 1e-3f, 2.5e-4f};
  private static final double TOLERANCE = 1e-2;

  private final Graph graph;
  private final int batch;
  private Kernels kernels = Kernels.scalar();
  private String[] frozen = {};

  /** A few times what the terms' roundings to float add up to, if they are independent. */
  private double rounding;

  private GradientCheck(Graph graph, int batch) {
    this.graph = graph;
    this.batch = batch;
  }

  static GradientCheck of(Graph graph, int batch) {
    return new GradientCheck(graph, batch);
  }

  GradientCheck kernels(Kernels kernels) {
    this.kernels = kernels;
    return this;
  }

  /** The parameters that these patterns pick: their gradients are not looked at. */
  GradientCheck freeze(String... patterns) {
    this.frozen = patterns;
    return this;
  }

  void run() {
    RandomGenerator random = Initializer.stream(7, "gradient check");
    try (Network network =
        Network.builder(graph).seed(3).threads(1).kernels(kernels).inputGradient(true).build()) {
      // Biases, γ and β away from their zeros and ones, where some mistakes would not show.
      for (Parameter parameter : network.parameters()) {
        if (parameter.value().shape().rank() == 1) {
          addNoise(parameter.value(), 0.3, random);
        }
      }
      // A frozen batch norm goes by them; at 0 and 1 some mistakes would not show.
      network
          .state()
          .forEach(
              (name, tensor) -> {
                if (name.endsWith(".running_mean")) {
                  tensor.fill(0.7f);
                } else if (name.endsWith(".running_var")) {
                  tensor.fill(2);
                }
              });
      network.freeze(frozen);
      Tensor images = Tensor.zeros(graph.inputShape().prepend(batch));
      addNoise(images, 1, random);
      Tensor r = Tensor.zeros(graph.outputShape().prepend(batch));
      addNoise(r, 1, random);

      network.forward(images, 1);
      network.backward(r, false);
      Map<String, Tensor> values = new LinkedHashMap<>();
      Map<String, float[]> gradients = new LinkedHashMap<>();
      values.put("images", images);
      gradients.put("images", network.inputGradient().toArray());
      for (Parameter parameter : network.parameters()) {
        if (parameter.trainable()) {
          values.put(parameter.name(), parameter.value());
          gradients.put(parameter.name(), parameter.gradient().toArray());
        }
      }
      values.forEach((name, value) -> check(network, images, r, name, value, gradients.get(name)));
    }
  }

  private void check(
      Network network, Tensor images, Tensor r, String name, Tensor value, float[] gradient) {
    double squares = 0;
    for (float g : gradient) {
      squares += (double) g * g;
    }
    double scale = Math.sqrt(squares / gradient.length);
    int stride = Math.max(1, value.size() / SAMPLES);
    int tried = 0;
    int skipped = 0;
    for (int i = 0; i < value.size(); i += stride) {
      tried++;
      boolean smooth = false;
      boolean agrees = false;
      String differences = "";
      for (int k = 0; k < STEPS.length && !agrees; k++) {
        Sides sides = sides(network, images, r, value, i, STEPS[k]);
        double relative = TOLERANCE * (Math.abs(sides.middle()) + scale);
        double noise = rounding / STEPS[k];
        smooth |= Math.abs(sides.above - sides.below) < relative / 2 + 2 * noise;
        agrees = Math.abs(sides.middle() - gradient[i]) < relative + noise;
        differences += " " + (float) sides.middle();
      }
      if (!agrees && smooth) {
        fail(
            "%s: gradient of %s[%d] is %s, by differences%s"
                .formatted(kernels.name(), name, i, gradient[i], differences));
      }
      skipped += agrees ? 0 : 1;
    }
    int kinks = skipped;
    int all = tried;
    assertTrue(
        skipped <= Math.max(1, tried / 10),
        () -> name + ": " + kinks + " of " + all + " skipped as kinks");
  }

  /** The difference quotients on either side of an element. */
  private record Sides(double above, double below) {
    double middle() {
      return (above + below) / 2;
    }
  }

  private Sides sides(
      Network network, Tensor images, Tensor r, Tensor value, int index, float step) {
    float[] array = value.array();
    int at = value.offset() + index;
    float old = array[at];
    double here = loss(network, images, r);
    array[at] = old + step;
    double above = (loss(network, images, r) - here) / (array[at] - (double) old);
    array[at] = old - step;
    double below = (here - loss(network, images, r)) / (old - (double) array[at]);
    array[at] = old;
    return new Sides(above, below);
  }

  private double loss(Network network, Tensor images, Tensor r) {
    Tensor y = network.forward(images, 1);
    double loss = 0;
    double squares = 0;
    for (int i = 0; i < y.size(); i++) {
      double term = (double) y.array()[y.offset() + i] * r.array()[i];
      loss += term;
      squares += term * term;
    }
    rounding = 8 * Math.scalb(Math.sqrt(squares), -24);
    return loss;
  }

  private static void addNoise(Tensor tensor, double deviation, RandomGenerator random) {
    for (int i = 0; i < tensor.size(); i++) {
      tensor.array()[tensor.offset() + i] += (float) (deviation * random.nextGaussian());
    }
  }
}
