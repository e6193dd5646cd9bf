package io.alexnet.examples.dashboard;

import java.util.ArrayList;
import java.util.List;

/**
 * A curve with a value for every step of a training, in bounded memory: when it is full, each two
 * neighbours become their mean, and from then on one point stands for twice as many steps. Adding
 * allocates nothing. Not safe for threads.
 */
final class StepCurve {

  private final double[] x;
  private final double[] y;
  private int size;
  private int stepsInPoint = 1;
  private int pending;
  private double pendingSum;

  /**
   * @param most points, an even number
   */
  StepCurve(int most) {
    x = new double[most];
    y = new double[most];
  }

  void add(double at, double value) {
    pendingSum += value;
    pending++;
    if (pending < stepsInPoint) {
      return;
    }
    if (size == x.length) {
      halve();
      if (pending < stepsInPoint) {
        return;
      }
    }
    x[size] = at;
    y[size] = pendingSum / pending;
    size++;
    pending = 0;
    pendingSum = 0;
  }

  private void halve() {
    for (int i = 0; i < size / 2; i++) {
      x[i] = x[2 * i + 1];
      y[i] = (y[2 * i] + y[2 * i + 1]) / 2;
    }
    size /= 2;
    stepsInPoint *= 2;
  }

  int size() {
    return size;
  }

  /** How many steps one point stands for; grows when the points have changed altogether. */
  int stepsInPoint() {
    return stepsInPoint;
  }

  /** The points from an index on, as [x, y]. */
  List<List<Double>> from(int first) {
    List<List<Double>> points = new ArrayList<>();
    for (int i = first; i < size; i++) {
      points.add(List.of(x[i], y[i]));
    }
    return points;
  }
}
