package io.alexnet.train;

import java.nio.file.Path;

/** The loss or the weights are no longer numbers. The message says when, and what to try. */
public final class DivergenceException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int epoch;
  private final long step;
  private final float learningRate;

  DivergenceException(String what, int epoch, long step, float learningRate, Path checkpoint) {
    super(
        "%s in epoch %d at step %d with a learning rate of %s: try a lower one, a warm-up or clipNorm%s"
            .formatted(
                what,
                epoch,
                step,
                learningRate,
                checkpoint == null ? "" : "; the last good checkpoint is " + checkpoint));
    this.epoch = epoch;
    this.step = step;
    this.learningRate = learningRate;
  }

  /** From 1. */
  public int epoch() {
    return epoch;
  }

  /** From 1, since the beginning of the training. */
  public long step() {
    return step;
  }

  public float learningRate() {
    return learningRate;
  }
}
