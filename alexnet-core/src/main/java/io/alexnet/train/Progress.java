package io.alexnet.train;

/** A view of how far a training is, for {@link TrainingListener#onStep}. */
public final class Progress {

  private final TrainingState state;
  private final int epochs;
  private final int batches;
  double stepLoss;
  double gradientScale;
  double gradientNorm;

  Progress(TrainingState state, int epochs, int batches) {
    this.state = state;
    this.epochs = epochs;
    this.batches = batches;
  }

  /** The epoch under way, from 1. */
  public int epoch() {
    return state.epoch + 1;
  }

  /** How many epochs there are to be. */
  public int epochs() {
    return epochs;
  }

  /** Batches of this epoch that are done. */
  public int batch() {
    return state.batch;
  }

  /** Batches in an epoch. */
  public int batches() {
    return batches;
  }

  /** Steps done since the beginning of the training. */
  public long step() {
    return state.step;
  }

  /** Mean loss of the step just done. */
  public double stepLoss() {
    return stepLoss;
  }

  /**
   * Times this, what lies in {@link io.alexnet.layer.Parameter#gradient} is the mean over the
   * examples of the step just done, before any {@link Trainer#clipNorm}: the last step of an epoch
   * may have fewer than the others.
   */
  public double gradientScale() {
    return gradientScale;
  }

  /**
   * Euclidean norm of the mean gradient of the step just done, all trainable parameters together,
   * without weight decay and before any clipping.
   */
  public double gradientNorm() {
    return gradientNorm;
  }

  /** Mean training loss of this epoch so far. */
  public double loss() {
    return state.lossSum / state.examples;
  }

  /** Share of this epoch's examples that were right so far, as they were trained on. */
  public double top1() {
    return (double) state.top1 / state.examples;
  }

  /** Of the step just done. */
  public float learningRate() {
    return state.rate;
  }

  /** Over this epoch so far, waiting for data included. */
  public double imagesPerSecond() {
    return state.examples / state.secondsTrained();
  }

  /** What is left of all epochs at the pace of this one so far, validations not counted. */
  public double secondsLeft() {
    double batchesLeft = (double) (epochs - state.epoch) * batches - state.batch;
    return batchesLeft * state.secondsTrained() / state.batch;
  }
}
