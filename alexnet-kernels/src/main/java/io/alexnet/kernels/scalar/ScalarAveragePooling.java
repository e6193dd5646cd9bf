package io.alexnet.kernels.scalar;

import io.alexnet.kernels.AdaptivePoolShape;
import io.alexnet.kernels.PoolShape;
import io.alexnet.kernels.Pooling;
import io.alexnet.kernels.ThreadTeam;
import java.util.Arrays;

/**
 * Average pooling over sliding or adaptive windows, one window after the other. The SIMD twins
 * extend these classes.
 */
public final class ScalarAveragePooling {

  private ScalarAveragePooling() {}

  public static class Forward extends PlaneTask implements Pooling.AverageForward {
    protected final int width;
    protected final int planeSize;
    protected final PoolAxis rows;
    protected final PoolAxis columns;

    protected float[] x;
    protected int xOffset;
    protected float[] y;
    protected int yOffset;

    public Forward(PoolShape shape) {
      super(shape.batch() * shape.channels(), shape.height() * shape.width());
      width = shape.width();
      planeSize = shape.height() * shape.width();
      rows = PoolAxis.rows(shape);
      columns = PoolAxis.columns(shape);
    }

    public Forward(AdaptivePoolShape shape) {
      super(shape.batch() * shape.channels(), shape.height() * shape.width());
      width = shape.width();
      planeSize = shape.height() * shape.width();
      rows = PoolAxis.adaptive(shape.height(), shape.outHeight());
      columns = PoolAxis.adaptive(shape.width(), shape.outWidth());
    }

    @Override
    public void run(ThreadTeam team, float[] x, int xOffset, float[] y, int yOffset) {
      this.x = x;
      this.xOffset = xOffset;
      this.y = y;
      this.yOffset = yOffset;
      runPlanes(team);
    }

    @Override
    protected void plane(int plane, int worker) {
      int in = xOffset + plane * planeSize;
      int out = yOffset + plane * rows.outputs() * columns.outputs();
      for (int oy = 0; oy < rows.outputs(); oy++) {
        for (int ox = 0; ox < columns.outputs(); ox++, out++) {
          float sum = 0;
          for (int row = rows.first(oy); row < rows.end(oy); row += rows.step()) {
            for (int column = columns.first(ox);
                column < columns.end(ox);
                column += columns.step()) {
              sum += x[in + row * width + column];
            }
          }
          y[out] = sum / (rows.divisor(oy) * columns.divisor(ox));
        }
      }
    }
  }

  public static class Backward extends PlaneTask implements Pooling.AverageBackward {
    protected final int width;
    protected final int planeSize;
    protected final PoolAxis rows;
    protected final PoolAxis columns;

    protected float[] dy;
    protected int dyOffset;
    protected float[] dx;
    protected int dxOffset;

    public Backward(PoolShape shape) {
      super(shape.batch() * shape.channels(), shape.height() * shape.width());
      width = shape.width();
      planeSize = shape.height() * shape.width();
      rows = PoolAxis.rows(shape);
      columns = PoolAxis.columns(shape);
    }

    public Backward(AdaptivePoolShape shape) {
      super(shape.batch() * shape.channels(), shape.height() * shape.width());
      width = shape.width();
      planeSize = shape.height() * shape.width();
      rows = PoolAxis.adaptive(shape.height(), shape.outHeight());
      columns = PoolAxis.adaptive(shape.width(), shape.outWidth());
    }

    @Override
    public void run(ThreadTeam team, float[] dy, int dyOffset, float[] dx, int dxOffset) {
      this.dy = dy;
      this.dyOffset = dyOffset;
      this.dx = dx;
      this.dxOffset = dxOffset;
      runPlanes(team);
    }

    @Override
    protected void plane(int plane, int worker) {
      int in = dxOffset + plane * planeSize;
      int out = dyOffset + plane * rows.outputs() * columns.outputs();
      Arrays.fill(dx, in, in + planeSize, 0f);
      for (int oy = 0; oy < rows.outputs(); oy++) {
        for (int ox = 0; ox < columns.outputs(); ox++, out++) {
          float share = dy[out] / (rows.divisor(oy) * columns.divisor(ox));
          for (int row = rows.first(oy); row < rows.end(oy); row += rows.step()) {
            for (int column = columns.first(ox);
                column < columns.end(ox);
                column += columns.step()) {
              dx[in + row * width + column] += share;
            }
          }
        }
      }
    }
  }
}
