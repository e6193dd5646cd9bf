package io.alexnet.kernels;

import static io.alexnet.kernels.Sample.assertSameBits;
import static io.alexnet.kernels.Sample.gaussian;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ParameterUpdateTest {

  private static final Kernels[] PROVIDERS = {Kernels.scalar(), Kernels.simd()};
  private static final int STEPS = 4;

  /** Of weights around 1, a few roundings in each step. */
  private static final double TOLERANCE = 2e-6;

  @ParameterizedTest
  @CsvSource({
    "0.01, 0,   0,    1,    false",
    "0.01, 0.9, 0,    1,    false",
    "0.1,  0.9, 5e-4, 0.25, false",
    "0.1,  0.9, 5e-4, 0.25, true",
    "0.1,  0,   0.1,  2,    true"
  })
  void sgdFollowsTheFormula(
      float rate, float momentum, float decay, float scale, boolean nesterov) {
    for (Kernels kernels : PROVIDERS) {
      for (int length : Sample.lengths()) {
        float[] weights = withOffset(gaussian(length, 1), 3);
        float[] velocity = new float[length];
        double[] w = doubles(weights, 3, length);
        double[] v = new double[length];
        ParameterUpdate.Sgd sgd = kernels.sgd(length);
        try (ThreadTeam team = new ThreadTeam(2)) {
          for (int step = 1; step <= STEPS; step++) {
            float[] gradient = gaussian(length + 5, step);
            sgd.run(
                team, weights, 3, gradient, 5, velocity, rate, momentum, decay, scale, nesterov);
            for (int i = 0; i < length; i++) {
              double g = scale * gradient[5 + i] + decay * w[i];
              v[i] = momentum * v[i] + rate * g;
              w[i] -= nesterov ? momentum * v[i] + rate * g : v[i];
            }
          }
        }
        assertClose(w, Sample.inside(weights, 3, length));
        assertClose(v, velocity);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0.001, 0,    1,    false",
    "0.01,  0.1,  0.25, false",
    "0.01,  0.1,  0.25, true",
  })
  void adamFollowsTheFormula(float rate, float decay, float scale, boolean decoupled) {
    float beta1 = 0.9f;
    float beta2 = 0.999f;
    float epsilon = 1e-7f;
    for (Kernels kernels : PROVIDERS) {
      for (int length : Sample.lengths()) {
        float[] weights = withOffset(gaussian(length, 1), 3);
        float[] first = new float[length];
        float[] second = new float[length];
        double[] w = doubles(weights, 3, length);
        double[] m = new double[length];
        double[] v = new double[length];
        ParameterUpdate.Adam adam = kernels.adam(length);
        try (ThreadTeam team = new ThreadTeam(2)) {
          for (int step = 1; step <= STEPS; step++) {
            float[] gradient = gaussian(length + 5, step);
            adam.run(
                team, weights, 3, gradient, 5, first, second, step, rate, beta1, beta2, epsilon,
                decay, scale, decoupled);
            for (int i = 0; i < length; i++) {
              double g = scale * gradient[5 + i] + (decoupled ? 0 : decay * w[i]);
              m[i] = beta1 * m[i] + (1 - beta1) * g;
              v[i] = beta2 * v[i] + (1 - beta2) * g * g;
              double meanOfFirst = m[i] / (1 - Math.pow(beta1, step));
              double meanOfSecond = v[i] / (1 - Math.pow(beta2, step));
              w[i] -=
                  (decoupled ? rate * decay * w[i] : 0)
                      + rate * meanOfFirst / (Math.sqrt(meanOfSecond) + epsilon);
            }
          }
        }
        assertClose(w, Sample.inside(weights, 3, length));
        assertClose(m, first);
        assertClose(v, second);
      }
    }
  }

  /** After a million steps the corrections are 1; a large t must not overflow. */
  @Test
  void adamCorrectsNothingLateInTraining() {
    for (Kernels kernels : PROVIDERS) {
      float[] w = gaussian(100, 1);
      float[] expected = w.clone();
      float[] g = gaussian(100, 2);
      float[] m = new float[100];
      float[] v = new float[100];
      try (ThreadTeam team = new ThreadTeam(1)) {
        kernels
            .adam(100)
            .run(team, w, 0, g, 0, m, v, 1L << 40, 0.1f, 0.9f, 0.999f, 1e-7f, 0, 1, false);
      }
      for (int i = 0; i < 100; i++) {
        double step = 0.1 * 0.1 * g[i] / (Math.sqrt(0.001 * g[i] * g[i]) + 1e-7);
        // 1 − β of the nearest floats to 0.9 and 0.999 is off by 2.4e-8/0.001 in relative terms.
        assertEquals(expected[i] - step, w[i], 2e-5, kernels.name());
      }
    }
  }

  @Test
  void aGradientThatIsNoNumberShowsInItsWeightAlone() {
    for (Kernels kernels : PROVIDERS) {
      float[] w = new float[100];
      float[] g = new float[100];
      g[20] = Float.NaN;
      g[99] = Float.NaN;
      try (ThreadTeam team = new ThreadTeam(1)) {
        kernels.sgd(100).run(team, w, 0, g, 0, new float[100], 0.1f, 0.9f, 0, 1, false);
        kernels
            .adam(100)
            .run(
                team,
                w,
                0,
                g,
                0,
                new float[100],
                new float[100],
                1,
                0.1f,
                0.9f,
                0.999f,
                1e-7f,
                0,
                1,
                false);
      }
      for (int i = 0; i < 100; i++) {
        assertEquals(i == 20 || i == 99 ? Float.NaN : 0, w[i], kernels.name());
      }
    }
  }

  /** In a vector and in the rest alike: what diverged shows as an infinity, not as NaN. */
  @Test
  void anInfiniteGradientMakesAnInfiniteWeight() {
    for (Kernels kernels : PROVIDERS) {
      for (boolean nesterov : new boolean[] {false, true}) {
        float[] w = new float[100];
        float[] g = new float[100];
        g[20] = Float.NaN;
        g[21] = Float.POSITIVE_INFINITY;
        g[99] = Float.POSITIVE_INFINITY;
        try (ThreadTeam team = new ThreadTeam(1)) {
          kernels.sgd(100).run(team, w, 0, g, 0, new float[100], 0.1f, 0.9f, 0, 1, nesterov);
        }
        for (int i = 0; i < 100; i++) {
          float expected = i == 20 ? Float.NaN : g[i] > 0 ? Float.NEGATIVE_INFINITY : 0;
          assertEquals(expected, w[i], kernels.name() + ", " + i + ", nesterov " + nesterov);
        }
      }
    }
  }

  @Test
  void anyTeamGivesTheSameBits() {
    int length = 3 * 32 * 1024 + 5;
    for (Kernels kernels : PROVIDERS) {
      float[] first = null;
      for (int size = 1; size <= 3; size++) {
        float[] w = gaussian(length, 1);
        float[] v = new float[length];
        float[] m = new float[length];
        float[] s = new float[length];
        try (ThreadTeam team = new ThreadTeam(size)) {
          for (int step = 1; step <= STEPS; step++) {
            float[] g = gaussian(length, step);
            kernels.sgd(length).run(team, w, 0, g, 0, v, 0.1f, 0.9f, 5e-4f, 0.5f, true);
            kernels
                .adam(length)
                .run(team, w, 0, g, 0, m, s, step, 0.01f, 0.9f, 0.999f, 1e-7f, 1e-3f, 0.5f, true);
          }
        }
        first = first == null ? w : first;
        assertSameBits(first, w, kernels.name());
      }
    }
  }

  @Test
  void warmRunsAllocateNothing() {
    float[] w = gaussian(5000, 1);
    float[] g = gaussian(5000, 2);
    float[] v = new float[5000];
    float[] s = new float[5000];
    try (ThreadTeam team = new ThreadTeam(1)) {
      for (Kernels kernels : PROVIDERS) {
        var sgd = kernels.sgd(5000);
        var adam = kernels.adam(5000);
        assertEquals(
            0,
            Sample.allocation(
                () -> {
                  sgd.run(team, w, 0, g, 0, v, 0.01f, 0.9f, 5e-4f, 1, false);
                  adam.run(team, w, 0, g, 0, v, s, 1, 0.01f, 0.9f, 0.999f, 1e-7f, 0, 1, false);
                }));
      }
    }
  }

  @Test
  void adamCountsStepsFromOne() {
    float[] a = new float[1];
    try (ThreadTeam team = new ThreadTeam(1)) {
      for (Kernels kernels : PROVIDERS) {
        assertThrows(
            IllegalArgumentException.class,
            () ->
                kernels
                    .adam(1)
                    .run(team, a, 0, a, 0, a, a, 0, 0.1f, 0.9f, 0.999f, 1e-7f, 0, 1, false));
      }
    }
  }

  private static void assertClose(double[] expected, float[] actual) {
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i], TOLERANCE * Math.max(1, Math.abs(expected[i])));
    }
  }

  private static float[] withOffset(float[] values, int offset) {
    float[] shifted = new float[values.length + offset + 4];
    System.arraycopy(values, 0, shifted, offset, values.length);
    return shifted;
  }

  private static double[] doubles(float[] values, int offset, int length) {
    double[] doubles = new double[length];
    for (int i = 0; i < length; i++) {
      doubles[i] = values[offset + i];
    }
    return doubles;
  }
}
