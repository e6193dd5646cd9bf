package io.alexnet.kernels.scalar;

import io.alexnet.kernels.Dropout;
import io.alexnet.kernels.ThreadTeam;

/** Dropout, and the generator of its mask. The SIMD twin extends it. */
public class ScalarDropout implements Dropout, ThreadTeam.Task {

  /** Of the mask's generator. */
  protected static final int MULTIPLIER_1 = 0x7FEB352D;

  protected static final int MULTIPLIER_2 = 0x846CA68B;

  /** 1/(1 − rate). */
  protected final float scale;

  /** The least 24-bit number that keeps its element. */
  protected final int threshold;

  private final Pieces pieces;
  protected long key;
  protected float[] x;
  protected int xOffset;
  protected float[] y;
  protected int yOffset;

  public ScalarDropout(int length, float rate) {
    if (!(rate >= 0 && rate < 1)) {
      throw new IllegalArgumentException("dropout: rate must be in [0, 1), not " + rate);
    }
    scale = 1 / (1 - rate);
    threshold = (int) Math.ceil(rate * 0x1p24);
    pieces = Pieces.ofElements(length);
  }

  @Override
  public final void run(ThreadTeam team, long key, float[] x, int xOffset, float[] y, int yOffset) {
    this.key = key;
    this.x = x;
    this.xOffset = xOffset;
    this.y = y;
    this.yOffset = yOffset;
    team.run(pieces.count(), this);
  }

  @Override
  public final void run(int piece, int worker) {
    apply(pieces.from(piece), pieces.to(piece));
  }

  /** Elements from ≤ i &lt; to. */
  protected void apply(int from, int to) {
    for (int i = from; i < to; i++) {
      y[yOffset + i] = uniform24(key, i) >= threshold ? scale * x[xOffset + i] : 0;
    }
  }

  /**
   * Uniform in 0 … 2²⁴ − 1, a function of key and index: 32-bit operations only, so that a vector
   * computes one in each lane. Each half of the key enters before a round of its own; with one
   * round alone the masks of two keys would be shifted copies of each other.
   */
  static int uniform24(long key, int index) {
    return mix(mix(index + (int) key) ^ (int) (key >>> 32)) >>> 8;
  }

  /**
   * A bijection of 32 bits, each output bit depending on all input bits nearly without bias: the
   * two-multiplication form and constants that C. Wellons found by search ("lowbias32", 2018).
   */
  private static int mix(int h) {
    h ^= h >>> 16;
    h *= MULTIPLIER_1;
    h ^= h >>> 15;
    h *= MULTIPLIER_2;
    return h ^ h >>> 16;
  }
}
