package io.alexnet.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Both providers against sums in double; the arrays have offsets and NaN where nothing is read. */
class DenseTest {

  private static final int X = 3;
  private static final int W = 5;
  private static final int B = 2;
  private static final int Y = 7;

  @ParameterizedTest
  @CsvSource({
    "scalar, 1, 1, 1",
    "scalar, 3, 37, 10",
    "simd, 1, 1, 1",
    "simd, 1, 1031, 17",
    "simd, 2, 15, 8",
    "simd, 3, 16, 33",
    "simd, 8, 47, 7",
    "simd, 9, 31, 1",
    "simd, 17, 33, 49",
    "simd, 64, 300, 101"
  })
  void computesAllThreePasses(String provider, int batch, int inputs, int outputs) {
    Kernels kernels = GemmTest.provider(provider);
    DenseShape shape = new DenseShape(batch, inputs, outputs);
    Random random = new Random(2);
    float[] x = GemmTest.uniform(random, X + batch * inputs);
    float[] w = GemmTest.uniform(random, W + outputs * inputs);
    float[] bias = GemmTest.uniform(random, B + outputs);
    float[] dy = GemmTest.uniform(random, Y + batch * outputs);
    try (ThreadTeam team = new ThreadTeam(2)) {
      forward(kernels.denseForward(shape), shape, team, x, w, bias);
      forward(kernels.denseForward(shape), shape, team, x, w, null);
      backwardData(kernels.denseBackwardData(shape), shape, team, dy, w);
      backwardWeights(kernels.denseBackwardWeights(shape), shape, team, x, dy, false);
      backwardWeights(kernels.denseBackwardWeights(shape), shape, team, x, dy, true);
    }
  }

  private static void forward(
      Dense.Forward kernel, DenseShape shape, ThreadTeam team, float[] x, float[] w, float[] bias) {
    float[] y = nans(Y + shape.batch() * shape.outputs());
    kernel.run(team, new float[kernel.workspace(team.size())], x, X, w, W, bias, B, y, Y);
    for (int n = 0; n < shape.batch(); n++) {
      for (int o = 0; o < shape.outputs(); o++) {
        double sum = bias == null ? 0 : bias[B + o];
        for (int i = 0; i < shape.inputs(); i++) {
          sum += (double) w[W + o * shape.inputs() + i] * x[X + n * shape.inputs() + i];
        }
        assertEquals(sum, y[Y + n * shape.outputs() + o], tolerance(shape.inputs()));
      }
    }
  }

  private static void backwardData(
      Dense.BackwardData kernel, DenseShape shape, ThreadTeam team, float[] dy, float[] w) {
    float[] dx = nans(X + shape.batch() * shape.inputs());
    kernel.run(team, new float[kernel.workspace(team.size())], dy, Y, w, W, dx, X);
    for (int n = 0; n < shape.batch(); n++) {
      for (int i = 0; i < shape.inputs(); i++) {
        double sum = 0;
        for (int o = 0; o < shape.outputs(); o++) {
          sum += (double) w[W + o * shape.inputs() + i] * dy[Y + n * shape.outputs() + o];
        }
        assertEquals(sum, dx[X + n * shape.inputs() + i], tolerance(shape.outputs()));
      }
    }
  }

  private static void backwardWeights(
      Dense.BackwardWeights kernel,
      DenseShape shape,
      ThreadTeam team,
      float[] x,
      float[] dy,
      boolean accumulate) {
    float[] dw = nans(W + shape.outputs() * shape.inputs());
    float[] db = nans(B + shape.outputs());
    if (accumulate) {
      Arrays.fill(dw, 0.5f);
      Arrays.fill(db, 0.25f);
    }
    float[] withoutBias = dw.clone();
    float[] workspace = new float[kernel.workspace(team.size())];
    kernel.run(team, workspace, x, X, dy, Y, dw, W, db, B, accumulate);
    kernel.run(team, workspace, x, X, dy, Y, withoutBias, W, null, 0, accumulate);
    assertArrayEquals(dw, withoutBias);
    for (int o = 0; o < shape.outputs(); o++) {
      double biasSum = accumulate ? 0.25 : 0;
      for (int n = 0; n < shape.batch(); n++) {
        biasSum += dy[Y + n * shape.outputs() + o];
      }
      assertEquals(biasSum, db[B + o], tolerance(shape.batch()));
      for (int i = 0; i < shape.inputs(); i++) {
        double sum = accumulate ? 0.5 : 0;
        for (int n = 0; n < shape.batch(); n++) {
          sum += (double) dy[Y + n * shape.outputs() + o] * x[X + n * shape.inputs() + i];
        }
        assertEquals(sum, dw[W + o * shape.inputs() + i], tolerance(shape.batch()));
      }
    }
  }

  /** Terms are below one, so k of them round by k·2⁻²⁴ of a sum below k, at the very worst. */
  private static double tolerance(int terms) {
    return Math.min((terms + 2.0) * (terms + 2.0) * 0x1p-24, 1e-4);
  }

  private static float[] nans(int length) {
    float[] array = new float[length];
    Arrays.fill(array, Float.NaN);
    return array;
  }

  @Test
  void refusesEmptySizes() {
    var thrown = assertThrows(IllegalArgumentException.class, () -> new DenseShape(0, 9, 4));
    assertEquals(
        "dense: sizes must be positive: batch 0, inputs 9, outputs 4", thrown.getMessage());
  }
}
