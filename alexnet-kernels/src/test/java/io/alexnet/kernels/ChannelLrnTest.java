package io.alexnet.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChannelLrnTest {
  private static final int X_OFFSET = 3;
  private static final int Y_OFFSET = 5;
  private static final float UNTOUCHED = -77;

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "simd"})
  void forwardIsTheFormulaInDouble(String provider) {
    try (ThreadTeam team = new ThreadTeam(2)) {
      for (LrnShape shape : shapes()) {
        int length = length(shape);
        float[] x = Sample.gaussian(X_OFFSET + length, 1);
        float[] y = untouched(Y_OFFSET + length + 1);
        GemmTest.provider(provider).lrnForward(shape).run(team, x, X_OFFSET, y, Y_OFFSET);
        double[] expected = forward(shape, inDouble(x, X_OFFSET, length));
        assertClose(expected, y, Y_OFFSET, shape);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "simd"})
  void backwardIsTheFormulaInDoubleAlsoInPlace(String provider) {
    try (ThreadTeam team = new ThreadTeam(2)) {
      for (LrnShape shape : shapes()) {
        int length = length(shape);
        float[] x = Sample.gaussian(X_OFFSET + length, 2);
        float[] dy = Sample.gaussian(Y_OFFSET + length + 1, 3);
        dy[Y_OFFSET + length] = UNTOUCHED;
        float[] dx = untouched(X_OFFSET + length + 1);
        ChannelLrn.Backward kernel = GemmTest.provider(provider).lrnBackward(shape);
        double[] expected =
            backward(shape, inDouble(x, X_OFFSET, length), inDouble(dy, Y_OFFSET, length));
        kernel.run(team, x, X_OFFSET, dy, Y_OFFSET, dx, X_OFFSET);
        assertClose(expected, dx, X_OFFSET, shape);
        kernel.run(team, x, X_OFFSET, dy, Y_OFFSET, dy, Y_OFFSET);
        assertClose(expected, dy, Y_OFFSET, shape);
      }
    }
  }

  /** So many that a piece's number times the vectors of a plane is no int. */
  @ParameterizedTest
  @CsvSource({"5, 0.75", "3, 0.75", "5, 0.6"})
  void largePlanesAreDoneToTheirEnd(int size, float beta) {
    LrnShape shape = new LrnShape(1, 1, Kernels.simd().lanes() * 131_200, size, 0.7f, beta, 1.5f);
    int length = length(shape);
    float[] x = Sample.gaussian(length, 1);
    float[] y = untouched(length);
    float[] dx = untouched(length);
    try (ThreadTeam team = new ThreadTeam(2)) {
      Kernels.simd().lrnForward(shape).run(team, x, 0, y, 0);
      Kernels.simd().lrnBackward(shape).run(team, x, 0, x, 0, dx, 0);
    }
    double[] expected = forward(shape, inDouble(x, 0, length));
    assertClose(expected, y, 0, shape);
    assertClose(backward(shape, inDouble(x, 0, length), inDouble(x, 0, length)), dx, 0, shape);
  }

  /** The oracle itself, against central differences of the forward formula. */
  @Test
  void theBackwardFormulaIsTheGradientOfTheForwardOne() {
    LrnShape shape = new LrnShape(2, 6, 3, 5, 0.7f, 0.75f, 1.5f);
    int length = length(shape);
    double[] x = inDouble(Sample.gaussian(length, 4), 0, length);
    double[] dy = inDouble(Sample.gaussian(length, 5), 0, length);
    double[] gradient = backward(shape, x, dy);
    double step = 1e-5;
    for (int i = 0; i < length; i++) {
      double[] up = x.clone();
      double[] down = x.clone();
      up[i] += step;
      down[i] -= step;
      double[] yUp = forward(shape, up);
      double[] yDown = forward(shape, down);
      double difference = 0;
      for (int j = 0; j < length; j++) {
        difference += dy[j] * (yUp[j] - yDown[j]) / (2 * step);
      }
      assertEquals(difference, gradient[i], 1e-8); // step² truncation and 1e-16/step rounding
    }
  }

  @ParameterizedTest
  @CsvSource({"729, 0.75", "729, 0.6", "3, 0.75", "3, 0.6"})
  void anyTeamGivesTheSameBits(int pixels, float beta) {
    LrnShape shape = new LrnShape(3, 7, pixels, 5, 1e-4f, beta, 2);
    float[] x = Sample.gaussian(length(shape), 6);
    float[] dy = Sample.gaussian(length(shape), 7);
    float[][] y = new float[3][x.length];
    float[][] dx = new float[3][x.length];
    for (int size = 1; size <= 3; size++) {
      try (ThreadTeam team = new ThreadTeam(size)) {
        Kernels.simd().lrnForward(shape).run(team, x, 0, y[size - 1], 0);
        Kernels.simd().lrnBackward(shape).run(team, x, 0, dy, 0, dx[size - 1], 0);
      }
      Sample.assertSameBits(y[0], y[size - 1], "team of " + size);
      Sample.assertSameBits(dx[0], dx[size - 1], "team of " + size);
    }
  }

  @ParameterizedTest
  @CsvSource({"169, 0.75", "169, 0.6", "3, 0.75", "3, 0.6"})
  void warmRunsAllocateNothing(int pixels, float beta) {
    LrnShape shape = new LrnShape(2, 16, pixels, 5, 1e-4f, beta, 2);
    float[] x = Sample.gaussian(length(shape), 8);
    float[] y = new float[x.length];
    var forward = Kernels.simd().lrnForward(shape);
    var backward = Kernels.simd().lrnBackward(shape);
    try (ThreadTeam team = new ThreadTeam(1)) {
      long allocated =
          Sample.allocation(
              () -> {
                forward.run(team, x, 0, y, 0);
                backward.run(team, x, 0, y, 0, y, 0);
              });
      assertEquals(0, allocated);
    }
  }

  /** One channel, α = 0: y = k^−β, so that k is what is raised to the power, over all sizes. */
  @ParameterizedTest
  @ValueSource(floats = {0.5f, 0.6f, 0.75f, 1, 1.25f, -0.5f})
  void powersAreRightOverAllSizes(float beta) {
    try (ThreadTeam team = new ThreadTeam(1)) {
      for (float k = 0x1p-20f; k < 0x1p20f; k *= 1.037f) {
        LrnShape shape = new LrnShape(1, 1, 17, 1, 0, beta, k);
        float[] y = new float[17];
        float[] ones = untouched(17);
        Arrays.fill(ones, 1);
        Kernels.simd().lrnForward(shape).run(team, ones, 0, y, 0);
        double expected = Math.pow(k, -beta);
        assertEquals(expected, y[0], 4 * 0x1p-23 * expected, "k = " + k); // some four roundings
      }
    }
  }

  /** What is not a number must stay visible, but only in the windows and the run it is in. */
  @ParameterizedTest
  @CsvSource({"17, 3, 0.75", "17, 3, 0.6", "2, 3, 0.75", "2, 3, 0.6", "17, 5, 0.75", "16, 5, 0.75"})
  void aNaNStaysInItsWindows(int pixels, int window, float beta) {
    LrnShape shape = new LrnShape(1, 9, pixels, window, 1, beta, 2);
    for (Kernels kernels : List.of(Kernels.scalar(), Kernels.simd())) {
      try (ThreadTeam team = new ThreadTeam(1)) {
        ChannelLrn.Forward kernel = kernels.lrnForward(shape);
        float[] x = Sample.gaussian(length(shape), 9);
        float[] y = new float[x.length];
        float[] clean = new float[x.length];
        kernel.run(team, x, 0, clean, 0);
        float value = x[x.length - 1];
        x[x.length - 1] = Float.NaN;
        kernel.run(team, x, 0, y, 0);
        for (int i = 0; i < y.length; i++) {
          int before = y.length - 1 - i;
          boolean hit = before % pixels == 0 && before / pixels <= window / 2;
          assertEquals(hit ? Float.NaN : clean[i], y[i], kernels.name() + ", element " + i);
        }
        x[x.length - 1] = value;
        kernel.run(team, x, 0, y, 0);
        Sample.assertSameBits(clean, y, "after the NaN");
      }
    }
  }

  /** α = 1 makes the window count; the paper's α = 1e-4 hardly shows on values of size one. */
  private static List<LrnShape> shapes() {
    List<LrnShape> shapes = new ArrayList<>();
    for (int pixels : new int[] {1, 2, 15, 16, 17, 31, 32, 33, 97, 169, 271}) {
      for (int channels : new int[] {1, 2, 5, 7}) {
        for (int size : new int[] {1, 3, 5, 9}) {
          shapes.add(new LrnShape(2, channels, pixels, size, 1, 0.75f, 2));
        }
        shapes.add(new LrnShape(5, channels, pixels, 5, 1, 0.5f, 1));
        shapes.add(new LrnShape(3, channels, pixels, 5, 0.5f, 1.25f, 1));
      }
    }
    shapes.add(new LrnShape(1, 6, 3025, 5, 1e-4f, 0.75f, 2));
    shapes.add(new LrnShape(1, 6, 3025, 5, 1, 0.75f, 1));
    return shapes;
  }

  private static double scale(LrnShape shape, double[] x, int image, int channel, int pixel) {
    double sum = 0;
    for (int j = channel - shape.size() / 2; j <= channel + shape.size() / 2; j++) {
      if (j >= 0 && j < shape.channels()) {
        sum += Math.pow(x[index(shape, image, j, pixel)], 2);
      }
    }
    return shape.k() + (double) shape.alpha() / shape.size() * sum;
  }

  private static double[] forward(LrnShape shape, double[] x) {
    double[] y = new double[x.length];
    for (int n = 0; n < shape.batch(); n++) {
      for (int c = 0; c < shape.channels(); c++) {
        for (int p = 0; p < shape.pixels(); p++) {
          int i = index(shape, n, c, p);
          y[i] = x[i] * Math.pow(scale(shape, x, n, c, p), -shape.beta());
        }
      }
    }
    return y;
  }

  /** By its definition: each output's gradient goes to all inputs of its window. */
  private static double[] backward(LrnShape shape, double[] x, double[] dy) {
    double[] dx = new double[x.length];
    for (int n = 0; n < shape.batch(); n++) {
      for (int c = 0; c < shape.channels(); c++) {
        for (int p = 0; p < shape.pixels(); p++) {
          int i = index(shape, n, c, p);
          double scale = scale(shape, x, n, c, p);
          double power = Math.pow(scale, -shape.beta());
          dx[i] += dy[i] * power;
          for (int j = c - shape.size() / 2; j <= c + shape.size() / 2; j++) {
            if (j >= 0 && j < shape.channels()) {
              int source = index(shape, n, j, p);
              double slope = 2.0 * shape.alpha() / shape.size() * x[source];
              dx[source] -= dy[i] * x[i] * shape.beta() * power / scale * slope;
            }
          }
        }
      }
    }
    return dx;
  }

  private static int index(LrnShape shape, int image, int channel, int pixel) {
    return (image * shape.channels() + channel) * shape.pixels() + pixel;
  }

  private static int length(LrnShape shape) {
    return shape.batch() * shape.channels() * shape.pixels();
  }

  private static float[] untouched(int length) {
    float[] values = new float[length];
    Arrays.fill(values, UNTOUCHED);
    return values;
  }

  private static double[] inDouble(float[] values, int offset, int length) {
    double[] result = new double[length];
    for (int i = 0; i < length; i++) {
      result[i] = values[offset + i];
    }
    return result;
  }

  /** Some twenty roundings of values up to ten: 5e-6 is ample, a wrong term is of size one. */
  private static void assertClose(double[] expected, float[] actual, int offset, LrnShape shape) {
    for (int i = 0; i < expected.length; i++) {
      if (!(Math.abs(expected[i] - actual[offset + i]) <= 5e-6)) {
        assertEquals(expected[i], actual[offset + i], 5e-6, "element " + i + " of " + shape);
      }
    }
    for (int i = offset + expected.length; i < actual.length; i++) {
      assertEquals(UNTOUCHED, actual[i], "beyond the end of " + shape);
    }
  }
}
