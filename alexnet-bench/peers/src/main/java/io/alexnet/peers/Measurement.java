package io.alexnet.peers;

import java.util.Arrays;

/**
 * What one engine did.
 *
 * @param roundSeconds seconds a step, one value for each round
 * @param coldSeconds the first step of its process
 * @param idleCores processor time that it took while others were at work, as a share of theirs
 */
record Measurement(
    String name,
    String version,
    long parameters,
    double firstLoss,
    double lastLoss,
    int batch,
    double[] roundSeconds,
    double coldSeconds,
    long peakKilobytes,
    double idleCores) {

  double secondsPerStep() {
    return median(roundSeconds);
  }

  double imagesPerSecond() {
    return batch / secondsPerStep();
  }

  double fastest() {
    return batch / Arrays.stream(roundSeconds).min().orElseThrow();
  }

  double slowest() {
    return batch / Arrays.stream(roundSeconds).max().orElseThrow();
  }

  /** Why it cannot be compared, or null. */
  String objection() {
    if (parameters != Task.PARAMETERS) {
      return "%s has %d parameters, not %d".formatted(name, parameters, Task.PARAMETERS);
    }
    if (!(Math.abs(firstLoss - Math.log(Task.CLASSES)) < 0.5)) {
      return "%s begins with a loss of %.3f, not near ln(%d) = %.3f"
          .formatted(name, firstLoss, Task.CLASSES, Math.log(Task.CLASSES));
    }
    return Double.isFinite(lastLoss) ? null : name + " ends with a loss of " + lastLoss;
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
