package io.alexnet.kernels.scalar;

import io.alexnet.kernels.PoolShape;
import io.alexnet.kernels.Pooling;
import io.alexnet.kernels.ThreadTeam;
import java.util.Arrays;

/** Max pooling, one window after the other. */
final class ScalarMaxPooling {

  private ScalarMaxPooling() {}

  static final class Forward extends PlaneTask implements Pooling.MaxForward {
    private final int width;
    private final int plane;
    private final PoolAxis rows;
    private final PoolAxis columns;

    private float[] x;
    private int xOffset;
    private float[] y;
    private int yOffset;
    private int[] argmax;

    Forward(PoolShape shape) {
      super(shape.batch() * shape.channels(), shape.height() * shape.width());
      width = shape.width();
      plane = shape.height() * shape.width();
      rows = PoolAxis.rows(shape);
      columns = PoolAxis.columns(shape);
    }

    @Override
    public void run(ThreadTeam team, float[] x, int xOffset, float[] y, int yOffset, int[] argmax) {
      this.x = x;
      this.xOffset = xOffset;
      this.y = y;
      this.yOffset = yOffset;
      this.argmax = argmax;
      runPlanes(team);
    }

    @Override
    protected void plane(int plane, int worker) {
      int in = xOffset + plane * this.plane;
      int out = plane * rows.outputs() * columns.outputs();
      for (int oy = 0; oy < rows.outputs(); oy++) {
        for (int ox = 0; ox < columns.outputs(); ox++, out++) {
          int winner = winner(x, in, width, rows, oy, columns, ox);
          y[yOffset + out] = x[in + winner];
          if (argmax != null) {
            argmax[out] = winner;
          }
        }
      }
    }
  }

  /** Index within the plane at {@code in} of the largest element of window (oy, ox). */
  static int winner(float[] x, int in, int width, PoolAxis rows, int oy, PoolAxis columns, int ox) {
    int winner = rows.first(oy) * width + columns.first(ox);
    float max = x[in + winner];
    for (int row = rows.first(oy); row < rows.end(oy); row += rows.step()) {
      for (int column = columns.first(ox); column < columns.end(ox); column += columns.step()) {
        float value = x[in + row * width + column];
        if (value > max || value != value && max == max) { // NaN is the only value unlike itself
          max = value;
          winner = row * width + column;
        }
      }
    }
    return winner;
  }

  static final class Backward extends PlaneTask implements Pooling.MaxBackward {
    private final int plane;
    private final int outPlane;

    private float[] dy;
    private int dyOffset;
    private int[] argmax;
    private float[] dx;
    private int dxOffset;

    Backward(PoolShape shape) {
      super(shape.batch() * shape.channels(), shape.height() * shape.width());
      plane = shape.height() * shape.width();
      outPlane = shape.outHeight() * shape.outWidth();
    }

    @Override
    public void run(
        ThreadTeam team, float[] dy, int dyOffset, int[] argmax, float[] dx, int dxOffset) {
      this.dy = dy;
      this.dyOffset = dyOffset;
      this.argmax = argmax;
      this.dx = dx;
      this.dxOffset = dxOffset;
      runPlanes(team);
    }

    @Override
    protected void plane(int plane, int worker) {
      int in = dxOffset + plane * this.plane;
      Arrays.fill(dx, in, in + this.plane, 0f); // just before the plane is needed in the cache
      int end = (plane + 1) * outPlane;
      for (int out = plane * outPlane; out < end; out++) {
        dx[in + argmax[out]] += dy[dyOffset + out];
      }
    }
  }
}
