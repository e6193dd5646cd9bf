package io.alexnet.kernels.simd;

import io.alexnet.kernels.Dense;
import io.alexnet.kernels.DenseShape;
import io.alexnet.kernels.ThreadTeam;
import io.alexnet.kernels.scalar.WorkerScratch;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * y = x·Wᵀ + b for a few images, where reading the weights is what takes the time: each is read
 * once, along the rows, and the dot products of {@link #ROWS} rows with an image are summed in a
 * vector each. A matrix product would leave most columns of its tiles empty: one image takes it
 * three times as long. Further images meet the rows in the second-level cache.
 */
final class SmallBatchDense implements Dense.Forward, ThreadTeam.Task {

  private static final VectorSpecies<Float> SPECIES = RegisterTile.SPECIES;

  private static final int LANES = RegisterTile.LANES;

  private static final int ROWS = 8;

  /** Images up to which the matrix product takes longer. */
  private static final int FEW = 8;

  private static final int TILES_PER_PIECE = 4;

  private final DenseShape shape;
  private final int tiles;
  private final WorkerScratch scratch = new WorkerScratch(ROWS * LANES);

  private float[] x;
  private int xOffset;
  private float[] weights;
  private int weightsOffset;
  private float[] bias;
  private int biasOffset;
  private float[] y;
  private int yOffset;

  SmallBatchDense(DenseShape shape) {
    this.shape = shape;
    tiles = Rounding.ceilDiv(shape.outputs(), ROWS);
  }

  static boolean fits(DenseShape shape) {
    return shape.batch() <= FEW;
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
    team.run(Rounding.ceilDiv(tiles, TILES_PER_PIECE), this);
  }

  @Override
  public void run(int piece, int worker) {
    float[] sums = scratch.of(worker);
    int inputs = shape.inputs();
    int whole = SPECIES.loopBound(inputs);
    int end = Math.min(tiles, (piece + 1) * TILES_PER_PIECE);
    for (int tile = piece * TILES_PER_PIECE; tile < end; tile++) {
      int output = tile * ROWS;
      int rows = Math.min(ROWS, shape.outputs() - output);
      int w = weightsOffset + output * inputs;
      for (int n = 0; n < shape.batch(); n++) {
        int in = xOffset + n * inputs;
        dots(rows, whole, weights, w, inputs, x, in, sums);
        for (int i = 0; i < rows; i++) {
          float sum = bias == null ? 0f : bias[biasOffset + output + i];
          for (int l = 0; l < LANES; l++) {
            sum += sums[i * LANES + l];
          }
          for (int j = whole; j < inputs; j++) {
            sum = Math.fma(weights[w + i * inputs + j], x[in + j], sum);
          }
          y[yOffset + n * shape.outputs() + output + i] = sum;
        }
      }
    }
  }

  /**
   * Sums w[i][j]·x[j] over j into one vector for each i, from 0 to {@link #ROWS} − 1.
   *
   * @param rows how many rows there are; the rest of the sums repeats the last one
   */
  private static void dots(
      int rows, int count, float[] w, int wOffset, int wRow, float[] x, int xOffset, float[] sums) {
    int row0 = wOffset;
    int row1 = wOffset + Math.min(1, rows - 1) * wRow;
    int row2 = wOffset + Math.min(2, rows - 1) * wRow;
    int row3 = wOffset + Math.min(3, rows - 1) * wRow;
    int row4 = wOffset + Math.min(4, rows - 1) * wRow;
    int row5 = wOffset + Math.min(5, rows - 1) * wRow;
    int row6 = wOffset + Math.min(6, rows - 1) * wRow;
    int row7 = wOffset + Math.min(7, rows - 1) * wRow;
    FloatVector sum0 = FloatVector.zero(SPECIES);
    FloatVector sum1 = sum0;
    FloatVector sum2 = sum0;
    FloatVector sum3 = sum0;
    FloatVector sum4 = sum0;
    FloatVector sum5 = sum0;
    FloatVector sum6 = sum0;
    FloatVector sum7 = sum0;
    for (int j = 0; j < count; j += LANES) {
      FloatVector xj = FloatVector.fromArray(SPECIES, x, xOffset + j);
      sum0 = FloatVector.fromArray(SPECIES, w, row0 + j).fma(xj, sum0);
      sum1 = FloatVector.fromArray(SPECIES, w, row1 + j).fma(xj, sum1);
      sum2 = FloatVector.fromArray(SPECIES, w, row2 + j).fma(xj, sum2);
      sum3 = FloatVector.fromArray(SPECIES, w, row3 + j).fma(xj, sum3);
      sum4 = FloatVector.fromArray(SPECIES, w, row4 + j).fma(xj, sum4);
      sum5 = FloatVector.fromArray(SPECIES, w, row5 + j).fma(xj, sum5);
      sum6 = FloatVector.fromArray(SPECIES, w, row6 + j).fma(xj, sum6);
      sum7 = FloatVector.fromArray(SPECIES, w, row7 + j).fma(xj, sum7);
    }
    sum0.intoArray(sums, 0);
    sum1.intoArray(sums, LANES);
    sum2.intoArray(sums, 2 * LANES);
    sum3.intoArray(sums, 3 * LANES);
    sum4.intoArray(sums, 4 * LANES);
    sum5.intoArray(sums, 5 * LANES);
    sum6.intoArray(sums, 6 * LANES);
    sum7.intoArray(sums, 7 * LANES);
  }
}
