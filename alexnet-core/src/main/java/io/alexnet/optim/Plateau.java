package io.alexnet.optim;

import java.util.Map;

/**
 * Reduces the rate when the loss stops falling: rate ← max(rate · factor, least) after more than
 * {@code patience} epochs in a row whose loss was not below (1 − threshold) times the best.
 * PyTorch's and Keras's ReduceLROnPlateau (Keras already acts on the epoch of number {@code
 * patience}, and its threshold is a difference, not a share).
 *
 * <p>It remembers, and so belongs to one training. Not thread-safe.
 */
public final class Plateau implements LearningRate {

  private static final String RATE = "rate";
  private static final String BEST = "best";
  private static final String BAD_EPOCHS = "bad_epochs";

  private final float factor;
  private final int patience;
  private final double threshold;
  private final float least;
  private float rate;
  private double best = Double.POSITIVE_INFINITY;
  private int badEpochs;

  /**
   * @param base the first rate
   * @param factor in (0, 1]
   * @param patience epochs without progress that are borne, at least 0
   * @param threshold relative progress that counts, 0 ≤ threshold &lt; 1
   * @param least the rate never falls below this; at most {@code base}
   */
  public Plateau(float base, float factor, int patience, double threshold, float least) {
    Ranges.positive("the learning rate", base);
    Ranges.factor("the learning rate's factor", factor);
    Ranges.atLeast(0, "patience", patience);
    Ranges.fraction("the threshold", threshold);
    Ranges.notNegative("the least learning rate", least);
    if (least > base) {
      throw new IllegalArgumentException(
          "the least learning rate must be at most the first, %s, not %s".formatted(base, least));
    }
    this.rate = base;
    this.factor = factor;
    this.patience = patience;
    this.threshold = threshold;
    this.least = least;
  }

  @Override
  public float at(long step, double epoch) {
    return rate;
  }

  /** A NaN is no progress. */
  @Override
  public void observe(double loss) {
    if (loss < best * (1 - threshold)) {
      best = loss;
      badEpochs = 0;
    } else if (++badEpochs > patience) {
      rate = Math.max(rate * factor, least);
      badEpochs = 0;
    }
  }

  @Override
  public Map<String, Double> state() {
    return Map.of(RATE, (double) rate, BEST, best, BAD_EPOCHS, (double) badEpochs);
  }

  @Override
  public void restore(Map<String, Double> state) {
    rate = state.get(RATE).floatValue();
    best = state.get(BEST);
    badEpochs = state.get(BAD_EPOCHS).intValue();
  }
}
