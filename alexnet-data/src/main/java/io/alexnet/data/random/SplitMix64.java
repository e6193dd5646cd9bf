package io.alexnet.data.random;

/**
 * Steele, Lea and Flood's SplitMix64 ("Fast splittable pseudorandom number generators", OOPSLA
 * 2014), written out here so that the same seed gives the same images on every Java release. Not
 * thread-safe; every image gets one of its own.
 */
public final class SplitMix64 {

  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  private long state;

  public SplitMix64(long seed) {
    state = seed;
  }

  /** The stream of one thing among many: (seed, epoch, example) or (seed, image). */
  public static SplitMix64 of(long seed, long... path) {
    long mixed = seed;
    for (long step : path) {
      mixed = mix(mixed + GOLDEN_GAMMA) + step;
    }
    return new SplitMix64(mix(mixed + GOLDEN_GAMMA));
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  public long nextLong() {
    state += GOLDEN_GAMMA;
    return mix(state);
  }

  /**
   * Uniform in 0 ≤ n &lt; bound; the bias of at most bound / 2³² is far below what data can show.
   */
  public int nextInt(int bound) {
    return (int) (((nextLong() >>> 32) * bound) >>> 32);
  }

  /** Uniform in [0, 1). */
  public double nextDouble() {
    return (nextLong() >>> 11) * 0x1p-53;
  }

  /** Uniform in [from, to). */
  public double nextDouble(double from, double to) {
    return from + (to - from) * nextDouble();
  }

  public boolean nextBoolean() {
    return nextLong() < 0;
  }

  /** Standard normal, by Box and Muller; StrictMath, as Math may differ between machines. */
  public double nextGaussian() {
    double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - nextDouble()));
    return radius * StrictMath.cos(2 * Math.PI * nextDouble());
  }

  /**
   * From the gamma distribution of this shape and scale 1, by Marsaglia and Tsang ("A simple method
   * for generating gamma variables", ACM TOMS 2000).
   *
   * @param shape at least 1
   */
  public double nextGamma(double shape) {
    double d = shape - 1.0 / 3;
    double c = 1 / Math.sqrt(9 * d);
    while (true) {
      double x = nextGaussian();
      double v = 1 + c * x;
      v = v * v * v;
      if (v > 0
          && StrictMath.log(1 - nextDouble()) < 0.5 * x * x + d - d * v + d * StrictMath.log(v)) {
        return d * v;
      }
    }
  }

  /**
   * From the symmetric beta distribution Beta(α, α), in [0, 1]: X / (X + Y) of two gamma variables
   * of shape α. Each is one of shape α + 1 times U^(1/α), which for a small α is below what a
   * double holds: hence logarithms.
   *
   * @param alpha above 0
   */
  public double nextBeta(double alpha) {
    double gammas = StrictMath.log(nextGamma(alpha + 1)) - StrictMath.log(nextGamma(alpha + 1));
    double uniforms = StrictMath.log(1 - nextDouble()) - StrictMath.log(1 - nextDouble());
    return 1 / (1 + StrictMath.exp(-(gammas + uniforms / alpha)));
  }

  /** Puts the values into a random order, all orders being equally likely (Fisher and Yates). */
  public void shuffle(int[] values) {
    for (int i = values.length - 1; i > 0; i--) {
      int j = nextInt(i + 1);
      int value = values[i];
      values[i] = values[j];
      values[j] = value;
    }
  }
}
