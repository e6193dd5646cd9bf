package io.alexnet.kernels.scalar;

import io.alexnet.kernels.PoolShape;
import io.alexnet.kernels.Pooling;
import io.alexnet.kernels.ThreadTeam;
import java.util.Arrays;

/** Max pooling, one window after the other. */
public final class ScalarMaxPooling {

  private ScalarMaxPooling() {}

  /** The SIMD twin extends it and leaves it the windows that the plane's edge cuts. */
  public static class Forward extends PlaneTask implements Pooling.MaxForward {
    protected final int width;
    protected final int planeSize;
    protected final PoolAxis rows;
    protected final PoolAxis columns;

    protected float[] x;
    protected int xOffset;
    protected float[] y;
    protected int yOffset;
    protected int[] argmax;

    public Forward(PoolShape shape) {
      super(shape.batch() * shape.channels(), shape.height() * shape.width());
      width = shape.width();
      planeSize = shape.height() * shape.width();
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
      for (int oy = 0; oy < rows.outputs(); oy++) {
        windows(plane, oy, 0, columns.outputs());
      }
    }

    /** Outputs from ≤ ox &lt; to of row oy. */
    protected final void windows(int plane, int oy, int from, int to) {
      int in = xOffset + plane * planeSize;
      int out = (plane * rows.outputs() + oy) * columns.outputs();
      for (int ox = from; ox < to; ox++) {
        int winner = winner(in, oy, ox);
        y[yOffset + out + ox] = x[in + winner];
        if (argmax != null) {
          argmax[out + ox] = winner;
        }
      }
    }

    private int winner(int in, int oy, int ox) {
      int winner = rows.first(oy) * width + columns.first(ox);
      float max = x[in + winner];
      for (int row = rows.first(oy); row < rows.end(oy); row += rows.step()) {
        for (int column = columns.first(ox); column < columns.end(ox); column += columns.step()) {
          float value = x[in + row * width + column];
          if (value > max || value != value && max == max) { // only NaN is unlike itself
            max = value;
            winner = row * width + column;
          }
        }
      }
      return winner;
    }
  }

  static final class Backward extends PlaneTask implements Pooling.MaxBackward {
    private final int planeSize;
    private final int outPlaneSize;

    private float[] dy;
    private int dyOffset;
    private int[] argmax;
    private float[] dx;
    private int dxOffset;

    Backward(PoolShape shape) {
      super(shape.batch() * shape.channels(), shape.height() * shape.width());
      planeSize = shape.height() * shape.width();
      outPlaneSize = shape.outHeight() * shape.outWidth();
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
      int in = dxOffset + plane * planeSize;
      Arrays.fill(dx, in, in + planeSize, 0f); // just before the plane is needed in the cache
      int end = (plane + 1) * outPlaneSize;
      for (int out = plane * outPlaneSize; out < end; out++) {
        dx[in + argmax[out]] += dy[dyOffset + out];
      }
    }
  }
}
