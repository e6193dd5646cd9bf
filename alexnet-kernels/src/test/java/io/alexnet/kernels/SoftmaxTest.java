package io.alexnet.kernels;

import static io.alexnet.kernels.Sample.assertSameBits;
import static io.alexnet.kernels.Sample.gaussian;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SoftmaxTest {

  private static final Kernels[] PROVIDERS = {Kernels.scalar(), Kernels.simd()};

  /**
   * Of values up to 1: e^x within 1.01 ulp, x − max rounded once (another ulp for each unit of the
   * difference, of which few matter), a division.
   */
  private static final double TOLERANCE = 1e-6;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 8, 9, 10, 15, 16, 17, 31, 33, 97, 1000})
  void followsTheFormula(int classes) {
    int batch = 37;
    float[] x = gaussian(batch * classes, 1);
    for (Kernels kernels : PROVIDERS) {
      float[] y = forward(kernels, 2, batch, classes, x);
      for (int row = 0; row < batch; row++) {
        double[] expected = softmax(x, row * classes, classes);
        for (int c = 0; c < classes; c++) {
          assertEquals(expected[c], y[row * classes + c], TOLERANCE, kernels.name());
        }
      }
      float[] dy = gaussian(batch * classes, 2);
      float[] dx = new float[dy.length + 9];
      try (ThreadTeam team = new ThreadTeam(2)) {
        kernels.softmaxBackward(batch, classes).run(team, y, 0, dy, 0, dx, 4);
      }
      dx = Sample.inside(dx, 4, dy.length);
      for (int row = 0; row < batch; row++) {
        double mean = 0;
        for (int c = 0; c < classes; c++) {
          mean += (double) dy[row * classes + c] * y[row * classes + c];
        }
        for (int c = 0; c < classes; c++) {
          int i = row * classes + c;
          assertEquals(y[i] * (dy[i] - mean), dx[i], TOLERANCE, kernels.name());
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 10, 16, 17, 33, 1000})
  void crossEntropyFollowsTheFormula(int classes) {
    int batch = 37;
    float scale = 1f / batch;
    float[] logits = gaussian(batch * classes, 3);
    int[] labels = labels(batch, classes);
    for (Kernels kernels : PROVIDERS) {
      for (float smoothing : new float[] {0, 0.1f}) {
        float[] losses = new float[batch];
        float[] gradient = crossEntropy(kernels, 2, logits, labels, smoothing, scale, losses);
        for (int row = 0; row < batch; row++) {
          double[] p = softmax(logits, row * classes, classes);
          double loss = 0;
          for (int c = 0; c < classes; c++) {
            double target = smoothing / classes + (c == labels[row] ? 1 - smoothing : 0);
            loss -= target == 0 ? 0 : target * Math.log(p[c]);
            assertEquals(
                scale * (p[c] - target),
                gradient[row * classes + c],
                scale * TOLERANCE,
                kernels.name());
          }
          assertEquals(loss, losses[row], 2e-6 * Math.max(1, loss), kernels.name());
        }

        float[] lossesAlone = new float[batch];
        try (ThreadTeam team = new ThreadTeam(1)) {
          kernels
              .softmaxCrossEntropy(batch, classes)
              .run(team, logits, 0, labels, smoothing, scale, lossesAlone, null, 0);
        }
        assertSameBits(losses, lossesAlone, kernels.name() + " without the gradient");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 17, 40})
  void isStableForLargeLogits(int classes) {
    for (Kernels kernels : PROVIDERS) {
      float[] logits = new float[2 * classes];
      Arrays.fill(logits, -1e4f);
      logits[1] = 1e4f; // row 0 is sure of class 1, row 1 knows nothing
      float[] losses = new float[2];
      float[] gradient = crossEntropy(kernels, 1, logits, new int[] {1, 0}, 0, 1, losses);
      assertEquals(0, losses[0], 0, kernels.name());
      assertEquals(Math.log(classes), losses[1], 1e-6);
      for (int c = 0; c < classes; c++) {
        assertEquals(0, gradient[c], 0);
        assertEquals(1.0 / classes - (c == 0 ? 1 : 0), gradient[classes + c], 1e-6);
      }

      crossEntropy(kernels, 1, logits, new int[] {0, 0}, 0, 1, losses);
      assertEquals(2e4, losses[0], 0, kernels.name() + ": certain and wrong");

      float[] y = forward(kernels, 1, 2, classes, logits);
      assertEquals(1, y[1], 0);
      assertEquals(0, y[0], 0);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 17, 40})
  void infiniteAndMissingLogits(int classes) {
    for (Kernels kernels : PROVIDERS) {
      float[] logits = new float[3 * classes];
      logits[0] = Float.NEGATIVE_INFINITY; // a class ruled out: probability 0, no NaN
      logits[classes + 1] = Float.NaN;
      logits[2 * classes + 2] = Float.POSITIVE_INFINITY;
      float[] losses = new float[3];
      float[] gradient = crossEntropy(kernels, 1, logits, new int[] {1, 1, 1}, 0, 1, losses);
      assertEquals(Math.log(classes - 1), losses[0], 1e-6, kernels.name());
      assertEquals(0, gradient[0], 0);
      assertEquals(1.0 / (classes - 1), gradient[2], 1e-6);
      assertEquals(Float.NaN, losses[1], "NaN is not hidden");
      assertEquals(Float.NaN, losses[2]);
      for (int i = classes; i < 3 * classes; i++) {
        assertEquals(Float.NaN, gradient[i]);
      }
    }
  }

  @Test
  void refusesLabelsThatAreNoClass() {
    for (Kernels kernels : PROVIDERS) {
      for (int label : new int[] {-1, 17, Integer.MAX_VALUE}) {
        int[] labels = {3, 16, label};
        var thrown =
            assertThrows(
                IllegalArgumentException.class,
                () -> crossEntropy(kernels, 2, new float[51], labels, 0, 1, new float[3]));
        assertEquals(
            "label " + label + " of row 2 is not one of the 17 classes", thrown.getMessage());
      }
    }
  }

  @Test
  void refusesSmoothingAndSizesOutOfRange() {
    for (Kernels kernels : PROVIDERS) {
      for (float smoothing : new float[] {-0.1f, 1, Float.NaN}) {
        assertThrows(
            IllegalArgumentException.class,
            () ->
                crossEntropy(kernels, 1, new float[2], new int[] {0}, smoothing, 1, new float[1]));
      }
      assertThrows(IllegalArgumentException.class, () -> kernels.softmaxForward(0, 3));
      assertThrows(IllegalArgumentException.class, () -> kernels.softmaxBackward(3, 0));
      assertThrows(IllegalArgumentException.class, () -> kernels.softmaxCrossEntropy(-1, 3));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 17, 1000})
  void anyTeamGivesTheSameBitsInPlaceOrNot(int classes) {
    int batch = 67;
    float[] x = gaussian(batch * classes, 4);
    float[] dy = gaussian(batch * classes, 5);
    int[] labels = labels(batch, classes);
    for (Kernels kernels : PROVIDERS) {
      float[] losses = new float[batch];
      float[] y = forward(kernels, 1, batch, classes, x);
      float[] gradient = crossEntropy(kernels, 1, x, labels, 0.1f, 1, losses);
      float[] dx = new float[dy.length];
      try (ThreadTeam team = new ThreadTeam(1)) {
        kernels.softmaxBackward(batch, classes).run(team, y, 0, dy, 0, dx, 0);
      }
      for (int size = 1; size <= 3; size++) {
        try (ThreadTeam team = new ThreadTeam(size)) {
          float[] inPlace = x.clone();
          kernels.softmaxForward(batch, classes).run(team, inPlace, 0, inPlace, 0);
          assertSameBits(y, inPlace, kernels.name());
          inPlace = dy.clone();
          kernels.softmaxBackward(batch, classes).run(team, y, 0, inPlace, 0, inPlace, 0);
          assertSameBits(dx, inPlace, kernels.name());
          inPlace = x.clone();
          float[] sameLosses = new float[batch];
          kernels
              .softmaxCrossEntropy(batch, classes)
              .run(team, inPlace, 0, labels, 0.1f, 1, sameLosses, inPlace, 0);
          assertSameBits(gradient, inPlace, kernels.name());
          assertSameBits(losses, sameLosses, kernels.name());
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 100})
  void warmRunsAllocateNothing(int classes) {
    int batch = 16;
    float[] x = gaussian(batch * classes, 6);
    float[] y = new float[x.length];
    float[] dx = new float[x.length];
    float[] losses = new float[batch];
    int[] labels = labels(batch, classes);
    try (ThreadTeam team = new ThreadTeam(1)) {
      for (Kernels kernels : PROVIDERS) {
        var forward = kernels.softmaxForward(batch, classes);
        var backward = kernels.softmaxBackward(batch, classes);
        var crossEntropy = kernels.softmaxCrossEntropy(batch, classes);
        assertEquals(
            0,
            Sample.allocation(
                () -> {
                  forward.run(team, x, 0, y, 0);
                  backward.run(team, y, 0, x, 0, dx, 0);
                  crossEntropy.run(team, x, 0, labels, 0.1f, 1, losses, dx, 0);
                  crossEntropy.run(team, x, 0, labels, 0.1f, 1, losses, null, 0);
                }));
      }
    }
  }

  private static double[] softmax(float[] x, int offset, int classes) {
    double max = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < classes; c++) {
      max = Math.max(max, x[offset + c]);
    }
    double[] y = new double[classes];
    double sum = 0;
    for (int c = 0; c < classes; c++) {
      y[c] = Math.exp(x[offset + c] - max);
      sum += y[c];
    }
    for (int c = 0; c < classes; c++) {
      y[c] /= sum;
    }
    return y;
  }

  private static int[] labels(int batch, int classes) {
    return new Random(7).ints(batch, 0, classes).toArray();
  }

  private static float[] forward(Kernels kernels, int size, int batch, int classes, float[] x) {
    float[] input = new float[x.length + 3];
    System.arraycopy(x, 0, input, 3, x.length);
    float[] y = new float[x.length + 9];
    try (ThreadTeam team = new ThreadTeam(size)) {
      kernels.softmaxForward(batch, classes).run(team, input, 3, y, 5);
    }
    return Sample.inside(y, 5, x.length);
  }

  /** Returns dLogits. */
  private static float[] crossEntropy(
      Kernels kernels,
      int size,
      float[] logits,
      int[] labels,
      float smoothing,
      float scale,
      float[] losses) {
    int classes = logits.length / labels.length;
    float[] input = new float[logits.length + 3];
    System.arraycopy(logits, 0, input, 3, logits.length);
    float[] dLogits = new float[logits.length + 9];
    try (ThreadTeam team = new ThreadTeam(size)) {
      kernels
          .softmaxCrossEntropy(labels.length, classes)
          .run(team, input, 3, labels, smoothing, scale, losses, dLogits, 5);
    }
    return Sample.inside(dLogits, 5, logits.length);
  }
}
