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
 * up first (backward: its shares are added to them last), which leaves one row for scalar code.
 * Vectors that reach over the end of a row take in what follows it; nothing of that is used.
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

  /** Every vector is written once: to add to rows that overlap a vector's end stalls its loads. */
  static final class Backward extends ScalarAveragePooling.Backward {
    /** For each input row where in the scratch space the shares begin that add up to it. */
    private final int[][] sharesOfRow;

    private final int shareStep = width + LANES;
    private final WorkerScratch scratch;

    /** One window over all the plane: a row at a time would take up to twice as long. */
    private final boolean global;

    Backward(PoolShape shape) {
      super(shape);
      global = false;
      sharesOfRow = sharesOfRow(shape.height());
      scratch = new WorkerScratch(rows.outputs() * shareStep);
    }

    Backward(AdaptivePoolShape shape) {
      super(shape);
      global = shape.outHeight() == 1 && shape.outWidth() == 1;
      sharesOfRow = sharesOfRow(shape.height());
      scratch = new WorkerScratch(rows.outputs() * shareStep);
    }

    private int[][] sharesOfRow(int height) {
      int[][] starts = new int[height][0];
      for (int oy = 0; oy < rows.outputs(); oy++) {
        for (int row = rows.first(oy); row < rows.end(oy); row += rows.step()) {
          starts[row] = Arrays.copyOf(starts[row], starts[row].length + 1);
          starts[row][starts[row].length - 1] = oy * shareStep;
        }
      }
      return starts;
    }

    @Override
    protected void plane(int plane, int worker) {
      int in = dxOffset + plane * planeSize;
      if (global) {
        Arrays.fill(dx, in, in + planeSize, dy[dyOffset + plane] / planeSize);
        return;
      }
      float[] shares = scratch.of(worker);
      int out = dyOffset + plane * rows.outputs() * columns.outputs();
      for (int oy = 0; oy < rows.outputs(); oy++) {
        shares(out + oy * columns.outputs(), rows.divisor(oy), shares, oy * shareStep);
      }
      for (int row = 0; row < sharesOfRow.length; row++) {
        addShares(shares, sharesOfRow[row], width, dx, in + row * width, in + planeSize);
      }
    }

    /** What the windows of an output row give to each column of a row they cover. */
    private void shares(int out, int rowDivisor, float[] shares, int start) {
      Arrays.fill(shares, start, start + width, 0f);
      for (int ox = 0; ox < columns.outputs(); ox++) {
        float share = dy[out + ox] / (rowDivisor * columns.divisor(ox));
        for (int column = columns.first(ox); column < columns.end(ox); column += columns.step()) {
          shares[start + column] += share;
        }
      }
    }

    /** Later rows replace what a vector writes over the end of its row. */
    private static void addShares(
        float[] shares, int[] starts, int width, float[] dx, int row, int planeEnd) {
      int column = 0;
      for (; column < width && row + column <= planeEnd - LANES; column += LANES) {
        FloatVector sum = FloatVector.zero(SPECIES);
        for (int start : starts) {
          sum = sum.add(FloatVector.fromArray(SPECIES, shares, start + column));
        }
        sum.intoArray(dx, row + column);
      }
      for (; column < width; column++) {
        float sum = 0;
        for (int start : starts) {
          sum += shares[start + column];
        }
        dx[row + column] = sum;
      }
    }
  }
}
