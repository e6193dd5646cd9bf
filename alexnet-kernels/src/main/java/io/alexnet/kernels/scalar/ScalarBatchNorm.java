package io.alexnet.kernels.scalar;

import io.alexnet.kernels.BatchNorm;
import io.alexnet.kernels.BatchNormShape;
import io.alexnet.kernels.ThreadTeam;

/**
 * Batch normalisation, channel by channel, with sums in double precision. The SIMD twins extend
 * these classes.
 */
public final class ScalarBatchNorm {

  private ScalarBatchNorm() {}

  /** Work on independent channels, grouped so that a piece is worth its hand-out to a thread. */
  public abstract static class ChannelTask implements ThreadTeam.Task {
    protected final BatchNormShape shape;
    protected final Pieces channels;

    ChannelTask(BatchNormShape shape) {
      this.shape = shape;
      channels = Pieces.ofPlanes(shape.channels(), shape.batch() * shape.pixels());
    }

    final void runChannels(ThreadTeam team) {
      team.run(channels.count(), this);
    }

    @Override
    public final void run(int piece, int worker) {
      channels(channels.from(piece), channels.to(piece), worker);
    }

    /** Channels from ≤ channel &lt; to. */
    protected void channels(int from, int to, int worker) {
      for (int channel = from; channel < to; channel++) {
        channel(channel, worker);
      }
    }

    protected abstract void channel(int channel, int worker);
  }

  public static class Training extends ChannelTask implements BatchNorm.Training {
    protected float[] x;
    protected int xOffset;
    protected float[] gamma;
    protected float[] beta;
    protected float momentum;
    protected float[] runningMean;
    protected float[] runningVariance;
    protected float[] mean;
    protected float[] inverseDeviation;
    protected float[] y;
    protected int yOffset;

    public Training(BatchNormShape shape) {
      super(shape);
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
      runChannels(team);
    }

    @Override
    protected void channel(int channel, int worker) {
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
      settle(channel, average, squares);
      float scale = gamma[channel] * inverseDeviation[channel];
      normalise(shape, channel, x, xOffset, mean[channel], scale, beta[channel], y, yOffset);
    }

    /**
     * Writes the channel's statistics.
     *
     * @param squares sum of the squared deviations from the average
     */
    protected final void settle(int channel, double average, double squares) {
      long count = (long) shape.batch() * shape.pixels();
      double unbiased = squares / Math.max(1, count - 1);
      runningMean[channel] = (float) (momentum * runningMean[channel] + (1 - momentum) * average);
      runningVariance[channel] =
          (float) (momentum * runningVariance[channel] + (1 - momentum) * unbiased);
      mean[channel] = (float) average;
      inverseDeviation[channel] = (float) (1 / Math.sqrt(squares / count + shape.epsilon()));
    }
  }

  public static class Inference extends ChannelTask implements BatchNorm.Inference {
    protected float[] x;
    protected int xOffset;
    protected float[] gamma;
    protected float[] beta;
    protected float[] runningMean;
    protected float[] runningVariance;
    protected float[] y;
    protected int yOffset;

    public Inference(BatchNormShape shape) {
      super(shape);
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
      runChannels(team);
    }

    @Override
    protected void channel(int channel, int worker) {
      normalise(
          shape,
          channel,
          x,
          xOffset,
          runningMean[channel],
          scale(channel),
          beta[channel],
          y,
          yOffset);
    }

    protected final float scale(int channel) {
      return gamma[channel] / (float) Math.sqrt(runningVariance[channel] + shape.epsilon());
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

  public static class Backward extends ChannelTask implements BatchNorm.Backward {
    protected float[] x;
    protected int xOffset;
    protected float[] mean;
    protected float[] inverseDeviation;
    protected float[] gamma;
    protected float[] dy;
    protected int dyOffset;
    protected float[] dx;
    protected int dxOffset;
    protected float[] dGamma;
    protected float[] dBeta;
    protected boolean accumulate;

    public Backward(BatchNormShape shape) {
      super(shape);
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
      runChannels(team);
    }

    /** dx = γ·inv·(dy − dβ/count − x̂·dγ/count) with x̂ = (x − mean)·inv. */
    @Override
    protected void channel(int channel, int worker) {
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
      settle(channel, gammaSum, betaSum);
    }

    /** Writes the channel's dγ and dβ. */
    protected final void settle(int channel, double gammaSum, double betaSum) {
      dGamma[channel] = (accumulate ? dGamma[channel] : 0) + (float) gammaSum;
      dBeta[channel] = (accumulate ? dBeta[channel] : 0) + (float) betaSum;
    }
  }
}
