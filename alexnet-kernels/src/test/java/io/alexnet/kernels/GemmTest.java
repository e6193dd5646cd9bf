package io.alexnet.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GemmTest {

  private static final int[] SIZES = {
    1, 2, 3, 7, 8, 11, 12, 13, 16, 17, 31, 32, 33, 47, 48, 49, 97
  };

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "simd"})
  void multipliesAwkwardSizesInAllTransposes(String provider) {
    Random random = new Random(1);
    try (ThreadTeam team = new ThreadTeam(2)) {
      for (int round = 0; round < 400; round++) {
        int m = SIZES[random.nextInt(SIZES.length)];
        int n = SIZES[random.nextInt(SIZES.length)];
        int k = SIZES[random.nextInt(SIZES.length)];
        boolean transposeA = random.nextBoolean();
        boolean transposeB = random.nextBoolean();
        GemmShape shape = new GemmShape(m, n, k, transposeA, transposeB);
        new Product(shape, random.nextBoolean(), random).check(provider, team);
      }
    }
  }

  /** Its arrays are two gigabytes each; the workspace's length is what once was no int. */
  @Test
  void aWorkspaceThatNoArrayHoldsIsRefused() {
    GemmShape shape = new GemmShape(1, 1 << 29, 1, false, true);
    assertThrows(ArithmeticException.class, () -> Kernels.simd().gemm(shape).workspace(1));
  }

  @Test
  void refusesEmptySizes() {
    var thrown =
        assertThrows(IllegalArgumentException.class, () -> new GemmShape(2, 0, 4, false, false));
    assertEquals("gemm: sizes must be positive: 2×0×4", thrown.getMessage());
  }

  /** Past the edges of blocks of terms, of pieces and of few columns; see BlockSizes. */
  @ParameterizedTest
  @CsvSource({
    "65, 49, 2405, false, true, true",
    "7, 601, 257, false, true, false",
    "49, 513, 511, false, false, false",
    "97, 2500, 70, false, false, true",
    "9, 140, 1200, false, false, false",
    "10, 210, 40, false, true, true",
    "210, 10, 40, false, true, true",
    "100, 150, 2500, false, false, true",
    "13, 400, 2450, false, false, true",
    "257, 300, 300, true, false, false",
    "130, 66, 2450, true, true, true"
  })
  void multipliesAcrossBlockEdgesWithTheSameBitsOnAnyTeam(
      int m, int n, int k, boolean transposeA, boolean transposeB, boolean accumulate) {
    GemmShape shape = new GemmShape(m, n, k, transposeA, transposeB);
    Product product = new Product(shape, accumulate, new Random(3));
    float[] alone;
    try (ThreadTeam team = new ThreadTeam(1)) {
      alone = product.run("simd", team);
      product.check("simd", team);
    }
    for (int size = 2; size <= 3; size++) {
      try (ThreadTeam team = new ThreadTeam(size)) {
        assertArrayEquals(alone, product.run("simd", team));
      }
    }
  }

  /** Boxed vectors would show up here as megabytes. */
  @ParameterizedTest
  @CsvSource({"false, false, 600", "false, false, 200", "false, true, 64", "true, false, 600"})
  void allocatesNothingOnceWarm(boolean transposeA, boolean transposeB, int n) {
    GemmShape shape = new GemmShape(64, n, 300, transposeA, transposeB);
    Gemm gemm = Kernels.simd().gemm(shape);
    Random random = new Random(4);
    float[] a = uniform(random, 64 * 300);
    float[] b = uniform(random, n * 300);
    float[] c = new float[64 * n];
    try (ThreadTeam team = new ThreadTeam(1)) {
      float[] workspace = new float[gemm.workspace(1)];
      Runnable run = () -> gemm.run(team, workspace, a, 0, b, 0, c, 0, false);
      assertEquals(0, Sample.allocation(run));
    }
  }

  static float[] uniform(Random random, int length) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = 2 * random.nextFloat() - 1;
    }
    return values;
  }

  static Kernels provider(String name) {
    return name.equals("simd") ? Kernels.simd() : Kernels.scalar();
  }

  /** Random operands with offsets, and the product of them in double. */
  private static final class Product {
    private static final int A_OFFSET = 3;
    private static final int B_OFFSET = 5;
    private static final int C_OFFSET = 7;

    private final GemmShape shape;
    private final boolean accumulate;
    private final float[] a;
    private final float[] b;
    private final float[] c;

    Product(GemmShape shape, boolean accumulate, Random random) {
      this.shape = shape;
      this.accumulate = accumulate;
      a = uniform(random, A_OFFSET + shape.m() * shape.k());
      b = uniform(random, B_OFFSET + shape.k() * shape.n());
      c = uniform(random, C_OFFSET + shape.m() * shape.n() + 3);
      if (!accumulate) {
        Arrays.fill(c, C_OFFSET, C_OFFSET + shape.m() * shape.n(), Float.NaN);
      }
    }

    float[] run(String provider, ThreadTeam team) {
      Gemm gemm = provider(provider).gemm(shape);
      float[] workspace = new float[gemm.workspace(team.size())];
      Arrays.fill(workspace, Float.NaN);
      float[] result = c.clone();
      gemm.run(team, workspace, a, A_OFFSET, b, B_OFFSET, result, C_OFFSET, accumulate);
      return result;
    }

    /** Rounding errors add up like a walk of k steps at worst: k·2⁻²⁴ of the sum of magnitudes. */
    void check(String provider, ThreadTeam team) {
      float[] result = run(provider, team);
      float[] outside = c.clone();
      for (int i = 0; i < shape.m(); i++) {
        for (int j = 0; j < shape.n(); j++) {
          double sum = 0;
          double magnitude = 0;
          for (int p = 0; p < shape.k(); p++) {
            double term =
                (double)
                        a[
                            A_OFFSET
                                + (shape.transposeA() ? p * shape.lda() + i : i * shape.lda() + p)]
                    * b[
                        B_OFFSET
                            + (shape.transposeB() ? j * shape.ldb() + p : p * shape.ldb() + j)];
            sum += term;
            magnitude += Math.abs(term);
          }
          int at = C_OFFSET + i * shape.ldc() + j;
          double old = accumulate ? c[at] : 0;
          assertEquals(
              sum + old,
              result[at],
              (shape.k() + 3) * 0x1p-24 * (magnitude + Math.abs(old)) + 1e-30,
              () -> shape + ", accumulate " + accumulate);
          outside[at] = result[at];
        }
      }
      assertArrayEquals(outside, result, () -> shape + " wrote outside of C");
    }
  }
}
