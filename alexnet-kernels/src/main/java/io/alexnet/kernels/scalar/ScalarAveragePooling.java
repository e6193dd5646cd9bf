package io.alexnet.kernels.scalar;

import io.alexnet.kernels.AdaptivePoolShape;
import io.alexnet.kernels.PoolShape;
import io.alexnet.kernels.Pooling;
import io.alexnet.kernels.ThreadTeam;
import java.util.Arrays;

/** Average pooling over sliding or adaptive windows, one window after the other. */
final class ScalarAveragePooling {

  private ScalarAveragePooling() {}

  static final class Forward extends PlaneTask implements Pooling.AverageForward {
    private final int width;
    private final int plane;
    private final PoolAxis rows;
    private final PoolAxis columns;

    private float[] x;
    private int xOffset;
    private float[] y;
    private int yOffset;

    Forward(PoolShape shape) {
      super(shape.batch() * shape.channels(), shape.height() * shape.width());
      width = shape.width();
      plane = shape.height() * shape.width();
      rows = PoolAxis.rows(shape);
      columns = PoolAxis.columns(shape);
    }

    Forward(AdaptivePoolShape shape) {
      super(shape.batch() * shape.channels(), shape.height() * shape.width());
      width = shape.width();
      plane = shape.height() * shape.width();
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
      int in = xOffset + plane * this.plane;
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

  static final class Backward extends PlaneTask implements Pooling.AverageBackward {
    private final int width;
    private final int plane;
    private final PoolAxis rows;
    private final PoolAxis columns;

    private float[] dy;
    private int dyOffset;
    private float[] dx;
    private int dxOffset;

    Backward(PoolShape shape) {
      super(shape.batch() * shape.channels(), shape.height() * shape.width());
      width = shape.width();
      plane = shape.height() * shape.width();
      rows = PoolAxis.rows(shape);
      columns = PoolAxis.columns(shape);
    }

    Backward(AdaptivePoolShape shape) {
      super(shape.batch() * shape.channels(), shape.height() * shape.width());
      width = shape.width();
      plane = shape.height() * shape.width();
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
      int in = dxOffset + plane * this.plane;
      int out = dyOffset + plane * rows.outputs() * columns.outputs();
      Arrays.fill(dx, in, in + this.plane, 0f);
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
