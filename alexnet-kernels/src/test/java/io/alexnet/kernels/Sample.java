package io.alexnet.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Supplier;

/** Inputs and comparisons of the tests of element-wise kernels. */
public final class Sample {

  /** What breaks formulas: signed zeros, denormals, the ends of exp's range, no numbers at all. */
  public static final float[] EXTREMES = {
    0f,
    -0f,
    Float.MIN_VALUE,
    -Float.MIN_VALUE,
    1e-39f,
    -1e-39f,
    Float.MIN_NORMAL,
    1e-20f,
    -1e-8f,
    0.5f,
    -0.6931472f,
    9.9f,
    -9.9f,
    88.72f,
    -88.72f,
    103.9f,
    -103.9f,
    1e4f,
    -1e4f,
    Float.MAX_VALUE,
    -Float.MAX_VALUE,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    Float.NaN
  };

  private Sample() {}

  /** Around a vector's and a piece's length: lane ± 1, primes, piece ± 1. */
  static int[] lengths() {
    int lanes = Kernels.simd().lanes();
    int piece = 32 * 1024;
    return new int[] {
      1, 2, lanes - 1, lanes, lanes + 1, 7, 31, 97, 1009, piece - 1, piece, piece + 1, 3 * piece + 5
    };
  }

  static float[] gaussian(int length, long seed) {
    Random random = new Random(seed);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** {@link #EXTREMES} over and over, each at many lanes. */
  static float[] extremes(int length) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = EXTREMES[i % EXTREMES.length];
    }
    return values;
  }

  /** Within {@code ulps} units in the last place of the value rounded to float. */
  public static void assertClose(
      double expected, float actual, double ulps, Supplier<String> what) {
    if (Double.isNaN(expected) || Double.isInfinite((float) expected)) {
      assertEquals((float) expected, actual, what);
    } else if (!(Math.abs(expected - actual) <= ulps * Math.ulp((float) expected))) {
      fail(what.get() + ": expected " + expected + " but was " + actual);
    }
  }

  /** Bit by bit, so that −0 is not 0 and NaN is NaN. */
  static void assertSameBits(float[] expected, float[] actual, String what) {
    assertArrayEquals(bits(expected), bits(actual), what);
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    Arrays.setAll(bits, i -> Float.floatToIntBits(values[i]));
    return bits;
  }

  /** The part that a kernel was to write, after a check that it left the zeros around it alone. */
  static float[] inside(float[] array, int offset, int length) {
    for (int i = 0; i < array.length; i++) {
      if (i < offset || i >= offset + length) {
        assertEquals(0f, array[i], "written outside, at " + (i - offset));
      }
    }
    return Arrays.copyOfRange(array, offset, offset + length);
  }

  /** Bytes that a run of a warm kernel allocates on the calling thread, at best. */
  static long allocation(Runnable kernel) {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    // Compiled in the background: done when a run allocates nothing, given up after 60 s.
    long end = System.nanoTime() + 60_000_000_000L;
    while (least > 0 && System.nanoTime() < end) {
      long before = threads.getCurrentThreadAllocatedBytes();
      kernel.run();
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    return least;
  }
}
