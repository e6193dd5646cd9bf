package io.alexnet.kernels.simd;

import io.alexnet.kernels.AdaptivePoolShape;
import io.alexnet.kernels.PoolShape;
import io.alexnet.kernels.scalar.ScalarAveragePooling;
import io.alexnet.kernels.scalar.WorkerScratch;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Average pooling, sliding or adaptive, with a lane for each column: the rows of a window are added
 * up first (or its share is added to them last), which leaves one row for scalar code. Vectors that
 * reach over the end of a row take in what follows it; nothing of that is used.
 */
final class SimdAveragePooling {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  private SimdAveragePooling() {}

  static final class Forward extends ScalarAveragePooling.Forward {
    private final WorkerScratch scratch = new WorkerScratch(width + LANES);

    Forward(PoolShape shape) {
      super(shape);
    }

    Forward(AdaptivePoolShape shape) {
      super(shape);
    }

    @Override
    protected void plane(int plane, int worker) {
      float[] sums = scratch.of(worker);
      int in = xOffset + plane * planeSize;
      int out = yOffset + plane * rows.outputs() * columns.outputs();
      for (int oy = 0; oy < rows.outputs(); oy++, out += columns.outputs()) {
        int end = in + rows.end(oy) * width;
        addRows(x, in + rows.first(oy) * width, end, rows.step() * width, width, sums);
        averages(sums, rows.divisor(oy), out);
      }
    }

    /** sums = the sum of the rows that begin at {@code from}, from + step, … below {@code to}. */
    private static void addRows(float[] x, int from, int to, int step, int width, float[] sums) {
      int lastRow = from + (to - from - 1) / step * step;
      int column = 0;
      for (; column < width && lastRow + column <= x.length - LANES; column += LANES) {
        FloatVector sum = FloatVector.fromArray(SPECIES, x, from + column);
        for (int row = from + step; row < to; row += step) {
          sum = sum.add(FloatVector.fromArray(SPECIES, x, row + column));
        }
        sum.intoArray(sums, column);
      }
      for (; column < width; column++) { // in the last plane of all
        float sum = 0;
        for (int row = from; row < to; row += step) {
          sum += x[row + column];
        }
        sums[column] = sum;
      }
    }

    private void averages(float[] sums, int rowDivisor, int out) {
      for (int ox = 0; ox < columns.outputs(); ox++) {
        float sum = 0;
        for (int column = columns.first(ox); column < columns.end(ox); column += columns.step()) {
          sum += sums[column];
        }
        y[out + ox] = sum / (rowDivisor * columns.divisor(ox));
      }
    }
  }

  static final class Backward extends ScalarAveragePooling.Backward {
    private final WorkerScratch scratch = new WorkerScratch(width + LANES);

    Backward(PoolShape shape) {
      super(shape);
    }

    Backward(AdaptivePoolShape shape) {
      super(shape);
    }

    @Override
    protected void plane(int plane, int worker) {
      float[] shares = scratch.of(worker);
      int in = dxOffset + plane * planeSize;
      int out = dyOffset + plane * rows.outputs() * columns.outputs();
      Arrays.fill(dx, in, in + planeSize, 0f);
      for (int oy = 0; oy < rows.outputs(); oy++, out += columns.outputs()) {
        shares(shares, rows.divisor(oy), out);
        for (int row = rows.first(oy); row < rows.end(oy); row += rows.step()) {
          addRow(shares, width, dx, in + row * width, in + planeSize);
        }
      }
    }

    /** What each column of a row gets from the windows of an output row; zeros after them. */
    private void shares(float[] shares, int rowDivisor, int out) {
      Arrays.fill(shares, 0, width, 0f);
      for (int ox = 0; ox < columns.outputs(); ox++) {
        float share = dy[out + ox] / (rowDivisor * columns.divisor(ox));
        for (int column = columns.first(ox); column < columns.end(ox); column += columns.step()) {
          shares[column] += share;
        }
      }
    }

    /** The zeros after the shares may be added to later rows, but not beyond the plane. */
    private static void addRow(float[] shares, int width, float[] dx, int start, int planeEnd) {
      int column = 0;
      for (; column < width && start + column <= planeEnd - LANES; column += LANES) {
        FloatVector.fromArray(SPECIES, dx, start + column)
            .add(FloatVector.fromArray(SPECIES, shares, column))
            .intoArray(dx, start + column);
      }
      for (; column < width; column++) {
        dx[start + column] += shares[column];
      }
    }
  }
}
