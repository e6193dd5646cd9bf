package io.alexnet.train;

import io.alexnet.format.OneLine;
import io.alexnet.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/** How well a network did on a set of examples. Immutable. */
public final class Evaluation {

  private final List<String> classNames;
  private final int count;
  private final double lossSum;
  private final int top1;
  private final int top5;
  private final int[] examples;
  private final int[][] confusion;

  /**
   * @param examples of each class
   */
  Evaluation(
      List<String> classNames,
      double lossSum,
      int top1,
      int top5,
      int[] examples,
      int[][] confusion) {
    this.classNames = List.copyOf(classNames);
    this.count = Arrays.stream(examples).sum();
    this.lossSum = lossSum;
    this.top1 = top1;
    this.top5 = top5;
    this.examples = examples;
    this.confusion = confusion;
  }

  /** Of all replicas' examples together, each having evaluated its part. */
  Evaluation sumOver(Replicas replicas) {
    int classes = examples.length;
    Tensor counts = Tensor.zeros(classes + 1, classes);
    for (int c = 0; c < classes; c++) {
      counts.set(examples[c], classes, c);
      for (int predicted = 0; predicted < classes; predicted++) {
        counts.set(confusion[c][predicted], c, predicted);
      }
    }
    double[][] all = replicas.sum(List.of(counts), lossSum, top1, top5);
    int[] examplesOfAll = new int[classes];
    int[][] confusionOfAll = new int[classes][classes];
    for (int c = 0; c < classes; c++) {
      examplesOfAll[c] = (int) counts.get(classes, c);
      for (int predicted = 0; predicted < classes; predicted++) {
        confusionOfAll[c][predicted] = (int) counts.get(c, predicted);
      }
    }
    return new Evaluation(
        classNames,
        Arrays.stream(all).mapToDouble(own -> own[0]).sum(),
        Arrays.stream(all).mapToInt(own -> (int) own[1]).sum(),
        Arrays.stream(all).mapToInt(own -> (int) own[2]).sum(),
        examplesOfAll,
        confusionOfAll);
  }

  /** Examples seen; an image of several views is one. */
  public int count() {
    return count;
  }

  /** Mean loss of an example. */
  public double loss() {
    return lossSum / count;
  }

  /**
   * Share of examples whose class has the largest logit, from 0 to 1; of equal logits the class
   * with the lowest index wins, and an example with a NaN logit is never right.
   */
  public double top1() {
    return (double) top1 / count;
  }

  /** Share of examples whose class is among the five with the largest logits; as {@link #top1}. */
  public double top5() {
    return (double) top5 / count;
  }

  public List<String> classNames() {
    return classNames;
  }

  /**
   * How many examples of class {@code actual} were taken for class {@code predicted}. Examples with
   * a NaN logit were taken for none and are missing here.
   */
  public int confusion(int actual, int predicted) {
    return confusion[actual][predicted];
  }

  /** Of the examples taken for this class, the share that is of it; NaN if there was none. */
  public double precision(int classIndex) {
    int taken = taken(classIndex);
    return taken == 0 ? Double.NaN : (double) confusion[classIndex][classIndex] / taken;
  }

  private int taken(int classIndex) {
    int taken = 0;
    for (int[] row : confusion) {
      taken += row[classIndex];
    }
    return taken;
  }

  /** Examples of this class. */
  public int examples(int classIndex) {
    return examples[classIndex];
  }

  /** Of the examples of this class, the share taken for it; NaN if there was none. */
  public double recall(int classIndex) {
    return examples[classIndex] == 0
        ? Double.NaN
        : (double) confusion[classIndex][classIndex] / examples[classIndex];
  }

  /**
   * The harmonic mean of precision and recall, 2 · right / (taken for the class + of the class);
   * NaN if there was neither.
   */
  public double f1(int classIndex) {
    int either = taken(classIndex) + examples[classIndex];
    return either == 0 ? Double.NaN : 2.0 * confusion[classIndex][classIndex] / either;
  }

  /**
   * Mean precision of the classes that have examples, each class with the same weight; a class that
   * none was taken for counts as 0.
   */
  public double macroPrecision() {
    return macro(c -> taken(c) == 0 ? 0 : precision(c));
  }

  /** Mean recall of the classes that have examples, each class with the same weight. */
  public double macroRecall() {
    return macro(this::recall);
  }

  /** Mean F1 of the classes that have examples, each class with the same weight. */
  public double macroF1() {
    return macro(this::f1);
  }

  private double macro(IntToDoubleFunction figure) {
    return IntStream.range(0, examples.length)
        .filter(c -> examples[c] > 0)
        .mapToDouble(figure)
        .average()
        .orElse(Double.NaN);
  }

  /**
   * A line for each class with its name, precision, recall, F1 and number of examples, and one with
   * the means of the classes; a dash stands for a figure that there is not.
   */
  public String perClass() {
    String mean = "macro average";
    int width = classNames.stream().mapToInt(String::length).max().orElse(0);
    String format =
        "%-" + Math.max(mean.length(), width) + "s  precision %7s  recall %7s  F1 %7s  of %d%n";
    StringBuilder table = new StringBuilder();
    for (int c = 0; c < classNames.size(); c++) {
      table.append(
          String.format(
              Locale.ROOT,
              format,
              OneLine.of(classNames.get(c)),
              percent(precision(c)),
              percent(recall(c)),
              percent(f1(c)),
              examples[c]));
    }
    table.append(
        String.format(
            Locale.ROOT,
            format,
            mean,
            percent(macroPrecision()),
            percent(macroRecall()),
            percent(macroF1()),
            count));
    return table.toString();
  }

  private static String percent(double share) {
    return Double.isNaN(share) ? "-  " : String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  /** As in {@code loss 0.4213, top-1 87.5 %, top-5 99.2 % of 272}. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "loss %.4f, top-1 %.1f %%, top-5 %.1f %% of %d",
        loss(),
        100 * top1(),
        100 * top5(),
        count);
  }
}
