package io.alexnet.kernels;

import static io.alexnet.kernels.Sample.assertSameBits;
import static io.alexnet.kernels.Sample.gaussian;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ArithmeticTest {

  private static final Kernels[] PROVIDERS = {Kernels.scalar(), Kernels.simd()};

  @Test
  void addsAndSquares() {
    for (Kernels kernels : PROVIDERS) {
      for (int length : Sample.lengths()) {
        float[] a = gaussian(length + 3, 1);
        float[] b = gaussian(length + 5, 2);
        float[] c = new float[length + 9];
        Arithmetic arithmetic = kernels.arithmetic(length);
        double norm;
        try (ThreadTeam team = new ThreadTeam(2)) {
          arithmetic.add(team, a, 3, b, 5, c, 4);
          norm = arithmetic.squaredNorm(team, a, 3);
        }
        c = Sample.inside(c, 4, length);
        double expected = 0;
        for (int i = 0; i < length; i++) {
          assertEquals(a[3 + i] + b[5 + i], c[i]);
          expected += (double) a[3 + i] * a[3 + i];
        }
        assertEquals(expected, norm, 1e-6 * expected, kernels.name());
      }
    }
  }

  @Test
  void extremesPassThrough() {
    float[] a = Sample.extremes(Sample.EXTREMES.length * 16);
    float[] b = gaussian(a.length, 1);
    try (ThreadTeam team = new ThreadTeam(1)) {
      for (Kernels kernels : PROVIDERS) {
        Arithmetic arithmetic = kernels.arithmetic(a.length);
        float[] c = new float[a.length];
        arithmetic.add(team, a, 0, b, 0, c, 0);
        for (int i = 0; i < a.length; i++) {
          assertEquals(a[i] + b[i], c[i]);
        }
        assertEquals(Double.NaN, arithmetic.squaredNorm(team, a, 0));
        // Squares that overflow a float do not overflow the norm.
        float[] large = new float[a.length];
        large[0] = Float.MAX_VALUE;
        large[a.length - 1] = -Float.MAX_VALUE;
        double square = (double) Float.MAX_VALUE * Float.MAX_VALUE;
        assertEquals(2 * square, arithmetic.squaredNorm(team, large, 0), 1e-12 * square);
        // Nor do those that a float would lose vanish.
        float[] small = new float[a.length];
        Arrays.fill(small, 1e-25f);
        square = a.length * (double) 1e-25f * 1e-25f;
        assertEquals(square, arithmetic.squaredNorm(team, small, 0), 1e-12 * square);
        for (float wrong : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
          for (int at : new int[] {0, a.length / 2, a.length - 1}) {
            float[] spoilt = b.clone();
            spoilt[at] = wrong;
            assertFalse(Double.isFinite(arithmetic.squaredNorm(team, spoilt, 0)));
          }
        }
      }
    }
  }

  @Test
  void anyTeamGivesTheSameBitsInPlaceOrNot() {
    int length = 3 * 32 * 1024 + 5;
    float[] a = gaussian(length, 1);
    float[] b = gaussian(length, 2);
    for (Kernels kernels : PROVIDERS) {
      Arithmetic arithmetic = kernels.arithmetic(length);
      float[] sum = new float[length];
      double norm;
      try (ThreadTeam team = new ThreadTeam(1)) {
        arithmetic.add(team, a, 0, b, 0, sum, 0);
        norm = arithmetic.squaredNorm(team, a, 0);
      }
      for (int size = 1; size <= 3; size++) {
        try (ThreadTeam team = new ThreadTeam(size)) {
          float[] intoA = a.clone();
          arithmetic.add(team, intoA, 0, b, 0, intoA, 0);
          assertSameBits(sum, intoA, kernels.name());
          float[] intoB = b.clone();
          arithmetic.add(team, a, 0, intoB, 0, intoB, 0);
          assertSameBits(sum, intoB, kernels.name());
          assertEquals(norm, arithmetic.squaredNorm(team, a, 0), 0, kernels.name());
        }
      }
    }
  }

  @Test
  void warmRunsAllocateNothing() {
    float[] a = gaussian(5000, 1);
    float[] c = new float[5000];
    try (ThreadTeam team = new ThreadTeam(1)) {
      for (Kernels kernels : PROVIDERS) {
        Arithmetic arithmetic = kernels.arithmetic(5000);
        assertEquals(
            0,
            Sample.allocation(
                () -> {
                  arithmetic.add(team, a, 0, a, 0, c, 0);
                  arithmetic.squaredNorm(team, c, 0);
                }));
      }
    }
  }

  @Test
  void refusesAnEmptyArray() {
    for (Kernels kernels : PROVIDERS) {
      assertThrows(IllegalArgumentException.class, () -> kernels.arithmetic(0));
    }
  }
}
