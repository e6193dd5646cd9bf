package io.alexnet.optim;

import java.util.Map;

/**
 * A schedule: the learning rate as a function of the training's progress. All but {@link Plateau}
 * are pure functions, and any lambda of one's own is one.
 *
 * <p>Rates {@code base} are positive and finite, those at the {@code end} 0 or more, powers
 * positive and finite, numbers of epochs and steps at least 1; what is not throws {@link
 * IllegalArgumentException}.
 */
@FunctionalInterface
public interface LearningRate {

  /**
   * The rate of one step.
   *
   * @param step from 0
   * @param epoch from 0, with the share of the epoch that is done: 2.5 is half-way through the
   *     third
   */
  float at(long step, double epoch);

  /** Learns the epoch's loss, on validation data if there are any; pure schedules do not care. */
  default void observe(double loss) {}

  /** What a schedule remembers, to be saved with a checkpoint; empty for pure schedules. */
  default Map<String, Double> state() {
    return Map.of();
  }

  /** Takes over a state once saved, with the keys of {@link #state()}. */
  default void restore(Map<String, Double> state) {}

  /** Always {@code base}. */
  static LearningRate constant(float base) {
    Ranges.positive("the learning rate", base);
    return (step, epoch) -> base;
  }

  /**
   * base · factor^⌊epoch/every⌋. PyTorch's StepLR, Caffe's {@code step} (which counts iterations).
   *
   * @param factor in (0, 1]
   * @param every epochs between two reductions
   */
  static LearningRate step(float base, float factor, int every) {
    Ranges.positive("the learning rate", base);
    Ranges.factor("the learning rate's factor", factor);
    Ranges.atLeast(1, "the epochs of a step", every);
    return (step, epoch) -> (float) (base * StrictMath.pow(factor, Math.floor(epoch / every)));
  }

  /**
   * base · factor^(number of milestones passed). PyTorch's MultiStepLR, Caffe's {@code multistep},
   * Keras's PiecewiseConstantDecay.
   *
   * @param factor in (0, 1]
   * @param milestones epochs that are done when the rate is reduced once more, each at least 1
   */
  static LearningRate multiStep(float base, float factor, int... milestones) {
    Ranges.positive("the learning rate", base);
    Ranges.factor("the learning rate's factor", factor);
    int[] epochs = milestones.clone();
    for (int milestone : epochs) {
      Ranges.atLeast(1, "the epochs before a milestone", milestone);
    }
    return (step, epoch) -> {
      int passed = 0;
      for (int milestone : epochs) {
        if (epoch >= milestone) {
          passed++;
        }
      }
      return (float) (base * StrictMath.pow(factor, passed));
    };
  }

  /**
   * base · factor^epoch, smoothly within an epoch. Keras's ExponentialDecay, PyTorch's
   * ExponentialLR (which moves once an epoch).
   *
   * @param factor in (0, 1]
   */
  static LearningRate exponential(float base, float factor) {
    Ranges.positive("the learning rate", base);
    Ranges.factor("the learning rate's factor", factor);
    return (step, epoch) -> (float) (base * StrictMath.pow(factor, epoch));
  }

  /**
   * end + (base − end) · (1 − epoch/epochs)^power, and {@code end} ever after. Caffe's {@code poly}
   * and PyTorch's PolynomialLR (both with end = 0), Keras's PolynomialDecay.
   */
  static LearningRate polynomial(float base, float end, double power, int epochs) {
    Ranges.positive("the learning rate", base);
    Ranges.notNegative("the last learning rate", end);
    Ranges.atLeast(1, "the epochs of a schedule", epochs);
    Ranges.positive("the power", power);
    return (step, epoch) ->
        (float) (end + (base - end) * StrictMath.pow(1 - Math.min(epoch, epochs) / epochs, power));
  }

  /**
   * end + ½·(base − end) · (1 + cos(π·epoch/epochs)), and {@code end} ever after (Loshchilov and
   * Hutter 2017, equation 5, without restarts). PyTorch's CosineAnnealingLR, Keras's CosineDecay.
   */
  static LearningRate cosine(float base, float end, int epochs) {
    Ranges.positive("the learning rate", base);
    Ranges.notNegative("the last learning rate", end);
    Ranges.atLeast(1, "the epochs of a schedule", epochs);
    return (step, epoch) ->
        (float)
            (end
                + 0.5
                    * (base - end)
                    * (1 + StrictMath.cos(Math.PI * Math.min(epoch, epochs) / epochs)));
  }

  /**
   * base, times {@code factor} whenever the loss has not fallen by 0.01 % of the best for more than
   * {@code patience} epochs in a row, without end; {@link Plateau} takes other thresholds.
   */
  static Plateau plateau(float base, float factor, int patience) {
    return new Plateau(base, factor, patience, 1e-4, 0);
  }

  /**
   * This schedule, times (step + 1)/steps during the first steps (Goyal et al. 2017, section 2.2).
   * PyTorch's LinearLR; this schedule runs from the beginning, not after the warm-up.
   */
  default LearningRate warmUp(int steps) {
    Ranges.atLeast(1, "the steps of a warm-up", steps);
    LearningRate schedule = this;
    return new LearningRate() {
      @Override
      public float at(long step, double epoch) {
        float rate = schedule.at(step, epoch);
        return step < steps ? (float) (rate * ((step + 1.0) / steps)) : rate;
      }

      @Override
      public void observe(double loss) {
        schedule.observe(loss);
      }

      @Override
      public Map<String, Double> state() {
        return schedule.state();
      }

      @Override
      public void restore(Map<String, Double> state) {
        schedule.restore(state);
      }
    };
  }
}
