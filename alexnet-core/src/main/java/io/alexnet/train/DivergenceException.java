package io.alexnet.train;

import java.nio.file.Path;

/**
 * The loss, a gradient, the weights or an image are no longer numbers. The message says when, which
 * layer was the first, and what to try.
 */
public final class DivergenceException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * What was found.
   *
   * @param what as in "the loss is NaN"
   * @param origin where it comes from, as in "layer 'conv2' was the first, in the forward pass";
   *     null if that is said already
   * @param remedy what to try
   */
  record Finding(String what, String origin, String remedy) {

    static Finding of(String what, String origin) {
      return new Finding(
          what, origin, "try a lower learning rate, a warm-up, clipNorm or another initialiser");
    }

    static Finding ofReplica(int rank) {
      return new Finding(
          "replica " + rank + " came upon NaN or infinite numbers",
          null,
          "its own message says which");
    }

    static Finding ofImage(int index) {
      return new Finding(
          "image " + index + " of the batch, counted from 0, holds NaN or infinite numbers",
          null,
          "look at the data and how they are normalised");
    }
  }

  private final int epoch;
  private final long step;
  private final float learningRate;

  DivergenceException(
      Finding finding, int epoch, long step, float learningRate, Path lastCheckpoint) {
    super(
        "%s in epoch %d at step %d with a learning rate of %s%s: %s%s"
            .formatted(
                finding.what,
                epoch,
                step,
                learningRate,
                finding.origin == null ? "" : "; " + finding.origin,
                finding.remedy,
                lastCheckpoint == null ? "" : "; the last good checkpoint is " + lastCheckpoint));
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
