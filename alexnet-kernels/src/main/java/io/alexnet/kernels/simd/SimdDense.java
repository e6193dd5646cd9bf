package io.alexnet.kernels.simd;

import io.alexnet.kernels.Dense;
import io.alexnet.kernels.DenseShape;
import io.alexnet.kernels.GemmShape;
import io.alexnet.kernels.ThreadTeam;
import java.util.Arrays;

/** The fully connected layer's three passes, each one matrix product. */
final class SimdDense {

  private SimdDense() {}

  /** y = x·Wᵀ + b. */
  static final class Forward implements Dense.Forward {
    private final DenseShape shape;
    private final SimdGemm gemm;

    Forward(DenseShape shape) {
      this.shape = shape;
      gemm =
          new SimdGemm(new GemmShape(shape.batch(), shape.outputs(), shape.inputs(), false, true));
    }

    @Override
    public int workspace(int threads) {
      return gemm.workspace(threads);
    }

    @Override
    public void run(
        ThreadTeam team,
        float[] workspace,
        float[] x,
        int xOffset,
        float[] weights,
        int weightsOffset,
        float[] bias,
        int biasOffset,
        float[] y,
        int yOffset) {
      if (bias != null) {
        for (int n = 0; n < shape.batch(); n++) {
          int row = yOffset + n * shape.outputs();
          System.arraycopy(bias, biasOffset, y, row, shape.outputs());
        }
      }
      gemm.run(team, workspace, x, xOffset, weights, weightsOffset, y, yOffset, bias != null);
    }
  }

  /** dx = dy·W. */
  static final class BackwardData implements Dense.BackwardData {
    private final SimdGemm gemm;

    BackwardData(DenseShape shape) {
      gemm =
          new SimdGemm(new GemmShape(shape.batch(), shape.inputs(), shape.outputs(), false, false));
    }

    @Override
    public int workspace(int threads) {
      return gemm.workspace(threads);
    }

    @Override
    public void run(
        ThreadTeam team,
        float[] workspace,
        float[] dy,
        int dyOffset,
        float[] weights,
        int weightsOffset,
        float[] dx,
        int dxOffset) {
      gemm.run(team, workspace, dy, dyOffset, weights, weightsOffset, dx, dxOffset, false);
    }
  }

  /** dW = dyᵀ·x and db = Σ dy. */
  static final class BackwardWeights implements Dense.BackwardWeights {
    private final DenseShape shape;
    private final SimdGemm gemm;

    BackwardWeights(DenseShape shape) {
      this.shape = shape;
      gemm =
          new SimdGemm(new GemmShape(shape.outputs(), shape.inputs(), shape.batch(), true, false));
    }

    @Override
    public int workspace(int threads) {
      return gemm.workspace(threads);
    }

    @Override
    public void run(
        ThreadTeam team,
        float[] workspace,
        float[] x,
        int xOffset,
        float[] dy,
        int dyOffset,
        float[] dWeights,
        int dWeightsOffset,
        float[] dBias,
        int dBiasOffset,
        boolean accumulate) {
      gemm.run(team, workspace, dy, dyOffset, x, xOffset, dWeights, dWeightsOffset, accumulate);
      if (dBias == null) {
        return;
      }
      if (!accumulate) {
        Arrays.fill(dBias, dBiasOffset, dBiasOffset + shape.outputs(), 0);
      }
      for (int n = 0; n < shape.batch(); n++) {
        int row = dyOffset + n * shape.outputs();
        for (int o = 0; o < shape.outputs(); o++) {
          dBias[dBiasOffset + o] += dy[row + o];
        }
      }
    }
  }
}
