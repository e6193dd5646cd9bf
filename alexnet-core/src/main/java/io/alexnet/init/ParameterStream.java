package io.alexnet.init;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * The random numbers of one parameter, the same on every JDK: {@link RandomGenerator}'s own {@code
 * nextGaussian} gives other numbers on 25 than on 17.
 */
final class ParameterStream implements RandomGenerator {

  private final SplittableRandom random;
  private double spare;
  private boolean hasSpare;

  ParameterStream(long seed, String parameter) {
    long hash = 0xCBF29CE484222325L; // FNV-1a, 64 bits: String.hashCode has only 32
    for (int i = 0; i < parameter.length(); i++) {
      hash = (hash ^ parameter.charAt(i)) * 0x100000001B3L;
    }
    random = new SplittableRandom(new SplittableRandom(seed).nextLong() ^ hash);
  }

  @Override
  public long nextLong() {
    return random.nextLong();
  }

  /** Marsaglia's polar method (Knuth, volume 2, section 3.4.1, algorithm P). */
  @Override
  public double nextGaussian() {
    if (hasSpare) {
      hasSpare = false;
      return spare;
    }
    double x;
    double y;
    double s;
    do {
      x = 2 * random.nextDouble() - 1;
      y = 2 * random.nextDouble() - 1;
      s = x * x + y * y;
    } while (s >= 1 || s == 0);
    double factor = Math.sqrt(-2 * StrictMath.log(s) / s);
    spare = y * factor;
    hasSpare = true;
    return x * factor;
  }
}
