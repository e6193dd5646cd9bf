package io.alexnet.examples.cli;

import io.alexnet.graph.Graph;
import io.alexnet.graph.Network;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which layers a training leaves as they are, and which learn at a rate of their own: what {@code
 * --freeze} and {@code --rate-factor} say.
 *
 * @param frozen patterns, as {@link Graph#parameterNames} has them
 * @param rateFactors by patterns; where several pick a parameter, the last counts
 */
record FineTuning(List<String> frozen, Map<String, Float> rateFactors) {

  /**
   * @param freeze patterns, separated by commas; empty for none
   * @param rateFactor as in {@code conv*=0.1,fc8=10}; empty for none
   * @throws IllegalArgumentException if they are of another form
   */
  static FineTuning parse(String freeze, String rateFactor) {
    Map<String, Float> factors = new LinkedHashMap<>();
    for (String entry : items(rateFactor)) {
      int equals = entry.lastIndexOf('=');
      float factor;
      try {
        factor = Float.parseFloat(entry.substring(equals + 1));
      } catch (NumberFormatException e) {
        factor = Float.NaN;
      }
      if (equals < 1 || !(factor > 0 && factor < Float.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "'"
                + entry
                + "' is not of the form PATTERN=FACTOR with a factor above 0, as in fc8=10");
      }
      factors.put(entry.substring(0, equals), factor);
    }
    return new FineTuning(items(freeze), factors);
  }

  private static List<String> items(String list) {
    return list.isEmpty() ? List.of() : Arrays.asList(list.split(",", -1));
  }

  /**
   * @throws IllegalArgumentException if a pattern picks no layer, or nothing is left to train
   */
  void check(Graph graph) {
    Set<String> learning = new TreeSet<>(graph.parameterNames("*"));
    for (String pattern : frozen) {
      check(graph, "--freeze", pattern);
      learning.removeAll(Set.copyOf(graph.parameterNames(pattern)));
    }
    for (String pattern : rateFactors.keySet()) {
      check(graph, "--rate-factor", pattern);
    }
    if (learning.isEmpty()) {
      throw new IllegalArgumentException("--freeze leaves nothing to train");
    }
  }

  private static void check(Graph graph, String option, String pattern) {
    try {
      graph.parameterNames(pattern);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(option + ": " + e.getMessage(), e);
    }
  }

  void applyTo(Network network) {
    network.freeze(frozen.toArray(String[]::new));
    rateFactors.forEach(
        (pattern, factor) ->
            network.parameters(pattern).forEach(p -> p.learningRateFactor(factor)));
  }
}
