package io.alexnet.examples.report;

import io.alexnet.examples.report.Mistake.Guess;
import io.alexnet.train.Evaluator;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.stream.IntStream;

/**
 * Keeps, of an evaluation, the mistakes that cost the most: those whose own class was given the
 * least probability. An example with a NaN among its probabilities was taken for nothing and is no
 * mistake of this kind.
 */
public final class WorstMistakes implements Evaluator.ExampleListener {

  private static final int GUESSES = 5;

  /** The worst first; of equal ones the first in the data. */
  private static final Comparator<Mistake> WORST =
      Comparator.comparingDouble(Mistake::probability).thenComparingInt(Mistake::example);

  private final int most;
  private final PriorityQueue<Mistake> kept = new PriorityQueue<>(WORST.reversed());

  /**
   * @param most mistakes to keep, at least 1
   */
  public WorstMistakes(int most) {
    this.most = most;
  }

  @Override
  public void onExample(int example, int label, double[] probabilities) {
    double own = probabilities[label];
    if (kept.size() == most && !(own < kept.peek().probability())) {
      return; // most examples end here, before anything is sorted
    }
    boolean mistake = false;
    for (int c = 0; c < probabilities.length; c++) {
      if (Double.isNaN(probabilities[c])) {
        return;
      }
      mistake |= probabilities[c] > own || probabilities[c] == own && c < label;
    }
    if (mistake) {
      kept.add(new Mistake(example, label, own, guesses(probabilities)));
      if (kept.size() > most) {
        kept.remove();
      }
    }
  }

  private static List<Guess> guesses(double[] probabilities) {
    return IntStream.range(0, probabilities.length)
        .mapToObj(c -> new Guess(c, probabilities[c]))
        .sorted(Comparator.comparingDouble(Guess::probability).reversed())
        .limit(GUESSES)
        .toList();
  }

  /** The worst first. */
  public List<Mistake> worst() {
    return kept.stream().sorted(WORST).toList();
  }
}
