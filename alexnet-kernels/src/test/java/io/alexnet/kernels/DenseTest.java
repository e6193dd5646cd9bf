package io.alexnet.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Both providers against sums in double. What is to be written holds NaN, for nothing of it is
 * read, and lies between canaries; workspaces are as short as the kernel says, and of NaN.
 */
class DenseTest {

  private static final int X = 3;
  private static final int W = 5;
  private static final int B = 2;
  private static final int Y = 7;
  private static final float CANARY = 12345.678f;

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
    float[] y = output(Y, shape.batch() * shape.outputs(), Float.NaN);
    kernel.run(team, workspace(kernel, team), x, X, w, W, bias, B, y, Y);
    checkMargins(y, Y);
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
    float[] dx = output(X, shape.batch() * shape.inputs(), Float.NaN);
    kernel.run(team, workspace(kernel, team), dy, Y, w, W, dx, X);
    checkMargins(dx, X);
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
    float[] dw = output(W, shape.outputs() * shape.inputs(), accumulate ? 0.5f : Float.NaN);
    float[] db = output(B, shape.outputs(), accumulate ? 0.25f : Float.NaN);
    float[] withoutBias = dw.clone();
    kernel.run(team, workspace(kernel, team), x, X, dy, Y, dw, W, db, B, accumulate);
    kernel.run(team, workspace(kernel, team), x, X, dy, Y, withoutBias, W, null, 0, accumulate);
    checkMargins(dw, W);
    checkMargins(db, B);
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

  private static float[] workspace(Kernel kernel, ThreadTeam team) {
    float[] workspace = new float[kernel.workspace(team.size())];
    Arrays.fill(workspace, Float.NaN);
    return workspace;
  }

  /** As many canaries before the values as behind them. */
  private static float[] output(int offset, int length, float value) {
    float[] array = new float[offset + length + offset];
    Arrays.fill(array, CANARY);
    Arrays.fill(array, offset, offset + length, value);
    return array;
  }

  private static void checkMargins(float[] array, int offset) {
    for (int i = 0; i < offset; i++) {
      assertEquals(CANARY, array[i], "written before the start");
      assertEquals(CANARY, array[array.length - 1 - i], "written behind the end");
    }
  }

  /** Of few images and of many: other kernels compute the forward pass of the few. */
  @ParameterizedTest
  @ValueSource(ints = {1, 5, 8, 33})
  void anyTeamGivesTheSameBits(int batch) {
    DenseShape shape = new DenseShape(batch, 517, 203);
    Kernels simd = Kernels.simd();
    float[] x = Sample.gaussian(batch * 517, 1);
    float[] w = Sample.gaussian(203 * 517, 2);
    float[] bias = Sample.gaussian(203, 3);
    float[] dy = Sample.gaussian(batch * 203, 4);
    List<float[]> alone = List.of();
    for (int size = 1; size <= 3; size++) {
      float[] y = new float[dy.length];
      float[] dx = new float[x.length];
      float[] dw = new float[w.length];
      float[] db = new float[bias.length];
      try (ThreadTeam team = new ThreadTeam(size)) {
        Dense.Forward forward = simd.denseForward(shape);
        forward.run(team, workspace(forward, team), x, 0, w, 0, bias, 0, y, 0);
        Dense.BackwardData data = simd.denseBackwardData(shape);
        data.run(team, workspace(data, team), dy, 0, w, 0, dx, 0);
        Dense.BackwardWeights weights = simd.denseBackwardWeights(shape);
        weights.run(team, workspace(weights, team), x, 0, dy, 0, dw, 0, db, 0, false);
      }
      List<float[]> results = List.of(y, dx, dw, db);
      alone = size == 1 ? results : alone;
      for (int i = 0; i < results.size(); i++) {
        Sample.assertSameBits(alone.get(i), results.get(i), "team of " + size + ", array " + i);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 33})
  void warmRunsAllocateNothing(int batch) {
    DenseShape shape = new DenseShape(batch, 517, 203);
    Dense.Forward forward = Kernels.simd().denseForward(shape);
    Dense.BackwardData data = Kernels.simd().denseBackwardData(shape);
    Dense.BackwardWeights weights = Kernels.simd().denseBackwardWeights(shape);
    float[] x = Sample.gaussian(batch * 517, 1);
    float[] w = Sample.gaussian(203 * 517, 2);
    float[] bias = Sample.gaussian(203, 3);
    float[] y = new float[batch * 203];
    try (ThreadTeam team = new ThreadTeam(1)) {
      float[] forForward = workspace(forward, team);
      float[] forData = workspace(data, team);
      float[] forWeights = workspace(weights, team);
      long allocated =
          Sample.allocation(
              () -> {
                forward.run(team, forForward, x, 0, w, 0, bias, 0, y, 0);
                data.run(team, forData, y, 0, w, 0, x, 0);
                weights.run(team, forWeights, x, 0, y, 0, w, 0, bias, 0, false);
              });
      assertEquals(0, allocated);
    }
  }

  @Test
  void refusesEmptySizes() {
    var thrown = assertThrows(IllegalArgumentException.class, () -> new DenseShape(0, 9, 4));
    assertEquals(
        "dense: sizes must be positive: batch 0, inputs 9, outputs 4", thrown.getMessage());
  }
}
