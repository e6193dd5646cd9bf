package io.alexnet.examples.report;

import java.util.List;

/**
 * An image that was taken for something else.
 *
 * @param example its index in what was evaluated
 * @param label its class
 * @param probability that its class was given, 0 to 1
 * @param guesses the classes that were given the most, best first
 */
public record Mistake(int example, int label, double probability, List<Guess> guesses) {

  /**
   * @param label of the class
   * @param probability that it was given, 0 to 1
   */
  public record Guess(int label, double probability) {}
}
