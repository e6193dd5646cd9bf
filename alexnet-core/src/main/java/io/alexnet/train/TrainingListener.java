package io.alexnet.train;

import java.nio.file.Path;
import java.util.List;

/**
 * Told of a training's progress, on the training's own thread; what a method throws ends the
 * training.
 */
public interface TrainingListener {

  /**
   * Before the first step.
   *
   * @param earlier the records of the epochs done before, of a training that goes on
   * @param epochs how many there are to be in all
   */
  default void onStart(List<EpochRecord> earlier, int epochs) {}

  /**
   * After each step.
   *
   * @param progress the trainer's own, changed by the next step: read it, do not keep it
   */
  default void onStep(Progress progress) {}

  /**
   * After each epoch, before its checkpoint is written.
   *
   * @param validation null without validation data
   */
  default void onEpoch(EpochRecord record, Evaluation validation) {}

  /** After a checkpoint has safely reached the disk. */
  default void onCheckpoint(Path file) {}

  /**
   * Of something that bodes ill: dead ReLUs, exploding gradients. It is in the log as well.
   *
   * @param warning for people: what, where and what to try
   */
  default void onWarning(String warning) {}

  /** At the end, unless the training ends with an exception. */
  default void onEnd(History history) {}
}
