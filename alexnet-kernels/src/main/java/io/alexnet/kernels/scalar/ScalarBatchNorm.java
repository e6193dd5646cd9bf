package io.alexnet.kernels.scalar;

import io.alexnet.kernels.BatchNorm;
import io.alexnet.kernels.BatchNormShape;
import io.alexnet.kernels.ThreadTeam;

/** Batch normalisation, channel by channel, with sums in double precision. */
final class ScalarBatchNorm {

  private ScalarBatchNorm() {}

  static final class Training implements BatchNorm.Training, ThreadTeam.Task {
    private final BatchNormShape shape;

    private float[] x;
    private int xOffset;
    private float[] gamma;
    private float[] beta;
    private float momentum;
    private float[] runningMean;
    private float[] runningVariance;
    private float[] mean;
    private float[] inverseDeviation;
    private float[] y;
    private int yOffset;

    Training(BatchNormShape shape) {
      this.shape = shape;
    }

    @Override
    public void run(
        ThreadTeam team,
        float[] x,
        int xOffset,
        float[] gamma,
        float[] beta,
        float momentum,
        float[] runningMean,
        float[] runningVariance,
        float[] mean,
        float[] inverseDeviation,
        float[] y,
        int yOffset) {
      this.x = x;
      this.xOffset = xOffset;
      this.gamma = gamma;
      this.beta = beta;
      this.momentum = momentum;
      this.runningMean = runningMean;
      this.runningVariance = runningVariance;
      this.mean = mean;
      this.inverseDeviation = inverseDeviation;
      this.y = y;
      this.yOffset = yOffset;
      team.run(shape.channels(), this);
    }

    @Override
    public void run(int channel, int worker) {
      int pixels = shape.pixels();
      long count = (long) shape.batch() * pixels;
      double sum = 0;
      for (int image = 0; image < shape.batch(); image++) {
        int in = xOffset + (image * shape.channels() + channel) * pixels;
        for (int p = 0; p < pixels; p++) {
          sum += x[in + p];
        }
      }
      double average = sum / count;
      double squares = 0;
      for (int image = 0; image < shape.batch(); image++) {
        int in = xOffset + (image * shape.channels() + channel) * pixels;
        for (int p = 0; p < pixels; p++) {
          double deviation = x[in + p] - average;
          squares += deviation * deviation;
        }
      }
      double unbiased = squares / Math.max(1, count - 1);
      runningMean[channel] = (float) (momentum * runningMean[channel] + (1 - momentum) * average);
      runningVariance[channel] =
          (float) (momentum * runningVariance[channel] + (1 - momentum) * unbiased);
      mean[channel] = (float) average;
      inverseDeviation[channel] = (float) (1 / Math.sqrt(squares / count + shape.epsilon()));
      float scale = gamma[channel] * inverseDeviation[channel];
      normalise(shape, channel, x, xOffset, mean[channel], scale, beta[channel], y, yOffset);
    }
  }

  static final class Inference implements BatchNorm.Inference, ThreadTeam.Task {
    private final BatchNormShape shape;

    private float[] x;
    private int xOffset;
    private float[] gamma;
    private float[] beta;
    private float[] runningMean;
    private float[] runningVariance;
    private float[] y;
    private int yOffset;

    Inference(BatchNormShape shape) {
      this.shape = shape;
    }

    @Override
    public void run(
        ThreadTeam team,
        float[] x,
        int xOffset,
        float[] gamma,
        float[] beta,
        float[] runningMean,
        float[] runningVariance,
        float[] y,
        int yOffset) {
      this.x = x;
      this.xOffset = xOffset;
      this.gamma = gamma;
      this.beta = beta;
      this.runningMean = runningMean;
      this.runningVariance = runningVariance;
      this.y = y;
      this.yOffset = yOffset;
      team.run(shape.channels(), this);
    }

    @Override
    public void run(int channel, int worker) {
      float scale = gamma[channel] / (float) Math.sqrt(runningVariance[channel] + shape.epsilon());
      normalise(shape, channel, x, xOffset, runningMean[channel], scale, beta[channel], y, yOffset);
    }
  }

  /**
   * y = scale·(x − mean) + β for one channel. The mean is taken off first: folded into β, a mean
   * much larger than the deviation would cost the result its digits.
   */
  private static void normalise(
      BatchNormShape shape,
      int channel,
      float[] x,
      int xOffset,
      float mean,
      float scale,
      float beta,
      float[] y,
      int yOffset) {
    for (int image = 0; image < shape.batch(); image++) {
      int start = (image * shape.channels() + channel) * shape.pixels();
      for (int i = start; i < start + shape.pixels(); i++) {
        y[yOffset + i] = scale * (x[xOffset + i] - mean) + beta;
      }
    }
  }

  static final class Backward implements BatchNorm.Backward, ThreadTeam.Task {
    private final BatchNormShape shape;

    private float[] x;
    private int xOffset;
    private float[] mean;
    private float[] inverseDeviation;
    private float[] gamma;
    private float[] dy;
    private int dyOffset;
    private float[] dx;
    private int dxOffset;
    private float[] dGamma;
    private float[] dBeta;
    private boolean accumulate;

    Backward(BatchNormShape shape) {
      this.shape = shape;
    }

    @Override
    public void run(
        ThreadTeam team,
        float[] x,
        int xOffset,
        float[] mean,
        float[] inverseDeviation,
        float[] gamma,
        float[] dy,
        int dyOffset,
        float[] dx,
        int dxOffset,
        float[] dGamma,
        float[] dBeta,
        boolean accumulate) {
      this.x = x;
      this.xOffset = xOffset;
      this.mean = mean;
      this.inverseDeviation = inverseDeviation;
      this.gamma = gamma;
      this.dy = dy;
      this.dyOffset = dyOffset;
      this.dx = dx;
      this.dxOffset = dxOffset;
      this.dGamma = dGamma;
      this.dBeta = dBeta;
      this.accumulate = accumulate;
      team.run(shape.channels(), this);
    }

    /** dx = γ·inv·(dy − dβ/count − x̂·dγ/count) with x̂ = (x − mean)·inv. */
    @Override
    public void run(int channel, int worker) {
      int pixels = shape.pixels();
      long count = (long) shape.batch() * pixels;
      float average = mean[channel];
      float inverse = inverseDeviation[channel];
      double gammaSum = 0;
      double betaSum = 0;
      for (int image = 0; image < shape.batch(); image++) {
        int start = (image * shape.channels() + channel) * pixels;
        for (int i = start; i < start + pixels; i++) {
          float gradient = dy[dyOffset + i];
          gammaSum += gradient * ((x[xOffset + i] - average) * inverse);
          betaSum += gradient;
        }
      }
      float gammaMean = (float) (gammaSum / count);
      float betaMean = (float) (betaSum / count);
      float scale = gamma[channel] * inverse;
      for (int image = 0; image < shape.batch(); image++) {
        int start = (image * shape.channels() + channel) * pixels;
        for (int i = start; i < start + pixels; i++) {
          float normalised = (x[xOffset + i] - average) * inverse;
          dx[dxOffset + i] = scale * (dy[dyOffset + i] - betaMean - normalised * gammaMean);
        }
      }
      dGamma[channel] = (accumulate ? dGamma[channel] : 0) + (float) gammaSum;
      dBeta[channel] = (accumulate ? dBeta[channel] : 0) + (float) betaSum;
    }
  }
}
