package io.alexnet.kernels;

import static io.alexnet.kernels.Sample.assertSameBits;
import static io.alexnet.kernels.Sample.gaussian;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DropoutTest {

  private static final Kernels[] PROVIDERS = {Kernels.scalar(), Kernels.simd()};
  private static final long KEY = Dropout.key(1, 2, 3);

  @Test
  void keepsScaledOrDropsAndBothProvidersDropTheSame() {
    for (float rate : new float[] {0, 0.1f, 0.4f, 0.5f, 0.999f, 1 - 0x1p-24f}) {
      for (int length : Sample.lengths()) {
        float[] x = gaussian(length, 1);
        for (int i = 0; i < length; i += 5) {
          x[i] = Sample.EXTREMES[i % Sample.EXTREMES.length];
        }
        float[] expected = drop(Kernels.scalar(), 1, KEY, rate, x);
        boolean[] kept = mask(KEY, rate, length);
        for (int i = 0; i < length; i++) {
          assertEquals(kept[i] ? 1 / (1 - rate) * x[i] : 0, expected[i]);
        }
        assertSameBits(expected, drop(Kernels.simd(), 1, KEY, rate, x), "rate " + rate);
      }
    }
  }

  @Test
  void rateZeroKeepsAll() {
    for (Kernels kernels : PROVIDERS) {
      float[] x = gaussian(1000, 2);
      assertSameBits(x, drop(kernels, 1, KEY, 0, x), kernels.name());
    }
  }

  /**
   * What a seed gives must not change between versions, or trainings could not be repeated. The
   * numbers are from a program of its own, in another language.
   */
  @Test
  void keysAndMasksAreWhatTheyWere() {
    assertEquals(0xD0734750FDE362B3L, Dropout.key(1, 2, 3));
    assertEquals(0xB0D4B44B8A81F3F1L, Dropout.key(-7, 1L << 40, 12));
    float[] ones = new float[64];
    Arrays.fill(ones, 1);
    for (Kernels kernels : PROVIDERS) {
      StringBuilder mask = new StringBuilder();
      for (float y : drop(kernels, 1, 0xD0734750FDE362B3L, 0.5f, ones)) {
        mask.append(y == 0 ? '.' : 'x');
      }
      assertEquals(
          ".xxx..xxxxx.x..x.xx.xxx.xx.xxxxx..x..xxxxxxxx.xxx...xx.xx..x.xx.",
          mask.toString(),
          kernels.name());
    }
  }

  /** Over keys that differ in seed, step or layer; 5 standard deviations of a binomial count. */
  @ParameterizedTest
  @ValueSource(floats = {0.1f, 0.5f, 0.9f})
  void dropsTheShareThatTheRateSays(float rate) {
    int length = 1 << 20;
    for (long key : neighbouringKeys()) {
      assertCount(1 - rate, mask(key, rate, length));
    }
  }

  /** Blocks of every size and place drop their share: no stripes, whatever the stride. */
  @Test
  void isUniformAlongEveryStride() {
    boolean[] mask = mask(KEY, 0.5f, 1 << 20);
    for (int stride : new int[] {2, 3, 16, 64, 169, 4096}) {
      for (int start = 0; start < Math.min(stride, 16); start++) {
        boolean[] column = new boolean[(mask.length - 1 - start) / stride + 1];
        for (int i = 0; i < column.length; i++) {
          column[i] = mask[start + i * stride];
        }
        assertCount(0.5, column);
      }
    }
  }

  @Test
  void neighboursInOneMaskAreIndependent() {
    boolean[] mask = mask(KEY, 0.5f, 1 << 20);
    for (int lag : new int[] {1, 2, 3, 4, 8, 15, 16, 17, 32, 169, 4096, 65536}) {
      assertIndependent(mask, mask, lag);
    }
  }

  /** At equal places and shifted: a mask must not be another's copy some elements further on. */
  @Test
  void masksOfNeighbouringKeysAreIndependent() {
    long[] keys = neighbouringKeys();
    boolean[][] masks = new boolean[keys.length][];
    Arrays.setAll(masks, i -> mask(keys[i], 0.5f, 1 << 18));
    for (int i = 0; i < keys.length; i++) {
      for (int j = 0; j < i; j++) {
        for (int lag = 0; lag <= 32; lag++) {
          assertIndependent(masks[i], masks[j], lag);
        }
      }
    }
  }

  @Test
  void keysAreDistinct() {
    long distinct =
        LongStream.range(0, 100)
            .flatMap(
                seed ->
                    LongStream.range(0, 100)
                        .flatMap(
                            step ->
                                LongStream.range(0, 20)
                                    .map(layer -> Dropout.key(seed, step, (int) layer))))
            .distinct()
            .count();
    assertEquals(200_000, distinct);
  }

  @Test
  void anyTeamGivesTheSameBitsInPlaceOrNot() {
    float[] x = gaussian(3 * 32 * 1024 + 5, 3);
    for (Kernels kernels : PROVIDERS) {
      float[] expected = drop(kernels, 1, KEY, 0.5f, x);
      for (int size = 1; size <= 3; size++) {
        assertSameBits(expected, drop(kernels, size, KEY, 0.5f, x), kernels.name());
        float[] inPlace = x.clone();
        try (ThreadTeam team = new ThreadTeam(size)) {
          kernels.dropout(x.length, 0.5f).run(team, KEY, inPlace, 0, inPlace, 0);
        }
        assertSameBits(expected, inPlace, kernels.name());
      }
    }
  }

  @Test
  void warmRunsAllocateNothing() {
    float[] x = gaussian(5000, 4);
    try (ThreadTeam team = new ThreadTeam(1)) {
      for (Kernels kernels : PROVIDERS) {
        Dropout dropout = kernels.dropout(x.length, 0.5f);
        float[] y = new float[x.length];
        assertEquals(0, Sample.allocation(() -> dropout.run(team, KEY, x, 0, y, 0)));
      }
    }
  }

  @Test
  void refusesRatesOutOfRange() {
    for (Kernels kernels : PROVIDERS) {
      for (float rate : new float[] {-0.1f, 1, 2, Float.NaN}) {
        assertThrows(IllegalArgumentException.class, () -> kernels.dropout(10, rate));
      }
    }
  }

  private static long[] neighbouringKeys() {
    return new long[] {
      Dropout.key(0, 0, 0),
      Dropout.key(1, 0, 0),
      Dropout.key(0, 1, 0),
      Dropout.key(0, 0, 1),
      Dropout.key(0, 2, 0),
      Dropout.key(1, 1, 1),
      Dropout.key(-1, 0, 0),
      Dropout.key(0, 1L << 32, 0)
    };
  }

  private static boolean[] mask(long key, float rate, int length) {
    float[] ones = new float[length];
    Arrays.fill(ones, 1);
    float[] y = drop(Kernels.simd(), 1, key, rate, ones);
    boolean[] mask = new boolean[length];
    for (int i = 0; i < length; i++) {
      mask[i] = y[i] != 0;
    }
    return mask;
  }

  private static void assertCount(double probability, boolean[] mask) {
    int kept = 0;
    for (boolean each : mask) {
      kept += each ? 1 : 0;
    }
    double deviation = Math.sqrt(mask.length * probability * (1 - probability));
    assertEquals(mask.length * probability, kept, 5 * deviation);
  }

  /** Bits of two masks of rate ½, one shifted by lag, agree half of the time. */
  private static void assertIndependent(boolean[] a, boolean[] b, int lag) {
    int pairs = a.length - lag;
    int equal = 0;
    for (int i = 0; i < pairs; i++) {
      equal += a[i] == b[i + lag] ? 1 : 0;
    }
    assertTrue(
        Math.abs(equal - pairs / 2.0) < 5 * Math.sqrt(pairs) / 2,
        "lag " + lag + ": " + equal + " of " + pairs + " agree");
  }

  private static float[] drop(Kernels kernels, int size, long key, float rate, float[] x) {
    float[] input = new float[x.length + 3];
    System.arraycopy(x, 0, input, 3, x.length);
    float[] y = new float[x.length + 9];
    try (ThreadTeam team = new ThreadTeam(size)) {
      kernels.dropout(x.length, rate).run(team, key, input, 3, y, 5);
    }
    return Sample.inside(y, 5, x.length);
  }
}
