package io.alexnet.data.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SplitMix64Test {

  @Test
  void itIsTheAlgorithmOfThePaperAndOfTheJdk() {
    SplittableRandom jdk = new SplittableRandom(1234567);
    SplitMix64 ours = new SplitMix64(1234567);
    for (int i = 0; i < 100; i++) {
      assertEquals(jdk.nextLong(), ours.nextLong());
    }
  }

  @Test
  void neighbouringPathsGiveDifferentStreams() {
    long[] first = {
      SplitMix64.of(1).nextLong(),
      SplitMix64.of(1, 0).nextLong(),
      SplitMix64.of(1, 1).nextLong(),
      SplitMix64.of(0, 1).nextLong(),
      SplitMix64.of(1, 0, 1).nextLong(),
      SplitMix64.of(1, 1, 0).nextLong(),
      SplitMix64.of(0, 1, 1).nextLong(),
    };
    assertEquals(first.length, Arrays.stream(first).distinct().count());
    assertEquals(SplitMix64.of(1, 2, 3).nextLong(), SplitMix64.of(1, 2, 3).nextLong());
  }

  @Test
  void numbersHaveTheirDistributions() {
    SplitMix64 random = new SplitMix64(7);
    int n = 100_000;
    int[] counts = new int[7];
    double sum = 0;
    double squares = 0;
    int heads = 0;
    for (int i = 0; i < n; i++) {
      counts[random.nextInt(7)]++;
      double gaussian = random.nextGaussian();
      sum += gaussian;
      squares += gaussian * gaussian;
      heads += random.nextBoolean() ? 1 : 0;
      double uniform = random.nextDouble(-2, 3);
      assertTrue(uniform >= -2 && uniform < 3);
    }
    // Five standard deviations of each estimate.
    for (int count : counts) {
      assertEquals(n / 7.0, count, 5 * Math.sqrt(n / 7.0 * 6 / 7));
    }
    assertEquals(0, sum / n, 5 / Math.sqrt(n));
    assertEquals(1, squares / n, 5 * Math.sqrt(2.0 / n));
    assertEquals(n / 2.0, heads, 5 * Math.sqrt(n / 4.0));
  }

  @Test
  void aShuffleKeepsEveryValue() {
    int[] values = IntStream.range(0, 100).toArray();
    new SplitMix64(3).shuffle(values);
    assertNotEquals(0, Arrays.compare(values, IntStream.range(0, 100).toArray()));
    Arrays.sort(values);
    assertArrayEquals(IntStream.range(0, 100).toArray(), values);
  }
}
