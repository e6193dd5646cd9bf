package io.alexnet.kernels.simd;

import static io.alexnet.kernels.Sample.assertClose;

import io.alexnet.kernels.Sample;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The exponential function by itself: in a softmax, errors of small results would not show. */
class VectorMathTest {

  /** The documented error. */
  private static final double EXP_ULPS = 1.01;

  /** Where it errs most of all floats, from 1.008 to 1.0086 ulp: a sweep in steps misses them. */
  private static final float[] WORST = {5.1993356f, -5.8540945f, -27.379135f};

  /** Below it, results are less than half of the smallest float. */
  private static final float LEAST = -104f;

  /** Above it, results are infinite. */
  private static final float MOST = 89f;

  /**
   * Evenly from end to end, denormal results included, and over floats of all magnitudes, of which
   * most are near 0.
   */
  @ParameterizedTest
  @ValueSource(floats = {0, -3.7f, 50.1f})
  void errorOfExpStaysBelowTheStatedBound(float less) {
    float[] x = new float[3 << 18];
    int third = x.length / 3;
    int mostBits = Float.floatToIntBits(MOST);
    int leastBits = Float.floatToIntBits(-LEAST);
    for (int i = 0; i < third; i++) {
      x[3 * i] = less + LEAST - 1 + (MOST - LEAST + 2) * i / third;
      x[3 * i + 1] = Float.intBitsToFloat((int) ((long) mostBits * i / third));
      x[3 * i + 2] = -Float.intBitsToFloat((int) ((long) leastBits * i / third));
    }
    check(x, less);
  }

  @Test
  void errorOfExpOfExtremesStaysBelowItToo() {
    int kinds = Sample.EXTREMES.length + WORST.length;
    float[] x = new float[kinds * RegisterTile.LANES];
    for (int i = 0; i < x.length; i += kinds) {
      System.arraycopy(Sample.EXTREMES, 0, x, i, Sample.EXTREMES.length);
      System.arraycopy(WORST, 0, x, i + Sample.EXTREMES.length, WORST.length);
    }
    check(x, 0);
  }

  private static void check(float[] x, float less) {
    float[] y = new float[x.length];
    VectorMath.exp(x, 0, less, y, 0, x.length);
    for (int i = 0; i < x.length; i++) {
      float difference = x[i] - less;
      assertClose(Math.exp(difference), y[i], EXP_ULPS, () -> "exp of " + difference);
    }
  }
}
