package io.alexnet.train;

/** Notices a gradient that is suddenly far longer than those of the steps before it. */
final class ExplodingGradients {

  /** Times the usual norm; from batch to batch it varies by less than ten. */
  private static final double FACTOR = 100;

  /** Of a step in the running mean: it remembers some hundred steps. */
  private static final double SHARE = 0.01;

  /** Steps until the mean means anything. */
  private static final int SETTLING = 50;

  private double meanLogarithm;
  private int steps;
  private int warnedInEpoch;

  /**
   * Takes in a step.
   *
   * @param norm finite
   * @return a warning for the log, at most one an epoch; null for none
   */
  String observe(double norm, int epoch, long step) {
    if (norm == 0) {
      return null;
    }
    double logarithm = Math.log(norm);
    double times = Math.exp(logarithm - meanLogarithm);
    boolean explodes = steps >= SETTLING && times > FACTOR && warnedInEpoch != epoch;
    steps++;
    meanLogarithm += (logarithm - meanLogarithm) * Math.max(SHARE, 1.0 / steps);
    if (!explodes) {
      return null;
    }
    warnedInEpoch = epoch;
    return ("exploding gradients: in epoch %d at step %d the gradient's norm is %s, %.0f times what"
            + " it was before: try a lower learning rate, a warm-up or clipNorm")
        .formatted(epoch, step, (float) norm, times);
  }
}
