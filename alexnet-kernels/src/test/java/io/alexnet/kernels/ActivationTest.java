package io.alexnet.kernels;

import static io.alexnet.kernels.Sample.assertClose;
import static io.alexnet.kernels.Sample.assertSameBits;
import static io.alexnet.kernels.Sample.extremes;
import static io.alexnet.kernels.Sample.gaussian;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ActivationTest {

  private static final float SLOPE = 0.1f;
  private static final Kernels[] PROVIDERS = {Kernels.scalar(), Kernels.simd()};

  /** The documented error of VectorMath; ReLUs have one rounding at most. */
  private static final double FORWARD_ULPS = 3;

  /** 1 − y² and y·(1 − y): three roundings, with nothing lost by 1 − y being small. */
  private static final double BACKWARD_ULPS = 3;

  @ParameterizedTest
  @EnumSource
  void forwardFollowsTheFormula(ActivationFunction function) {
    for (Kernels kernels : PROVIDERS) {
      for (int length : Sample.lengths()) {
        float[] x = gaussian(length, 1);
        for (int i = 0; i < length; i++) {
          x[i] *= 4; // into the flat ends of tanh and sigmoid
        }
        checkForward(kernels, function, x);
      }
      checkForward(kernels, function, extremes(Sample.EXTREMES.length * 16));
    }
  }

  private static void checkForward(Kernels kernels, ActivationFunction function, float[] x) {
    float[] y = forward(kernels, function, 2, x);
    for (int i = 0; i < x.length; i++) {
      float input = x[i];
      assertClose(
          value(function, input),
          y[i],
          FORWARD_ULPS,
          () -> kernels.name() + " " + function + " of " + input);
    }
  }

  /** A sweep over floats of all magnitudes, dense where a polynomial is at its worst. */
  @ParameterizedTest
  @EnumSource(names = {"TANH", "SIGMOID"})
  void simdErrorStaysBelowTheStatedBound(ActivationFunction function) {
    float[] x = new float[400_000];
    int last = Float.floatToIntBits(110f);
    for (int i = 0; i < x.length / 2; i++) {
      x[2 * i] = Float.intBitsToFloat((int) ((long) last * i / (x.length / 2)));
      x[2 * i + 1] = -12f + 24f * i / (x.length / 2f);
    }
    for (int i = 0; i < x.length; i += 3) {
      x[i] = -x[i];
    }
    checkForward(Kernels.simd(), function, x);
  }

  @ParameterizedTest
  @EnumSource
  void backwardFollowsTheFormula(ActivationFunction function) {
    for (Kernels kernels : PROVIDERS) {
      for (int length : Sample.lengths()) {
        float[] y = forward(Kernels.scalar(), function, 1, gaussian(length, 2));
        float[] dy = gaussian(length, 3);
        float[] dx = backward(kernels, function, 2, y, dy);
        for (int i = 0; i < length; i++) {
          float output = y[i];
          assertClose(
              dy[i] * slopeAt(function, output),
              dx[i],
              BACKWARD_ULPS * conditionOf(function, output),
              () -> kernels.name() + " " + function + " at " + output);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void backwardOfExtremesIsTheScalarTwins(ActivationFunction function) {
    float[] y = extremes(Sample.EXTREMES.length * 16);
    float[] dy = gaussian(y.length, 4);
    for (int i = 0; i < y.length; i += 7) {
      dy[i] = Sample.EXTREMES[i % Sample.EXTREMES.length];
    }
    assertSameBits(
        backward(Kernels.scalar(), function, 1, y, dy),
        backward(Kernels.simd(), function, 1, y, dy),
        function.name());
  }

  @Test
  void theSlopeOfReluAtZeroIsZero() {
    for (Kernels kernels : PROVIDERS) {
      float[] y = new float[100];
      float[] dy = new float[100];
      Arrays.fill(dy, 1);
      assertSameBits(
          new float[100], backward(kernels, ActivationFunction.RELU, 1, y, dy), kernels.name());
    }
  }

  @ParameterizedTest
  @EnumSource
  void anyTeamGivesTheSameBitsInPlaceOrNot(ActivationFunction function) {
    for (Kernels kernels : PROVIDERS) {
      int length = 3 * 32 * 1024 + 5;
      float[] x = gaussian(length, 5);
      float[] dy = gaussian(length, 6);
      float[] y = forward(kernels, function, 1, x);
      float[] dx = backward(kernels, function, 1, y, dy);
      for (int size = 1; size <= 3; size++) {
        assertSameBits(y, forward(kernels, function, size, x), kernels.name());
        assertSameBits(dx, backward(kernels, function, size, y, dy), kernels.name());
        try (ThreadTeam team = new ThreadTeam(size)) {
          float[] inPlace = x.clone();
          kernels.activationForward(function, SLOPE, length).run(team, inPlace, 0, inPlace, 0);
          assertSameBits(y, inPlace, kernels.name());
          inPlace = dy.clone();
          kernels
              .activationBackward(function, SLOPE, length)
              .run(team, y, 0, inPlace, 0, inPlace, 0);
          assertSameBits(dx, inPlace, kernels.name());
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void warmRunsAllocateNothing(ActivationFunction function) {
    float[] x = gaussian(5000, 7);
    float[] y = new float[x.length];
    float[] dx = new float[x.length];
    try (ThreadTeam team = new ThreadTeam(1)) {
      for (Kernels kernels : PROVIDERS) {
        var forward = kernels.activationForward(function, SLOPE, x.length);
        var backward = kernels.activationBackward(function, SLOPE, x.length);
        assertEquals(
            0,
            Sample.allocation(
                () -> {
                  forward.run(team, x, 0, y, 0);
                  backward.run(team, y, 0, x, 0, dx, 0);
                }));
      }
    }
  }

  @Test
  void refusesSlopesThatHideTheSignOfTheInput() {
    for (Kernels kernels : PROVIDERS) {
      for (float slope : new float[] {0, -0.1f, 1.5f, Float.NaN}) {
        assertThrows(
            IllegalArgumentException.class,
            () -> kernels.activationForward(ActivationFunction.LEAKY_RELU, slope, 1));
        assertThrows(
            IllegalArgumentException.class,
            () -> kernels.activationBackward(ActivationFunction.LEAKY_RELU, slope, 1));
      }
      assertThrows(
          IllegalArgumentException.class,
          () -> kernels.activationForward(ActivationFunction.RELU, 0, 0));
    }
  }

  private static double value(ActivationFunction function, double x) {
    return switch (function) {
      case RELU -> Math.max(0, x);
      case LEAKY_RELU -> x > 0 ? x : SLOPE * x;
      case TANH -> Math.tanh(x);
      case SIGMOID -> 1 / (1 + Math.exp(-x));
    };
  }

  private static double slopeAt(ActivationFunction function, double y) {
    return switch (function) {
      case RELU -> y > 0 ? 1 : 0;
      case LEAKY_RELU -> y > 0 ? 1 : SLOPE;
      case TANH -> 1 - y * y;
      case SIGMOID -> y * (1 - y);
    };
  }

  /** How much larger the rounding of y² is than the ulp of the small difference 1 − y². */
  private static double conditionOf(ActivationFunction function, double y) {
    return function == ActivationFunction.TANH ? 1 / Math.max(1 - y * y, 1e-7) : 1;
  }

  /** With an offset on each side, in front of which nothing may be written. */
  private static float[] forward(
      Kernels kernels, ActivationFunction function, int size, float[] x) {
    float[] input = new float[x.length + 3];
    System.arraycopy(x, 0, input, 3, x.length);
    float[] output = new float[x.length + 9];
    try (ThreadTeam team = new ThreadTeam(size)) {
      kernels.activationForward(function, SLOPE, x.length).run(team, input, 3, output, 5);
    }
    return Sample.inside(output, 5, x.length);
  }

  private static float[] backward(
      Kernels kernels, ActivationFunction function, int size, float[] y, float[] dy) {
    float[] values = new float[y.length + 3];
    System.arraycopy(y, 0, values, 3, y.length);
    float[] output = new float[y.length + 9];
    try (ThreadTeam team = new ThreadTeam(size)) {
      kernels.activationBackward(function, SLOPE, y.length).run(team, values, 3, dy, 0, output, 5);
    }
    return Sample.inside(output, 5, y.length);
  }
}
