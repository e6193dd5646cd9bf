package io.alexnet.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PoolingTest {
  private static final int X_OFFSET = 3;
  private static final int Y_OFFSET = 5;
  private static final float UNTOUCHED = -77;
  private static final float[] SPECIAL = {
    Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, Float.NaN, -0f, 0f, -1, 1
  };

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "simd"})
  void maximumAndItsPlaceAreThoseOfANaiveSearch(String provider) {
    Random random = new Random(1);
    try (ThreadTeam team = new ThreadTeam(2)) {
      for (PoolShape shape : shapes(random)) {
        for (int kind = 0; kind < 3; kind++) {
          float[] x = input(shape, random, kind);
          checkMaximum(shape, x, GemmTest.provider(provider), team);
        }
      }
    }
  }

  private static void checkMaximum(PoolShape shape, float[] x, Kernels kernels, ThreadTeam team) {
    int outputs = outputs(shape);
    float[] y = new float[Y_OFFSET + outputs + 2];
    Arrays.fill(y, UNTOUCHED);
    float[] inferred = y.clone();
    int[] argmax = new int[outputs];
    Pooling.MaxForward kernel = kernels.maxPoolForward(shape);
    kernel.run(team, x, X_OFFSET, y, Y_OFFSET, argmax);
    kernel.run(team, x, X_OFFSET, inferred, Y_OFFSET, null);

    float[] expected = new float[y.length];
    Arrays.fill(expected, UNTOUCHED);
    int[] places = new int[outputs];
    int plane = shape.height() * shape.width();
    for (int out = 0; out < outputs; out++) {
      int in = X_OFFSET + out / (outputs / planes(shape)) * plane;
      int winner = -1;
      for (int place : window(shape, out)) {
        float value = x[in + place];
        if (winner < 0
            || !Float.isNaN(x[in + winner]) && (Float.isNaN(value) || value > x[in + winner])) {
          winner = place;
        }
      }
      places[out] = winner;
      expected[Y_OFFSET + out] = x[in + winner];
    }
    assertArrayEquals(places, argmax, () -> "places of " + shape);
    Sample.assertSameBits(expected, y, "" + shape);
    Sample.assertSameBits(expected, inferred, "" + shape);
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "simd"})
  void gradientsOfMaximaAddUpAtTheWinners(String provider) {
    Random random = new Random(2);
    try (ThreadTeam team = new ThreadTeam(2)) {
      for (PoolShape shape : shapes(random)) {
        int outputs = outputs(shape);
        int outPlane = outputs / planes(shape);
        int plane = shape.height() * shape.width();
        int[] argmax = new int[outputs];
        GemmTest.provider(provider)
            .maxPoolForward(shape)
            .run(team, input(shape, random, 0), X_OFFSET, new float[outputs], 0, argmax);
        float[] dy = Sample.gaussian(Y_OFFSET + outputs, random.nextLong());
        float[] dx = new float[X_OFFSET + planes(shape) * plane + 2];
        Arrays.fill(dx, UNTOUCHED);
        GemmTest.provider(provider)
            .maxPoolBackward(shape)
            .run(team, dy, Y_OFFSET, argmax, dx, X_OFFSET);

        double[] expected = new double[dx.length];
        for (int out = 0; out < outputs; out++) {
          expected[X_OFFSET + out / outPlane * plane + argmax[out]] += dy[Y_OFFSET + out];
        }
        Arrays.fill(expected, 0, X_OFFSET, UNTOUCHED);
        Arrays.fill(expected, dx.length - 2, dx.length, UNTOUCHED);
        assertClose(expected, dx, shape);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "simd"})
  void averagesAndTheirGradientsAreThoseOfTheWindowsInDouble(String provider) {
    Random random = new Random(3);
    Kernels kernels = GemmTest.provider(provider);
    try (ThreadTeam team = new ThreadTeam(2)) {
      for (PoolShape shape : shapes(random)) {
        int outputs = outputs(shape);
        List<int[]> windows = new ArrayList<>();
        double[] divisors = new double[outputs];
        for (int out = 0; out < outputs; out++) {
          windows.add(window(shape, out));
          divisors[out] = shape.countPadding() ? paddedPlaces(shape, out) : windows.get(out).length;
        }
        checkAverage(
            kernels.averagePoolForward(shape),
            kernels.averagePoolBackward(shape),
            planes(shape),
            shape.height() * shape.width(),
            windows,
            divisors,
            team,
            shape);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "simd"})
  void adaptiveAveragesCoverThePlane(String provider) {
    Random random = new Random(4);
    Kernels kernels = GemmTest.provider(provider);
    int[][] sizes = {
      {6, 6, 6, 6},
      {13, 13, 6, 6},
      {1, 1, 6, 6},
      {7, 5, 3, 2},
      {17, 31, 1, 1},
      {3, 40, 5, 7},
      {7, 7, 1, 1},
      {2, 2, 1, 1},
      {64, 64, 1, 1}
    };
    try (ThreadTeam team = new ThreadTeam(2)) {
      for (int[] s : sizes) {
        var shape = new AdaptivePoolShape(1 + random.nextInt(3), 3, s[0], s[1], s[2], s[3]);
        int outPlane = s[2] * s[3];
        int outputs = shape.batch() * 3 * outPlane;
        List<int[]> windows = new ArrayList<>();
        double[] divisors = new double[outputs];
        for (int out = 0; out < outputs; out++) {
          int oy = out % outPlane / s[3];
          int ox = out % s[3];
          List<Integer> places = new ArrayList<>();
          for (int row = 0; row < s[0]; row++) {
            for (int column = 0; column < s[1]; column++) {
              // row ≥ ⌊oy·h/H⌋ and row < ⌈(oy+1)·h/H⌉ without a division
              if ((row + 1) * s[2] > oy * s[0]
                  && row * s[2] < (oy + 1) * s[0]
                  && (column + 1) * s[3] > ox * s[1]
                  && column * s[3] < (ox + 1) * s[1]) {
                places.add(row * s[1] + column);
              }
            }
          }
          windows.add(places.stream().mapToInt(Integer::intValue).toArray());
          divisors[out] = places.size();
        }
        checkAverage(
            kernels.adaptiveAveragePoolForward(shape),
            kernels.adaptiveAveragePoolBackward(shape),
            shape.batch() * 3,
            s[0] * s[1],
            windows,
            divisors,
            team,
            shape);
      }
    }
  }

  private static void checkAverage(
      Pooling.AverageForward forward,
      Pooling.AverageBackward backward,
      int planes,
      int plane,
      List<int[]> windows,
      double[] divisors,
      ThreadTeam team,
      Object shape) {
    Random random = new Random(5);
    int outputs = windows.size();
    float[] x = Sample.gaussian(X_OFFSET + planes * plane, random.nextLong());
    float[] dy = Sample.gaussian(Y_OFFSET + outputs, random.nextLong());
    float[] y = new float[Y_OFFSET + outputs];
    float[] dx = new float[X_OFFSET + planes * plane];
    Arrays.fill(y, UNTOUCHED);
    Arrays.fill(dx, UNTOUCHED);
    forward.run(team, x, X_OFFSET, y, Y_OFFSET);
    backward.run(team, dy, Y_OFFSET, dx, X_OFFSET);
    double[] means = new double[y.length];
    double[] gradients = new double[dx.length];
    Arrays.fill(means, 0, Y_OFFSET, UNTOUCHED);
    Arrays.fill(gradients, 0, X_OFFSET, UNTOUCHED);
    for (int out = 0; out < outputs; out++) {
      int in = X_OFFSET + out / (outputs / planes) * plane;
      for (int place : windows.get(out)) {
        means[Y_OFFSET + out] += x[in + place] / divisors[out];
        gradients[in + place] += dy[Y_OFFSET + out] / divisors[out];
      }
    }
    assertClose(means, y, shape);
    assertClose(gradients, dx, shape);
  }

  @Test
  void anyTeamGivesTheSameBits() {
    PoolShape shape = new PoolShape(5, 7, 55, 55, Window.square(3).stride(2), false, true);
    float[] x = input(shape, new Random(6), 0);
    var adaptive = new AdaptivePoolShape(5, 7, 55, 55, 27, 27); // as many outputs
    float[] dy = Sample.gaussian(outputs(shape), 7);
    float[][] y = new float[3][outputs(shape)];
    float[][] dx = new float[3][x.length];
    float[][] average = new float[3][outputs(shape)];
    float[][] averageDx = new float[3][x.length];
    float[][] adaptiveAverage = new float[3][outputs(shape)];
    float[][] adaptiveDx = new float[3][x.length];
    for (int size = 1; size <= 3; size++) {
      try (ThreadTeam team = new ThreadTeam(size)) {
        int[] argmax = new int[dy.length];
        Kernels.simd().maxPoolForward(shape).run(team, x, X_OFFSET, y[size - 1], 0, argmax);
        Kernels.simd().maxPoolBackward(shape).run(team, dy, 0, argmax, dx[size - 1], X_OFFSET);
        var simd = Kernels.simd();
        simd.averagePoolForward(shape).run(team, x, X_OFFSET, average[size - 1], 0);
        simd.averagePoolBackward(shape).run(team, dy, 0, averageDx[size - 1], X_OFFSET);
        simd.adaptiveAveragePoolForward(adaptive)
            .run(team, x, X_OFFSET, adaptiveAverage[size - 1], 0);
        simd.adaptiveAveragePoolBackward(adaptive).run(team, dy, 0, adaptiveDx[size - 1], X_OFFSET);
      }
      Sample.assertSameBits(y[0], y[size - 1], "" + size);
      Sample.assertSameBits(dx[0], dx[size - 1], "" + size);
      Sample.assertSameBits(average[0], average[size - 1], "" + size);
      Sample.assertSameBits(averageDx[0], averageDx[size - 1], "" + size);
      Sample.assertSameBits(adaptiveAverage[0], adaptiveAverage[size - 1], "" + size);
      Sample.assertSameBits(adaptiveDx[0], adaptiveDx[size - 1], "" + size);
    }
  }

  @Test
  void warmRunsAllocateNothing() {
    PoolShape shape = new PoolShape(2, 3, 27, 27, Window.square(3).stride(2), true, true);
    float[] x = input(shape, new Random(8), 0);
    var adaptive = new AdaptivePoolShape(2, 3, 27, 27, 6, 6);
    float[] y = new float[outputs(shape)];
    int[] argmax = new int[y.length];
    var forward = Kernels.simd().maxPoolForward(shape);
    var backward = Kernels.simd().maxPoolBackward(shape);
    var average = Kernels.simd().averagePoolForward(shape);
    var averageBackward = Kernels.simd().averagePoolBackward(shape);
    var adaptiveAverage = Kernels.simd().adaptiveAveragePoolForward(adaptive);
    var adaptiveBackward = Kernels.simd().adaptiveAveragePoolBackward(adaptive);
    try (ThreadTeam team = new ThreadTeam(1)) {
      long allocated =
          Sample.allocation(
              () -> {
                forward.run(team, x, X_OFFSET, y, 0, argmax);
                backward.run(team, y, 0, argmax, x, X_OFFSET);
                average.run(team, x, X_OFFSET, y, 0);
                averageBackward.run(team, y, 0, x, X_OFFSET);
                adaptiveAverage.run(team, x, X_OFFSET, y, 0);
                adaptiveBackward.run(team, y, 0, x, X_OFFSET);
              });
      assertEquals(0, allocated);
    }
  }

  @Test
  void refusesADilatedWindowThatTouchesNoPixel() {
    Window window = new Window(3, 1, 1, 1, 1, 0, 3, 0, 2, 1);
    var thrown =
        assertThrows(
            IllegalArgumentException.class, () -> new PoolShape(1, 1, 1, 4, window, false, true));
    assertTrue(thrown.getMessage().contains("steps over the whole input of 1×4"));
  }

  /** AlexNet's own poolings and random ones. */
  private static List<PoolShape> shapes(Random random) {
    List<PoolShape> shapes = new ArrayList<>();
    for (int size : new int[] {55, 27, 13, 54}) {
      shapes.add(new PoolShape(2, 3, size, size, Window.square(3).stride(2), false, true));
      shapes.add(new PoolShape(1, 2, size, size, Window.square(2).stride(2), true, false));
      shapes.add(new PoolShape(1, 1, size, size, Window.square(size), false, true));
      shapes.add(new PoolShape(1, 1, size, size, Window.square(2).stride(5), true, true));
    }
    while (shapes.size() < 250) {
      Window window =
          new Window(
              1 + random.nextInt(5),
              1 + random.nextInt(5),
              1 + random.nextInt(4),
              1 + random.nextInt(4),
              random.nextInt(3),
              random.nextInt(3),
              random.nextInt(3),
              random.nextInt(3),
              1 + random.nextInt(2),
              1 + random.nextInt(2));
      try {
        shapes.add(
            new PoolShape(
                1 + random.nextInt(5),
                1 + random.nextInt(7),
                1 + random.nextInt(20),
                1 + random.nextInt(40),
                window,
                random.nextBoolean(),
                random.nextBoolean()));
      } catch (IllegalArgumentException e) {
        // sizes that do not fit together: draw again
      }
    }
    // Dilations far beyond the plane: of a single tap, which has no neighbour, and of two.
    for (int width : new int[] {224, 256}) {
      for (int dilation : new int[] {1 << 24, Integer.MAX_VALUE}) {
        Window window = new Window(1, 1, 1, 1, 0, 0, 0, 0, dilation, dilation);
        shapes.add(new PoolShape(1, 2, 3, width, window, false, true));
      }
      int dilation = (1 << 24) - 1;
      Window window = new Window(2, 1, dilation, 1, dilation, 0, 0, 0, dilation, 1);
      shapes.add(new PoolShape(1, 2, 1, width, window, false, true));
    }
    return shapes;
  }

  /** The places of the plane, row by row, that output {@code out} is taken from. */
  private static int[] window(PoolShape shape, int out) {
    Window w = shape.window();
    int top = out / shape.outWidth() % shape.outHeight() * w.strideHeight() - w.padTop();
    int left = out % shape.outWidth() * w.strideWidth() - w.padLeft();
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < w.height(); i++) {
      for (int j = 0; j < w.width(); j++) {
        int row = top + i * w.dilationHeight();
        int column = left + j * w.dilationWidth();
        if (row >= 0 && row < shape.height() && column >= 0 && column < shape.width()) {
          places.add(row * shape.width() + column);
        }
      }
    }
    return places.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Places of the window in the plane or its padding. */
  private static int paddedPlaces(PoolShape shape, int out) {
    Window w = shape.window();
    int top = out / shape.outWidth() % shape.outHeight() * w.strideHeight() - w.padTop();
    int left = out % shape.outWidth() * w.strideWidth() - w.padLeft();
    int places = 0;
    for (int i = 0; i < w.height(); i++) {
      for (int j = 0; j < w.width(); j++) {
        if (top + i * w.dilationHeight() < shape.height() + w.padBottom()
            && left + j * w.dilationWidth() < shape.width() + w.padRight()) {
          places++;
        }
      }
    }
    return places;
  }

  private static int planes(PoolShape shape) {
    return shape.batch() * shape.channels();
  }

  private static int outputs(PoolShape shape) {
    return planes(shape) * shape.outHeight() * shape.outWidth();
  }

  /**
   * @param kind 0: distinct values, 1: many ties, 2: zeros of both signs, infinities and NaN
   */
  private static float[] input(PoolShape shape, Random random, int kind) {
    float[] x =
        Sample.gaussian(
            X_OFFSET + planes(shape) * shape.height() * shape.width(), random.nextLong());
    for (int i = 0; i < x.length && kind > 0; i++) {
      x[i] = kind == 1 ? Math.round(x[i]) : SPECIAL[random.nextInt(SPECIAL.length)];
    }
    return x;
  }

  /** Sums of a few hundred values of size one, in another order: 1e-5 is ample and tells errors. */
  private static void assertClose(double[] expected, float[] actual, Object shape) {
    for (int i = 0; i < expected.length; i++) {
      if (!(Math.abs(expected[i] - actual[i]) <= 1e-5)) {
        assertEquals(expected[i], actual[i], 1e-5, "element " + i + " of " + shape);
      }
    }
  }
}
