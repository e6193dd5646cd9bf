package io.alexnet.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchNormTest {
  private static final int X_OFFSET = 3;
  private static final int Y_OFFSET = 5;
  private static final float MOMENTUM = 0.9f;

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "simd"})
  void trainingIsTheFormulaInDouble(String provider) {
    try (ThreadTeam team = new ThreadTeam(2)) {
      for (BatchNormShape shape : shapes()) {
        // y of size up to five with some ten roundings.
        new Run(shape, 0, 1).train(GemmTest.provider(provider), team, 5e-6);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "simd"})
  void aLargeMeanCostsNoMoreThanItsOwnRounding(String provider) {
    try (ThreadTeam team = new ThreadTeam(2)) {
      for (BatchNormShape shape : shapes()) {
        if (shape.batch() * shape.pixels() >= 30) { // of fewer the deviation may come out small
          Run run = new Run(shape, 1000, 1);
          Arrays.fill(run.gamma, 1); // or it would enlarge the error
          // A float near 1000 is exact to 3e-5, so its mean is too.
          run.train(GemmTest.provider(provider), team, 1e-4);
        }
      }
    }
  }

  /** The first image, whose mean the fast sums are shifted by, is far off the others. */
  @ParameterizedTest
  @ValueSource(strings = {"scalar", "simd"})
  void aFirstImageUnlikeTheOthersDoesNoHarm(String provider) {
    try (ThreadTeam team = new ThreadTeam(2)) {
      for (int pixels : new int[] {1, 4, 49, 169}) {
        Run run = new Run(new BatchNormShape(64, 3, pixels, 1e-3f), 0, 1);
        for (int i = X_OFFSET; i < X_OFFSET + 3 * pixels; i++) {
          run.x[i] += 1000;
        }
        run.train(GemmTest.provider(provider), team, 5e-5);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "simd"})
  void inferenceUsesTheRunningStatisticsAlsoInPlace(String provider) {
    try (ThreadTeam team = new ThreadTeam(2)) {
      for (BatchNormShape shape : shapes()) {
        Run run = new Run(shape, 0, 1);
        BatchNorm.Inference kernel = GemmTest.provider(provider).batchNormInference(shape);
        float[] y = new float[Y_OFFSET + run.length + 1];
        double[] expected = new double[run.length];
        for (int i = 0; i < run.length; i++) {
          int c = run.channel(i);
          expected[i] =
              run.gamma[c]
                      * ((double) run.x[X_OFFSET + i] - run.runningMean[c])
                      / Math.sqrt((double) run.runningVariance[c] + shape.epsilon())
                  + run.beta[c];
        }
        kernel.run(
            team,
            run.x,
            X_OFFSET,
            run.gamma,
            run.beta,
            run.runningMean,
            run.runningVariance,
            y,
            Y_OFFSET);
        assertClose(expected, Sample.inside(y, Y_OFFSET, run.length), 5e-6, "y of " + shape);
        float[] x = run.x.clone();
        kernel.run(
            team,
            x,
            X_OFFSET,
            run.gamma,
            run.beta,
            run.runningMean,
            run.runningVariance,
            x,
            X_OFFSET);
        for (int i = 0; i < run.length; i++) {
          assertEquals(y[Y_OFFSET + i], x[X_OFFSET + i], () -> "in place, " + shape);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "simd"})
  void backwardIsTheGradientOfTheFormulaAlsoInPlace(String provider) {
    try (ThreadTeam team = new ThreadTeam(2)) {
      for (BatchNormShape shape : shapes()) {
        new Run(shape, 0, 1).backward(GemmTest.provider(provider), team);
      }
    }
  }

  /** As behind a global average: what a float adds up a hundred thousand times drifts. */
  @ParameterizedTest
  @ValueSource(strings = {"scalar", "simd"})
  void largePlanesAreNotOneLongSumOfFloats(String provider) {
    try (ThreadTeam team = new ThreadTeam(2)) {
      Run run = new Run(new BatchNormShape(1, 1, 1_000_003, 1e-3f), 0, 1);
      Arrays.fill(run.dy, 1e-4f);
      run.backward(GemmTest.provider(provider), team);
      Arrays.fill(run.x, 0.1f);
      run.x[X_OFFSET] = 1; // and the mean is 10⁻⁶ beside the others
      run.train(GemmTest.provider(provider), team, 5e-5);
    }
  }

  /** Of 10²⁰, whose square no float holds. */
  @ParameterizedTest
  @ValueSource(strings = {"scalar", "simd"})
  void squaresMayBeBeyondFloats(String provider) {
    try (ThreadTeam team = new ThreadTeam(2)) {
      Run run = new Run(new BatchNormShape(2, 3, 100, 1e-3f), 0, 1);
      for (int i = 0; i < run.x.length; i++) {
        run.x[i] *= 1e20f;
      }
      Kernels kernels = GemmTest.provider(provider);
      run.bothPasses(kernels, team);
      for (float variance : run.runningVariance) {
        assertEquals(Float.POSITIVE_INFINITY, variance, "10⁴⁰ is no float");
      }
      for (float y : Sample.inside(run.y, Y_OFFSET, run.length)) {
        assertTrue(Math.abs(y) < 100, "normalised all the same: " + y);
      }
      assertTrue(Math.abs(run.y[Y_OFFSET] - run.y[Y_OFFSET + 1]) > 1e-3, "not all the same");
    }
  }

  /** The oracle itself, against central differences of the forward formula. */
  @Test
  void theBackwardFormulaIsTheGradientOfTheForwardOne() {
    BatchNormShape shape = new BatchNormShape(3, 2, 4, 0.1f);
    Run run = new Run(shape, 0.5f, 1);
    Statistics[] statistics = run.statistics();
    double[] gradient = run.gradient(statistics);
    float step = 1f / 64; // x is in floats: a coarse step that they hold exactly
    for (int i = 0; i < run.length; i++) {
      double first = run.slope(i, step);
      double second = run.slope(i, 2 * step);
      // Richardson's extrapolation leaves an error of step⁴ ≈ 6e-8 times a fifth derivative.
      assertEquals((4 * first - second) / 3, gradient[i], 2e-5, "element " + i);
    }
  }

  @Test
  void anyTeamGivesTheSameBits() {
    for (int pixels : new int[] {1, 3, 729}) {
      BatchNormShape shape = new BatchNormShape(6, pixels < 4 ? 40_000 : 33, pixels, 1e-3f);
      Run reference = null;
      for (int size = 1; size <= 3; size++) {
        Run run = new Run(shape, 1, 1);
        try (ThreadTeam team = new ThreadTeam(size)) {
          run.bothPasses(Kernels.simd(), team);
        }
        reference = reference == null ? run : reference;
        Sample.assertSameBits(reference.y, run.y, "y, team of " + size);
        Sample.assertSameBits(reference.dx, run.dx, "dx, team of " + size);
        Sample.assertSameBits(reference.dGamma, run.dGamma, "dGamma, team of " + size);
        Sample.assertSameBits(reference.dBeta, run.dBeta, "dBeta, team of " + size);
        Sample.assertSameBits(reference.mean, run.mean, "mean, team of " + size);
        Sample.assertSameBits(
            reference.inverseDeviation, run.inverseDeviation, "deviation, team of " + size);
        Sample.assertSameBits(
            reference.runningMean, run.runningMean, "running mean, team of " + size);
        Sample.assertSameBits(
            reference.runningVariance, run.runningVariance, "running variance, team of " + size);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 169})
  void warmRunsAllocateNothing(int pixels) {
    Run run = new Run(new BatchNormShape(4, 37, pixels, 1e-3f), 0, 1);
    var training = Kernels.simd().batchNormTraining(run.shape);
    var inference = Kernels.simd().batchNormInference(run.shape);
    var backward = Kernels.simd().batchNormBackward(run.shape);
    try (ThreadTeam team = new ThreadTeam(1)) {
      long allocated =
          Sample.allocation(
              () -> {
                run.train(training, team);
                run.backward(backward, team);
                inference.run(
                    team,
                    run.x,
                    X_OFFSET,
                    run.gamma,
                    run.beta,
                    run.runningMean,
                    run.runningVariance,
                    run.y,
                    Y_OFFSET);
              });
      assertEquals(0, allocated);
    }
  }

  private static List<BatchNormShape> shapes() {
    List<BatchNormShape> shapes = new ArrayList<>();
    for (int pixels : new int[] {1, 2, 3, 4, 7, 15, 16, 17, 33, 97, 169}) {
      for (int channels : new int[] {1, 2, 3, 7, 16, 37}) {
        for (int batch : new int[] {2, 3, 5}) {
          shapes.add(new BatchNormShape(batch, channels, pixels, 1e-3f));
        }
      }
      shapes.add(new BatchNormShape(65, 3, pixels, 1e-5f));
    }
    shapes.add(new BatchNormShape(1, 5, 169, 1e-3f));
    shapes.add(new BatchNormShape(3, 2, 3025, 1e-3f));
    shapes.add(new BatchNormShape(9, 16_400, 1, 1e-3f)); // several pieces
    shapes.add(new BatchNormShape(9, 4_100, 3, 1e-3f));
    return shapes;
  }

  private record Statistics(double mean, double variance, double inverseDeviation) {}

  /** Arguments of all three kernels, and the formulas in double. */
  private static final class Run {
    final BatchNormShape shape;
    final int length;
    final float[] x;
    final float[] dy;
    final float[] gamma;
    final float[] beta;
    final float[] runningMean;
    final float[] runningVariance;
    final float[] mean;
    final float[] inverseDeviation;
    final float[] y;
    final float[] dx;
    final float[] dGamma;
    final float[] dBeta;

    Run(BatchNormShape shape, float mean, float deviation) {
      this.shape = shape;
      int channels = shape.channels();
      length = shape.batch() * channels * shape.pixels();
      x = Sample.gaussian(X_OFFSET + length, 1);
      for (int i = 0; i < x.length; i++) {
        x[i] = mean + deviation * x[i];
      }
      dy = Sample.gaussian(Y_OFFSET + length, 2);
      gamma = Sample.gaussian(channels, 3);
      beta = Sample.gaussian(channels, 4);
      runningMean = Sample.gaussian(channels, 5);
      runningVariance = new float[channels];
      for (int c = 0; c < channels; c++) {
        runningVariance[c] = 1 + 0.5f * Math.abs(gamma[c]);
      }
      this.mean = new float[channels];
      inverseDeviation = new float[channels];
      y = new float[Y_OFFSET + length + 1];
      dx = new float[X_OFFSET + length + 1];
      dGamma = Sample.gaussian(channels, 6);
      dBeta = Sample.gaussian(channels, 7);
    }

    int channel(int i) {
      return i / shape.pixels() % shape.channels();
    }

    void train(BatchNorm.Training kernel, ThreadTeam team) {
      kernel.run(
          team,
          x,
          X_OFFSET,
          gamma,
          beta,
          MOMENTUM,
          runningMean,
          runningVariance,
          mean,
          inverseDeviation,
          y,
          Y_OFFSET);
    }

    void backward(BatchNorm.Backward kernel, ThreadTeam team) {
      kernel.run(
          team,
          x,
          X_OFFSET,
          mean,
          inverseDeviation,
          gamma,
          dy,
          Y_OFFSET,
          dx,
          X_OFFSET,
          dGamma,
          dBeta,
          false);
    }

    void bothPasses(Kernels kernels, ThreadTeam team) {
      train(kernels.batchNormTraining(shape), team);
      backward(kernels.batchNormBackward(shape), team);
    }

    /** Trains and compares; statistics are held to the same tolerance, relative to their size. */
    void train(Kernels kernels, ThreadTeam team, double tolerance) {
      float[] oldMean = runningMean.clone();
      float[] oldVariance = runningVariance.clone();
      train(kernels.batchNormTraining(shape), team);
      Statistics[] expected = statistics();
      double count = (double) shape.batch() * shape.pixels();
      for (int c = 0; c < shape.channels(); c++) {
        Statistics s = expected[c];
        String what = "channel " + c + " of " + shape;
        // Rounded sums err by the size of what they add up, not of what comes out.
        double size = Math.max(1, Math.abs(s.mean) + Math.sqrt(s.variance));
        assertEquals(s.mean, mean[c], 1e-6 * size, "mean, " + what);
        assertEquals(1, inverseDeviation[c] / s.inverseDeviation, tolerance, "deviation, " + what);
        double unbiased = count == 1 ? 0 : s.variance * count / (count - 1);
        assertEquals(
            MOMENTUM * oldMean[c] + (1 - MOMENTUM) * s.mean, runningMean[c], 1e-6 * size, what);
        assertEquals(
            1,
            runningVariance[c] / (MOMENTUM * oldVariance[c] + (1 - MOMENTUM) * unbiased),
            tolerance,
            what);
      }
      double[] outputs = new double[length];
      for (int i = 0; i < length; i++) {
        Statistics s = expected[channel(i)];
        outputs[i] =
            gamma[channel(i)] * (x[X_OFFSET + i] - s.mean) * s.inverseDeviation + beta[channel(i)];
      }
      assertClose(outputs, Sample.inside(y, Y_OFFSET, length), tolerance, "y of " + shape);
    }

    void backward(Kernels kernels, ThreadTeam team) {
      Statistics[] statistics = statistics();
      for (int c = 0; c < shape.channels(); c++) {
        mean[c] = (float) statistics[c].mean;
        inverseDeviation[c] = (float) statistics[c].inverseDeviation;
      }
      backward(kernels.batchNormBackward(shape), team);
      double[] expected = gradient(statistics);
      double[] gammaSums = new double[shape.channels()];
      double[] betaSums = new double[shape.channels()];
      for (int i = 0; i < length; i++) {
        gammaSums[channel(i)] += dy[Y_OFFSET + i] * normalised(i, statistics);
        betaSums[channel(i)] += dy[Y_OFFSET + i];
      }
      // Two values of a channel that happen to be close give 1/deviation up to 1/√ε ≈ 30.
      assertClose(expected, Sample.inside(dx, X_OFFSET, length), 1e-4, "dx of " + shape);
      double rounding = 2e-6 * Math.sqrt((double) shape.batch() * shape.pixels()) + 1e-5;
      assertClose(gammaSums, dGamma, rounding, "dGamma of " + shape);
      assertClose(betaSums, dBeta, rounding, "dBeta of " + shape);

      float[] inPlace = dy.clone();
      kernels
          .batchNormBackward(shape)
          .run(
              team,
              x,
              X_OFFSET,
              mean,
              inverseDeviation,
              gamma,
              inPlace,
              Y_OFFSET,
              inPlace,
              Y_OFFSET,
              dGamma,
              dBeta,
              true);
      for (int i = 0; i < length; i++) {
        assertEquals(dx[X_OFFSET + i], inPlace[Y_OFFSET + i], () -> "in place, " + shape);
      }
      for (int c = 0; c < shape.channels(); c++) {
        assertEquals(2 * gammaSums[c], dGamma[c], 2 * rounding, "accumulated dGamma " + c);
        assertEquals(2 * betaSums[c], dBeta[c], 2 * rounding, "accumulated dBeta " + c);
      }
    }

    Statistics[] statistics() {
      double count = (double) shape.batch() * shape.pixels();
      double[] means = new double[shape.channels()];
      double[] variances = new double[shape.channels()];
      for (int i = 0; i < length; i++) {
        means[channel(i)] += x[X_OFFSET + i] / count;
      }
      for (int i = 0; i < length; i++) {
        variances[channel(i)] += Math.pow(x[X_OFFSET + i] - means[channel(i)], 2) / count;
      }
      Statistics[] statistics = new Statistics[shape.channels()];
      for (int c = 0; c < statistics.length; c++) {
        double inverse = 1 / Math.sqrt(variances[c] + shape.epsilon());
        statistics[c] = new Statistics(means[c], variances[c], inverse);
      }
      return statistics;
    }

    double normalised(int i, Statistics[] statistics) {
      Statistics s = statistics[channel(i)];
      return (x[X_OFFSET + i] - s.mean) * s.inverseDeviation;
    }

    /** The chain rule of Ioffe and Szegedy, section 3, collected. */
    double[] gradient(Statistics[] statistics) {
      double count = (double) shape.batch() * shape.pixels();
      double[] sums = new double[shape.channels()];
      double[] products = new double[shape.channels()];
      for (int i = 0; i < length; i++) {
        sums[channel(i)] += dy[Y_OFFSET + i];
        products[channel(i)] += dy[Y_OFFSET + i] * normalised(i, statistics);
      }
      double[] gradient = new double[length];
      for (int i = 0; i < length; i++) {
        int c = channel(i);
        gradient[i] =
            gamma[c]
                * statistics[c].inverseDeviation
                * (dy[Y_OFFSET + i]
                    - sums[c] / count
                    - normalised(i, statistics) * products[c] / count);
      }
      return gradient;
    }

    /** (loss(x_i + step) − loss(x_i − step)) / (2·step) for loss = Σ dy·y. */
    double slope(int i, float step) {
      float old = x[X_OFFSET + i];
      x[X_OFFSET + i] = old + step;
      double up = x[X_OFFSET + i];
      double lossUp = loss();
      x[X_OFFSET + i] = old - step;
      double down = x[X_OFFSET + i];
      double lossDown = loss();
      x[X_OFFSET + i] = old;
      return (lossUp - lossDown) / (up - down);
    }

    private double loss() {
      Statistics[] statistics = statistics();
      double loss = 0;
      for (int i = 0; i < length; i++) {
        loss += dy[Y_OFFSET + i] * (gamma[channel(i)] * normalised(i, statistics));
      }
      return loss;
    }
  }

  /** Within the slack, relative to values above one. */
  private static void assertClose(double[] expected, float[] actual, double slack, String what) {
    for (int i = 0; i < expected.length; i++) {
      double room = slack * Math.max(1, Math.abs(expected[i]));
      if (!(Math.abs(expected[i] - actual[i]) <= room)) {
        assertEquals(expected[i], actual[i], room, "element " + i + ", " + what);
      }
    }
  }
}
