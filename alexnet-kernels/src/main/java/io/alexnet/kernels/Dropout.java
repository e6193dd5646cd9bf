package io.alexnet.kernels;

/**
 * Inverted dropout (Srivastava et al. 2014): y = x/(1 − rate) where the element stays, 0 where it
 * is dropped. The mask is a function of (key, element index) by a counter-based generator, so it is
 * never stored: the backward pass runs the same kernel on dy with the same key.
 */
public interface Dropout extends Kernel {

  /**
   * @param key of {@link #key(long, long, int)}; numbers of one's own that differ by little give
   *     masks that are copies of each other, some elements further on
   * @param x may be y's own array
   */
  void run(ThreadTeam team, long key, float[] x, int xOffset, float[] y, int yOffset);

  /** One key for each network seed, training step and layer. */
  static long key(long seed, long step, int layer) {
    return mix(mix(mix(seed) ^ step) ^ layer);
  }

  /** SplitMix64's finaliser: a bijection whose output bits each depend on all input bits. */
  private static long mix(long z) {
    z += 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
