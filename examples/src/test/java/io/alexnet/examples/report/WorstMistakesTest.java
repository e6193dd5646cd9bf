package io.alexnet.examples.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WorstMistakesTest {

  @Test
  void keepsThoseWithTheLeastProbabilityForTheirClass() {
    Random random = new Random(1);
    WorstMistakes mistakes = new WorstMistakes(7);
    List<double[]> wrong = new ArrayList<>(); // example, probability of its class
    for (int example = 0; example < 200; example++) {
      double first = random.nextDouble();
      double[] probabilities = {first, 1 - first};
      int label = random.nextInt(2);
      mistakes.onExample(example, label, probabilities);
      if (probabilities[label] < 0.5) {
        wrong.add(new double[] {example, probabilities[label]});
      }
    }
    wrong.sort(Comparator.comparingDouble(each -> each[1]));
    List<Mistake> worst = mistakes.worst();
    assertEquals(7, worst.size());
    for (int i = 0; i < 7; i++) {
      assertEquals(wrong.get(i)[0], worst.get(i).example());
      assertEquals(wrong.get(i)[1], worst.get(i).probability());
    }
  }

  @Test
  void whatIsRightOrNotANumberIsNone() {
    WorstMistakes mistakes = new WorstMistakes(3);
    mistakes.onExample(0, 1, new double[] {0.2, 0.5, 0.3});
    mistakes.onExample(1, 0, new double[] {0.4, 0.4, 0.2}); // of equal ones the first is taken
    mistakes.onExample(2, 0, new double[] {Double.NaN, Double.NaN, Double.NaN});
    mistakes.onExample(3, 0, new double[] {0.1, Double.NaN, 0.9});
    assertEquals(List.of(), mistakes.worst());
    mistakes.onExample(4, 1, new double[] {0.4, 0.4, 0.2});
    assertEquals(1, mistakes.worst().size());
  }

  @Test
  void tellsTheFiveBestGuesses() {
    WorstMistakes mistakes = new WorstMistakes(1);
    mistakes.onExample(9, 0, new double[] {0.01, 0.3, 0.05, 0.25, 0.2, 0.15, 0.04});
    Mistake mistake = mistakes.worst().get(0);
    assertEquals(
        List.of(1, 3, 4, 5, 2), mistake.guesses().stream().map(Mistake.Guess::label).toList());
    assertEquals(0.3, mistake.guesses().get(0).probability());
  }
}
