package io.alexnet.examples.dashboard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class StepCurveTest {

  @Test
  void everyPointIsTheMeanOfAsManySteps() {
    StepCurve curve = new StepCurve(4);
    for (int step = 1; step <= 4; step++) {
      curve.add(step, 10 * step);
    }
    assertEquals(1, curve.stepsInPoint());
    assertEquals(List.of(List.of(3.0, 30.0), List.of(4.0, 40.0)), curve.from(2));
    for (int step = 5; step <= 8; step++) {
      curve.add(step, 10 * step);
    }
    assertEquals(2, curve.stepsInPoint());
    assertEquals(
        List.of(List.of(2.0, 15.0), List.of(4.0, 35.0), List.of(6.0, 55.0), List.of(8.0, 75.0)),
        curve.from(0));
  }

  @Test
  void longTrainingsStayBounded() {
    StepCurve curve = new StepCurve(16);
    int steps = 100_000;
    for (int step = 1; step <= steps; step++) {
      curve.add(step, step);
    }
    List<List<Double>> points = curve.from(0);
    assertTrue(points.size() > 8 && points.size() <= 16, points.toString());
    int stride = curve.stepsInPoint();
    for (int i = 0; i < points.size(); i++) {
      double end = (double) (i + 1) * stride;
      assertEquals(List.of(end, end - (stride - 1) / 2.0), points.get(i));
    }
    assertTrue(steps - points.size() * stride < stride, "the newest are there");
  }
}
