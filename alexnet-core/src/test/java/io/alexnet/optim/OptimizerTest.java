package io.alexnet.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.alexnet.init.Constant;
import io.alexnet.kernels.Kernels;
import io.alexnet.kernels.ThreadTeam;
import io.alexnet.layer.Parameter;
import io.alexnet.layer.ParameterOptions;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Trajectories of twenty steps against the formulas in double. */
class OptimizerTest {

  private static final int STEPS = 20;
  private static final float SCALE = 0.5f;

  private final Random random = new Random(3);
  private final ThreadTeam team = new ThreadTeam(1);
  private final Parameter weight = parameter("w", 13, ParameterOptions.of(new Constant(0)));
  private final Parameter bias =
      parameter("b", 3, ParameterOptions.of(new Constant(0)).multipliers(2, 0));
  private final List<Parameter> parameters = List.of(weight, bias);

  private Parameter parameter(String name, int size, ParameterOptions options) {
    Tensor value = Tensor.of(new float[size + 2], 2, Shape.of(size));
    randomise(value);
    return new Parameter(name, value, options);
  }

  private void randomise(Tensor tensor) {
    for (int i = 0; i < tensor.size(); i++) {
      tensor.set((float) random.nextGaussian(), i);
    }
  }

  private static float rate(int step) {
    return step < 10 ? 0.1f : 0.01f; // momentum must carry the old rate on: Caffe's form
  }

  @ParameterizedTest
  @CsvSource({"0, 0, false", "0.9, 0, false", "0.9, 0.05, false", "0.9, 0.05, true"})
  void sgd(float momentum, float decay, boolean nesterov) {
    Optimizer.Bound bound =
        new Sgd(momentum, decay, nesterov).bind(parameters, Kernels.scalar(), team);
    double[][] w = {doubles(weight), doubles(bias)};
    double[][] v = {new double[13], new double[3]};
    for (int step = 0; step < STEPS; step++) {
      for (int p = 0; p < 2; p++) {
        Parameter parameter = parameters.get(p);
        randomise(parameter.gradient());
        double rate = rate(step) * (p == 0 ? 1.0 : 2.0);
        for (int i = 0; i < w[p].length; i++) {
          double g = SCALE * parameter.gradient().get(i) + (p == 0 ? decay : 0.0) * w[p][i];
          v[p][i] = momentum * v[p][i] + rate * g;
          w[p][i] -= nesterov ? momentum * v[p][i] + rate * g : v[p][i];
        }
      }
      bound.update(step + 1, rate(step), SCALE);
    }
    assertClose(w);
    assertEquals(List.of("velocity/w", "velocity/b"), List.copyOf(bound.state().keySet()));
  }

  @ParameterizedTest
  @CsvSource({"0, false", "0.05, false", "0.05, true"})
  void adam(float decay, boolean decoupled) {
    Optimizer.Bound bound =
        new Adam(0.9f, 0.99f, 1e-7f, decay, decoupled).bind(parameters, Kernels.scalar(), team);
    double[][] w = {doubles(weight), doubles(bias)};
    double[][] m = {new double[13], new double[3]};
    double[][] v = {new double[13], new double[3]};
    for (int step = 1; step <= STEPS; step++) {
      for (int p = 0; p < 2; p++) {
        Parameter parameter = parameters.get(p);
        randomise(parameter.gradient());
        double rate = rate(step) * (p == 0 ? 1.0 : 2.0);
        double ownDecay = p == 0 ? decay : 0.0;
        for (int i = 0; i < w[p].length; i++) {
          double g = SCALE * parameter.gradient().get(i) + (decoupled ? 0 : ownDecay * w[p][i]);
          m[p][i] = 0.9 * m[p][i] + 0.1 * g;
          v[p][i] = 0.99 * v[p][i] + 0.01 * g * g;
          double mHat = m[p][i] / (1 - Math.pow(0.9, step));
          double vHat = v[p][i] / (1 - Math.pow(0.99, step));
          w[p][i] -=
              rate * mHat / (Math.sqrt(vHat) + 1e-7) + (decoupled ? rate * ownDecay * w[p][i] : 0);
        }
      }
      bound.update(step, rate(step), SCALE);
    }
    assertClose(w);
    assertEquals(
        List.of("first_moment/w", "second_moment/w", "first_moment/b", "second_moment/b"),
        List.copyOf(bound.state().keySet()));
  }

  private static double[] doubles(Parameter parameter) {
    double[] doubles = new double[parameter.value().size()];
    for (int i = 0; i < doubles.length; i++) {
      doubles[i] = parameter.value().get(i);
    }
    return doubles;
  }

  /** Twenty steps of float arithmetic on values around 1: a few dozen roundings of 6e-8. */
  private void assertClose(double[][] expected) {
    for (int p = 0; p < 2; p++) {
      assertArrayEquals(expected[p], doubles(parameters.get(p)), 5e-6);
    }
    assertEquals(0, weight.value().array()[0] + bias.value().array()[1], "before the view");
  }

  @Test
  void eachSettingKeepsTheOthers() {
    assertEquals(new Sgd(0.9f, 0.05f, true), Sgd.momentum(0.9f).weightDecay(0.05f).withNesterov());
    assertEquals(new Sgd(0.9f, 0.05f, true), Sgd.momentum(0.9f).withNesterov().weightDecay(0.05f));
    Adam adam = new Adam().epsilon(1e-8f).decoupled(0.01f).betas(0.8f, 0.99f);
    assertEquals(new Adam(0.8f, 0.99f, 1e-8f, 0.01f, true), adam);
    assertEquals(new Adam(0.8f, 0.99f, 1e-6f, 0.02f, true), adam.weightDecay(0.02f).epsilon(1e-6f));
  }

  @Test
  void leavesFrozenParametersAlone() {
    for (Optimizer optimizer : List.of(Sgd.momentum(0.9f).weightDecay(0.1f), new Adam())) {
      float[] before = weight.value().toArray();
      float[] other = bias.value().toArray();
      weight.trainable(false);
      randomise(weight.gradient());
      randomise(bias.gradient());
      optimizer.bind(parameters, Kernels.scalar(), team).update(1, 0.1f, 1);
      assertArrayEquals(before, weight.value().toArray());
      assertEquals(false, java.util.Arrays.equals(other, bias.value().toArray()));
      Optimizer.Bound bound = optimizer.bind(parameters, Kernels.scalar(), team);
      weight.trainable(true);
      bound.update(1, 0.1f, 1);
      assertArrayEquals(before, weight.value().toArray(), "thawed after it was bound");
    }
  }
}
