package io.alexnet.kernels.scalar;

import io.alexnet.kernels.Dense;
import io.alexnet.kernels.DenseShape;
import io.alexnet.kernels.ThreadTeam;

/** The fully connected layer's three passes, each the loop nest of its formula. */
final class ScalarDense {

  private ScalarDense() {}

  /** y[n][o] = b[o] + Σ_i w[o][i]·x[n][i], one image after the other. */
  static final class Forward implements Dense.Forward, ThreadTeam.Task {
    private final DenseShape shape;
    private float[] x;
    private int xOffset;
    private float[] weights;
    private int weightsOffset;
    private float[] bias;
    private int biasOffset;
    private float[] y;
    private int yOffset;

    Forward(DenseShape shape) {
      this.shape = shape;
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
      this.x = x;
      this.xOffset = xOffset;
      this.weights = weights;
      this.weightsOffset = weightsOffset;
      this.bias = bias;
      this.biasOffset = biasOffset;
      this.y = y;
      this.yOffset = yOffset;
      team.run(shape.batch(), this);
    }

    @Override
    public void run(int n, int worker) {
      int inputs = shape.inputs();
      int xn = xOffset + n * inputs;
      for (int o = 0; o < shape.outputs(); o++) {
        float sum = bias == null ? 0 : bias[biasOffset + o];
        int wo = weightsOffset + o * inputs;
        for (int i = 0; i < inputs; i++) {
          sum += weights[wo + i] * x[xn + i];
        }
        y[yOffset + n * shape.outputs() + o] = sum;
      }
    }
  }

  /** dx[n][i] = Σ_o dy[n][o]·w[o][i], one image after the other. */
  static final class BackwardData implements Dense.BackwardData, ThreadTeam.Task {
    private final DenseShape shape;
    private float[] dy;
    private int dyOffset;
    private float[] weights;
    private int weightsOffset;
    private float[] dx;
    private int dxOffset;

    BackwardData(DenseShape shape) {
      this.shape = shape;
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
      this.dy = dy;
      this.dyOffset = dyOffset;
      this.weights = weights;
      this.weightsOffset = weightsOffset;
      this.dx = dx;
      this.dxOffset = dxOffset;
      team.run(shape.batch(), this);
    }

    @Override
    public void run(int n, int worker) {
      int inputs = shape.inputs();
      int dxn = dxOffset + n * inputs;
      for (int i = 0; i < inputs; i++) {
        dx[dxn + i] = 0;
      }
      for (int o = 0; o < shape.outputs(); o++) {
        float gradient = dy[dyOffset + n * shape.outputs() + o];
        int wo = weightsOffset + o * inputs;
        for (int i = 0; i < inputs; i++) {
          dx[dxn + i] += gradient * weights[wo + i];
        }
      }
    }
  }

  /** dw[o][i] = Σ_n dy[n][o]·x[n][i] and db[o] = Σ_n dy[n][o], one output after the other. */
  static final class BackwardWeights implements Dense.BackwardWeights, ThreadTeam.Task {
    private final DenseShape shape;
    private float[] x;
    private int xOffset;
    private float[] dy;
    private int dyOffset;
    private float[] dWeights;
    private int dWeightsOffset;
    private float[] dBias;
    private int dBiasOffset;
    private boolean accumulate;

    BackwardWeights(DenseShape shape) {
      this.shape = shape;
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
      this.x = x;
      this.xOffset = xOffset;
      this.dy = dy;
      this.dyOffset = dyOffset;
      this.dWeights = dWeights;
      this.dWeightsOffset = dWeightsOffset;
      this.dBias = dBias;
      this.dBiasOffset = dBiasOffset;
      this.accumulate = accumulate;
      team.run(shape.outputs(), this);
    }

    @Override
    public void run(int o, int worker) {
      int inputs = shape.inputs();
      int dwo = dWeightsOffset + o * inputs;
      if (!accumulate) {
        for (int i = 0; i < inputs; i++) {
          dWeights[dwo + i] = 0;
        }
      }
      float sum = 0;
      for (int n = 0; n < shape.batch(); n++) {
        float gradient = dy[dyOffset + n * shape.outputs() + o];
        int xn = xOffset + n * inputs;
        for (int i = 0; i < inputs; i++) {
          dWeights[dwo + i] += gradient * x[xn + i];
        }
        sum += gradient;
      }
      if (dBias != null) {
        dBias[dBiasOffset + o] = accumulate ? dBias[dBiasOffset + o] + sum : sum;
      }
    }
  }
}
