package io.alexnet.optim;

/** Refusals of settings that cannot be meant; a NaN is in no range. */
final class Ranges {

  private Ranges() {}

  static void positive(String name, double value) {
    require(value > 0 && value < Double.POSITIVE_INFINITY, name, "positive and finite", value);
  }

  static void notNegative(String name, double value) {
    require(value >= 0 && value < Double.POSITIVE_INFINITY, name, "at least 0 and finite", value);
  }

  static void atLeast(int least, String name, int value) {
    require(value >= least, name, "at least " + least, value);
  }

  /** From 0 up to but not including 1. */
  static void fraction(String name, double value) {
    require(value >= 0 && value < 1, name, "at least 0 and below 1", value);
  }

  /** Above 0 and at most 1. */
  static void factor(String name, double value) {
    require(value > 0 && value <= 1, name, "above 0 and at most 1", value);
  }

  private static void require(boolean ok, String name, String range, Number value) {
    if (!ok) {
      throw new IllegalArgumentException(name + " must be " + range + ", not " + value);
    }
  }
}
