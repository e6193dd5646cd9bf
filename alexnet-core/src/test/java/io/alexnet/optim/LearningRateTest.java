package io.alexnet.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LearningRateTest {

  private static void assertRates(LearningRate schedule, double[] epochs, double[] rates) {
    for (int i = 0; i < epochs.length; i++) {
      assertEquals(rates[i], schedule.at(0, epochs[i]), 1e-7 * rates[i] + 1e-12, "" + epochs[i]);
    }
  }

  @Test
  void constant() {
    assertRates(
        LearningRate.constant(0.01f), new double[] {0, 0.5, 1000}, new double[] {.01, .01, .01});
  }

  @Test
  void stepMovesAtWholeMultiples() {
    assertRates(
        LearningRate.step(0.01f, 0.1f, 30),
        new double[] {0, 29.999, 30, 59.5, 60},
        new double[] {1e-2, 1e-2, 1e-3, 1e-3, 1e-4});
  }

  @Test
  void multiStepMovesAtItsMilestones() {
    assertRates(
        LearningRate.multiStep(1, 0.5f, 2, 3, 10),
        new double[] {0, 1.99, 2, 3, 9.9, 10, 11},
        new double[] {1, 1, .5, .25, .25, .125, .125});
  }

  @Test
  void exponentialFallsSmoothly() {
    assertRates(
        LearningRate.exponential(2, 0.25f),
        new double[] {0, 0.5, 1, 2},
        new double[] {2, 1, .5, .125});
  }

  @Test
  void polynomialEndsAtItsEnd() {
    assertRates(
        LearningRate.polynomial(1, 0.2f, 2, 10),
        new double[] {0, 5, 10, 20},
        new double[] {1, .2 + .8 * .25, .2, .2});
  }

  @Test
  void cosineEndsAtItsEnd() {
    assertRates(
        LearningRate.cosine(1, 0.1f, 10),
        new double[] {0, 2.5, 5, 10, 11},
        new double[] {1, .1 + .45 * (1 + Math.sqrt(.5)), .55, .1, .1});
  }

  @Test
  void warmUpRisesFromTheFirstStepAndThenLeavesTheScheduleAlone() {
    LearningRate schedule = LearningRate.step(0.8f, 0.5f, 1).warmUp(4);
    float[] expected = {0.2f, 0.4f, 0.6f, 0.8f, 0.8f};
    for (int step = 0; step < expected.length; step++) {
      assertEquals(expected[step], schedule.at(step, 0), 1e-7);
    }
    assertEquals(0.4f, schedule.at(100, 1), 1e-7);
  }

  /** Hand-played: ReduceLROnPlateau(factor=0.5, patience=2, threshold=0.1, min_lr=0.3). */
  @Test
  void plateauReducesAfterPatienceHasRunOut() {
    LearningRate plateau = new Plateau(1, 0.5f, 2, 0.1, 0.3f);
    double[] losses = {5, 4, 3.9, 3.7, 3.65, 3.0, 3.0, Double.NaN, 3.0, 2.9, 2.9, 2.9, 2.0};
    double[] rates = {1, 1, 1, 1, .5, .5, .5, .5, .5 * .5 < .3 ? .3 : .25, .3, .3, .3, .3};
    for (int i = 0; i < losses.length; i++) {
      plateau.observe(losses[i]);
      assertEquals(rates[i], plateau.at(i, i), 1e-7, "after epoch " + i);
    }
  }

  @Test
  void plateauGoesOnFromItsSavedStateEvenBehindAWarmUp() {
    LearningRate straight = LearningRate.plateau(1, 0.1f, 1).warmUp(2);
    LearningRate first = LearningRate.plateau(1, 0.1f, 1).warmUp(2);
    for (double loss : new double[] {3, 4}) {
      straight.observe(loss);
      first.observe(loss);
    }
    LearningRate second = LearningRate.plateau(1, 0.1f, 1).warmUp(2);
    second.restore(Map.copyOf(first.state()));
    straight.observe(5);
    second.observe(5);
    assertEquals(0.1f, straight.at(9, 9));
    assertEquals(straight.at(9, 9), second.at(9, 9));
    assertEquals(straight.state(), second.state());
  }

  static Stream<Executable> outOfRange() {
    return Stream.of(
        () -> LearningRate.constant(Float.NaN),
        () -> LearningRate.constant(0),
        () -> LearningRate.constant(-1),
        () -> LearningRate.constant(Float.POSITIVE_INFINITY),
        () -> LearningRate.step(1, 0, 1),
        () -> LearningRate.step(1, 2, 1),
        () -> LearningRate.step(1, Float.NaN, 1),
        () -> LearningRate.step(1, 0.1f, 0),
        () -> LearningRate.multiStep(-1, 0.1f, 1),
        () -> LearningRate.multiStep(1, 0.1f, 5, 0),
        () -> LearningRate.exponential(1, -0.1f),
        () -> LearningRate.polynomial(1, 0, 0, 10),
        () -> LearningRate.polynomial(1, Float.NaN, 1, 10),
        () -> LearningRate.polynomial(1, 0, 1, 0),
        () -> LearningRate.cosine(1, -1, 10),
        () -> LearningRate.cosine(1, 0, 0),
        () -> LearningRate.constant(1).warmUp(0),
        () -> LearningRate.plateau(1, 0, 1),
        () -> LearningRate.plateau(1, 0.1f, -1),
        () -> new Plateau(1, 0.1f, 1, Double.NaN, 0),
        () -> new Plateau(1, 0.1f, 1, 0, -1),
        () -> new Plateau(1, 0.1f, 1, 0, 1.1f),
        () -> new Sgd(1, 0, false),
        () -> new Sgd(Float.NaN, 0, false),
        () -> new Sgd(0.9f, -1, false),
        () -> new Adam(1, 0.9f, 1e-7f, 0, false),
        () -> new Adam(0.9f, Float.NaN, 1e-7f, 0, false),
        () -> new Adam().epsilon(0),
        () -> new Adam().decoupled(Float.POSITIVE_INFINITY));
  }

  @ParameterizedTest
  @MethodSource("outOfRange")
  void refusesSettingsOutOfRange(Executable setting) {
    var e = assertThrows(IllegalArgumentException.class, setting);
    assertTrue(e.getMessage().contains(" must be "), e.getMessage());
  }
}
