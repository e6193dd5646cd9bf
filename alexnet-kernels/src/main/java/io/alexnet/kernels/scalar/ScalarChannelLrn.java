package io.alexnet.kernels.scalar;

import io.alexnet.kernels.ChannelLrn;
import io.alexnet.kernels.LrnShape;
import io.alexnet.kernels.ThreadTeam;

/** Local response normalisation, pixel by pixel: each piece is one image. */
final class ScalarChannelLrn {

  private ScalarChannelLrn() {}

  /** s_c = k + α/n · Σ x_j² over the window around channel c of the pixel at {@code in}. */
  private static float scale(LrnShape shape, float[] x, int in, int channel) {
    int half = shape.size() / 2;
    float sum = 0;
    int end = Math.min(channel + half, shape.channels() - 1);
    for (int j = Math.max(channel - half, 0); j <= end; j++) {
      float value = x[in + j * shape.pixels()];
      sum += value * value;
    }
    return shape.k() + shape.alpha() / shape.size() * sum;
  }

  static final class Forward implements ChannelLrn.Forward, ThreadTeam.Task {
    private final LrnShape shape;

    private float[] x;
    private int xOffset;
    private float[] y;
    private int yOffset;

    Forward(LrnShape shape) {
      this.shape = shape;
    }

    @Override
    public void run(ThreadTeam team, float[] x, int xOffset, float[] y, int yOffset) {
      this.x = x;
      this.xOffset = xOffset;
      this.y = y;
      this.yOffset = yOffset;
      team.run(shape.batch(), this);
    }

    @Override
    public void run(int image, int worker) {
      int pixels = shape.pixels();
      int start = image * shape.channels() * pixels;
      for (int c = 0; c < shape.channels(); c++) {
        for (int p = 0; p < pixels; p++) {
          float scale = scale(shape, x, xOffset + start + p, c);
          int i = start + c * pixels + p;
          y[yOffset + i] = x[xOffset + i] * (float) Math.pow(scale, -shape.beta());
        }
      }
    }
  }

  static final class Backward implements ChannelLrn.Backward, ThreadTeam.Task {
    private final LrnShape shape;

    /** For each worker dy_c·s_c^−β of one pixel's channels, then dy_c·x_c·s_c^(−β−1). */
    private final WorkerScratch columns;

    private float[] x;
    private int xOffset;
    private float[] dy;
    private int dyOffset;
    private float[] dx;
    private int dxOffset;

    Backward(LrnShape shape) {
      this.shape = shape;
      columns = new WorkerScratch(2 * shape.channels());
    }

    @Override
    public void run(
        ThreadTeam team,
        float[] x,
        int xOffset,
        float[] dy,
        int dyOffset,
        float[] dx,
        int dxOffset) {
      this.x = x;
      this.xOffset = xOffset;
      this.dy = dy;
      this.dyOffset = dyOffset;
      this.dx = dx;
      this.dxOffset = dxOffset;
      team.run(shape.batch(), this);
    }

    @Override
    public void run(int image, int worker) {
      int start = image * shape.channels() * shape.pixels();
      float[] column = columns.of(worker);
      for (int p = 0; p < shape.pixels(); p++) {
        pixel(start + p, column);
      }
    }

    private void pixel(int start, float[] column) {
      int channels = shape.channels();
      int pixels = shape.pixels();
      for (int c = 0; c < channels; c++) {
        float scale = scale(shape, x, xOffset + start, c);
        float direct = dy[dyOffset + start + c * pixels] * (float) Math.pow(scale, -shape.beta());
        column[c] = direct;
        column[channels + c] = direct * x[xOffset + start + c * pixels] / scale;
      }
      int half = shape.size() / 2;
      float factor = 2 * shape.alpha() * shape.beta() / shape.size();
      for (int c = 0; c < channels; c++) {
        float sum = 0;
        for (int j = Math.max(c - half, 0); j <= Math.min(c + half, channels - 1); j++) {
          sum += column[channels + j];
        }
        int i = start + c * pixels;
        dx[dxOffset + i] = column[c] - factor * x[xOffset + i] * sum;
      }
    }
  }
}
