package io.alexnet.kernels.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The innermost loop of A·Bᵀ with both matrices stored row by row: the dot products of a few rows
 * of A with a few rows of B, vectors along the rows, sums in registers. Nothing is packed, which is
 * what a dense layer's forward pass needs: its weights come from memory once and are used for
 * batch/{@link #ROWS} tiles only, too few to pay for a transposed copy.
 */
final class DotTile {

  private static final VectorSpecies<Float> SPECIES = RegisterTile.SPECIES;

  private static final int LANES = RegisterTile.LANES;

  private static final boolean EIGHT_BY_THREE = RegisterTile.THIRTY_TWO_REGISTERS;

  /** Rows of A in a tile. */
  static final int ROWS = EIGHT_BY_THREE ? 8 : 4;

  /** Rows of B in a tile, which are columns of the product. */
  static final int COLUMNS = EIGHT_BY_THREE ? 3 : 2;

  private DotTile() {}

  /**
   * sums[i · COLUMNS + j] = Σ_p a[i][p]·b[j][p]. The sums of rows or columns that do not exist
   * repeat those of the last one.
   *
   * @param rows from 1 to {@link #ROWS}
   * @param columns from 1 to {@link #COLUMNS}
   * @param depth a multiple of the lanes
   */
  static void multiply(
      int rows,
      int columns,
      int depth,
      float[] a,
      int aOffset,
      int aRow,
      float[] b,
      int bOffset,
      int bRow,
      float[] sums,
      int sumsOffset) {
    if (EIGHT_BY_THREE) {
      eightByThree(rows, columns, depth, a, aOffset, aRow, b, bOffset, bRow, sums, sumsOffset);
    } else {
      fourByTwo(rows, columns, depth, a, aOffset, aRow, b, bOffset, bRow, sums, sumsOffset);
    }
  }

  private static float sum(FloatVector v) {
    return v.reduceLanes(VectorOperators.ADD);
  }

  private static void eightByThree(
      int rows,
      int columns,
      int depth,
      float[] a,
      int aOffset,
      int aRow,
      float[] b,
      int bOffset,
      int bRow,
      float[] sums,
      int sumsOffset) {
    int a0 = aOffset;
    int a1 = aOffset + Math.min(1, rows - 1) * aRow;
    int a2 = aOffset + Math.min(2, rows - 1) * aRow;
    int a3 = aOffset + Math.min(3, rows - 1) * aRow;
    int a4 = aOffset + Math.min(4, rows - 1) * aRow;
    int a5 = aOffset + Math.min(5, rows - 1) * aRow;
    int a6 = aOffset + Math.min(6, rows - 1) * aRow;
    int a7 = aOffset + Math.min(7, rows - 1) * aRow;
    int b0 = bOffset;
    int b1 = bOffset + Math.min(1, columns - 1) * bRow;
    int b2 = bOffset + Math.min(2, columns - 1) * bRow;
    FloatVector s00 = FloatVector.zero(SPECIES);
    FloatVector s01 = FloatVector.zero(SPECIES);
    FloatVector s02 = FloatVector.zero(SPECIES);
    FloatVector s10 = FloatVector.zero(SPECIES);
    FloatVector s11 = FloatVector.zero(SPECIES);
    FloatVector s12 = FloatVector.zero(SPECIES);
    FloatVector s20 = FloatVector.zero(SPECIES);
    FloatVector s21 = FloatVector.zero(SPECIES);
    FloatVector s22 = FloatVector.zero(SPECIES);
    FloatVector s30 = FloatVector.zero(SPECIES);
    FloatVector s31 = FloatVector.zero(SPECIES);
    FloatVector s32 = FloatVector.zero(SPECIES);
    FloatVector s40 = FloatVector.zero(SPECIES);
    FloatVector s41 = FloatVector.zero(SPECIES);
    FloatVector s42 = FloatVector.zero(SPECIES);
    FloatVector s50 = FloatVector.zero(SPECIES);
    FloatVector s51 = FloatVector.zero(SPECIES);
    FloatVector s52 = FloatVector.zero(SPECIES);
    FloatVector s60 = FloatVector.zero(SPECIES);
    FloatVector s61 = FloatVector.zero(SPECIES);
    FloatVector s62 = FloatVector.zero(SPECIES);
    FloatVector s70 = FloatVector.zero(SPECIES);
    FloatVector s71 = FloatVector.zero(SPECIES);
    FloatVector s72 = FloatVector.zero(SPECIES);
    for (int p = 0; p < depth; p += LANES) {
      FloatVector y0 = FloatVector.fromArray(SPECIES, b, b0 + p);
      FloatVector y1 = FloatVector.fromArray(SPECIES, b, b1 + p);
      FloatVector y2 = FloatVector.fromArray(SPECIES, b, b2 + p);
      FloatVector x0 = FloatVector.fromArray(SPECIES, a, a0 + p);
      s00 = x0.fma(y0, s00);
      s01 = x0.fma(y1, s01);
      s02 = x0.fma(y2, s02);
      FloatVector x1 = FloatVector.fromArray(SPECIES, a, a1 + p);
      s10 = x1.fma(y0, s10);
      s11 = x1.fma(y1, s11);
      s12 = x1.fma(y2, s12);
      FloatVector x2 = FloatVector.fromArray(SPECIES, a, a2 + p);
      s20 = x2.fma(y0, s20);
      s21 = x2.fma(y1, s21);
      s22 = x2.fma(y2, s22);
      FloatVector x3 = FloatVector.fromArray(SPECIES, a, a3 + p);
      s30 = x3.fma(y0, s30);
      s31 = x3.fma(y1, s31);
      s32 = x3.fma(y2, s32);
      FloatVector x4 = FloatVector.fromArray(SPECIES, a, a4 + p);
      s40 = x4.fma(y0, s40);
      s41 = x4.fma(y1, s41);
      s42 = x4.fma(y2, s42);
      FloatVector x5 = FloatVector.fromArray(SPECIES, a, a5 + p);
      s50 = x5.fma(y0, s50);
      s51 = x5.fma(y1, s51);
      s52 = x5.fma(y2, s52);
      FloatVector x6 = FloatVector.fromArray(SPECIES, a, a6 + p);
      s60 = x6.fma(y0, s60);
      s61 = x6.fma(y1, s61);
      s62 = x6.fma(y2, s62);
      FloatVector x7 = FloatVector.fromArray(SPECIES, a, a7 + p);
      s70 = x7.fma(y0, s70);
      s71 = x7.fma(y1, s71);
      s72 = x7.fma(y2, s72);
    }
    sums[sumsOffset + 0] = sum(s00);
    sums[sumsOffset + 1] = sum(s01);
    sums[sumsOffset + 2] = sum(s02);
    sums[sumsOffset + 3] = sum(s10);
    sums[sumsOffset + 4] = sum(s11);
    sums[sumsOffset + 5] = sum(s12);
    sums[sumsOffset + 6] = sum(s20);
    sums[sumsOffset + 7] = sum(s21);
    sums[sumsOffset + 8] = sum(s22);
    sums[sumsOffset + 9] = sum(s30);
    sums[sumsOffset + 10] = sum(s31);
    sums[sumsOffset + 11] = sum(s32);
    sums[sumsOffset + 12] = sum(s40);
    sums[sumsOffset + 13] = sum(s41);
    sums[sumsOffset + 14] = sum(s42);
    sums[sumsOffset + 15] = sum(s50);
    sums[sumsOffset + 16] = sum(s51);
    sums[sumsOffset + 17] = sum(s52);
    sums[sumsOffset + 18] = sum(s60);
    sums[sumsOffset + 19] = sum(s61);
    sums[sumsOffset + 20] = sum(s62);
    sums[sumsOffset + 21] = sum(s70);
    sums[sumsOffset + 22] = sum(s71);
    sums[sumsOffset + 23] = sum(s72);
  }

  private static void fourByTwo(
      int rows,
      int columns,
      int depth,
      float[] a,
      int aOffset,
      int aRow,
      float[] b,
      int bOffset,
      int bRow,
      float[] sums,
      int sumsOffset) {
    int a0 = aOffset;
    int a1 = aOffset + Math.min(1, rows - 1) * aRow;
    int a2 = aOffset + Math.min(2, rows - 1) * aRow;
    int a3 = aOffset + Math.min(3, rows - 1) * aRow;
    int b0 = bOffset;
    int b1 = bOffset + Math.min(1, columns - 1) * bRow;
    FloatVector s00 = FloatVector.zero(SPECIES);
    FloatVector s01 = FloatVector.zero(SPECIES);
    FloatVector s10 = FloatVector.zero(SPECIES);
    FloatVector s11 = FloatVector.zero(SPECIES);
    FloatVector s20 = FloatVector.zero(SPECIES);
    FloatVector s21 = FloatVector.zero(SPECIES);
    FloatVector s30 = FloatVector.zero(SPECIES);
    FloatVector s31 = FloatVector.zero(SPECIES);
    for (int p = 0; p < depth; p += LANES) {
      FloatVector y0 = FloatVector.fromArray(SPECIES, b, b0 + p);
      FloatVector y1 = FloatVector.fromArray(SPECIES, b, b1 + p);
      FloatVector x0 = FloatVector.fromArray(SPECIES, a, a0 + p);
      s00 = x0.fma(y0, s00);
      s01 = x0.fma(y1, s01);
      FloatVector x1 = FloatVector.fromArray(SPECIES, a, a1 + p);
      s10 = x1.fma(y0, s10);
      s11 = x1.fma(y1, s11);
      FloatVector x2 = FloatVector.fromArray(SPECIES, a, a2 + p);
      s20 = x2.fma(y0, s20);
      s21 = x2.fma(y1, s21);
      FloatVector x3 = FloatVector.fromArray(SPECIES, a, a3 + p);
      s30 = x3.fma(y0, s30);
      s31 = x3.fma(y1, s31);
    }
    sums[sumsOffset + 0] = sum(s00);
    sums[sumsOffset + 1] = sum(s01);
    sums[sumsOffset + 2] = sum(s10);
    sums[sumsOffset + 3] = sum(s11);
    sums[sumsOffset + 4] = sum(s20);
    sums[sumsOffset + 5] = sum(s21);
    sums[sumsOffset + 6] = sum(s30);
    sums[sumsOffset + 7] = sum(s31);
  }
}
