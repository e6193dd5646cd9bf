package io.alexnet.kernels.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The twin of {@link RegisterTile} for a left operand stored row by row, which it reads in place.
 * It streams evenly along its rows, slowly enough for the hardware to fetch ahead: a dense layer's
 * weights come from memory once a pass and are used for no more terms than the batch has images,
 * too few to pay for a transposed copy.
 *
 * <p>The loop counts p itself, by one, because then C2 checks the bounds of all rows before the
 * loop and not in it.
 */
final class RowTile {

  private static final VectorSpecies<Float> SPECIES = RegisterTile.SPECIES;

  private static final int LANES = RegisterTile.LANES;

  /** Vectors in the widest tile. */
  static final int VECTORS = RegisterTile.THIRTY_TWO_REGISTERS ? 6 : 3;

  /** Vectors in the widest tile of six rows. */
  static final int VECTORS_OF_SIX_ROWS = RegisterTile.THIRTY_TWO_REGISTERS ? 4 : 2;

  private RowTile() {}

  /**
   * The height that tiles have beside one of so many vectors, 4 or 6 rows. Where there are columns
   * for it, four are better: with six C2 is short of integer registers and keeps offsets in vector
   * registers, whose moves take the turns of multiply-adds, 8 % of them on Zen 4.
   */
  static int height(int vectors) {
    return vectors > VECTORS_OF_SIX_ROWS ? 4 : 6;
  }

  /**
   * c[i][j] = from[i][j] + Σ_p a[i][p]·b[p][j] for {@code height} rows and {@code vectors} · LANES
   * columns, the sum in the order of p.
   *
   * @param height rows of C, 4 or 6
   * @param vectors from 2 to {@link #VECTORS} with a height of 4, from 1 to 4 with 6
   * @param rows how many rows A has, from 1 to {@code height}; the rest of C repeats the last one
   * @param aRow floats from a row of A to the next
   * @see RegisterTile#multiply
   */
  static void multiply(
      int height,
      int vectors,
      int rows,
      int depth,
      float[] a,
      int aOffset,
      int aRow,
      float[] b,
      int bOffset,
      int bStep,
      float[] from,
      int fromOffset,
      int fromRow,
      float[] c,
      int cOffset,
      int cRow) {
    if (height == 4) {
      switch (vectors) {
        case 2 ->
            fourByTwo(
                rows,
                depth,
                a,
                aOffset,
                aRow,
                b,
                bOffset,
                bStep,
                from,
                fromOffset,
                fromRow,
                c,
                cOffset,
                cRow);
        case 3 ->
            fourByThree(
                rows,
                depth,
                a,
                aOffset,
                aRow,
                b,
                bOffset,
                bStep,
                from,
                fromOffset,
                fromRow,
                c,
                cOffset,
                cRow);
        case 4 ->
            fourByFour(
                rows,
                depth,
                a,
                aOffset,
                aRow,
                b,
                bOffset,
                bStep,
                from,
                fromOffset,
                fromRow,
                c,
                cOffset,
                cRow);
        case 5 ->
            fourByFive(
                rows,
                depth,
                a,
                aOffset,
                aRow,
                b,
                bOffset,
                bStep,
                from,
                fromOffset,
                fromRow,
                c,
                cOffset,
                cRow);
        default ->
            fourBySix(
                rows,
                depth,
                a,
                aOffset,
                aRow,
                b,
                bOffset,
                bStep,
                from,
                fromOffset,
                fromRow,
                c,
                cOffset,
                cRow);
      }
    } else {
      switch (vectors) {
        case 1 ->
            sixByOne(
                rows,
                depth,
                a,
                aOffset,
                aRow,
                b,
                bOffset,
                bStep,
                from,
                fromOffset,
                fromRow,
                c,
                cOffset,
                cRow);
        case 2 ->
            sixByTwo(
                rows,
                depth,
                a,
                aOffset,
                aRow,
                b,
                bOffset,
                bStep,
                from,
                fromOffset,
                fromRow,
                c,
                cOffset,
                cRow);
        case 3 ->
            sixByThree(
                rows,
                depth,
                a,
                aOffset,
                aRow,
                b,
                bOffset,
                bStep,
                from,
                fromOffset,
                fromRow,
                c,
                cOffset,
                cRow);
        default ->
            sixByFour(
                rows,
                depth,
                a,
                aOffset,
                aRow,
                b,
                bOffset,
                bStep,
                from,
                fromOffset,
                fromRow,
                c,
                cOffset,
                cRow);
      }
    }
  }

  private static void fourBySix(
      int rows,
      int depth,
      float[] a,
      int aOffset,
      int aRow,
      float[] b,
      int bOffset,
      int bStep,
      float[] from,
      int fromOffset,
      int fromRow,
      float[] c,
      int cOffset,
      int cRow) {
    int row0 = aOffset;
    int row1 = aOffset + Math.min(1, rows - 1) * aRow;
    int row2 = aOffset + Math.min(2, rows - 1) * aRow;
    int row3 = aOffset + Math.min(3, rows - 1) * aRow;
    FloatVector c00 = FloatVector.fromArray(SPECIES, from, fromOffset);
    FloatVector c01 = FloatVector.fromArray(SPECIES, from, fromOffset + LANES);
    FloatVector c02 = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * LANES);
    FloatVector c03 = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * LANES);
    FloatVector c04 = FloatVector.fromArray(SPECIES, from, fromOffset + 4 * LANES);
    FloatVector c05 = FloatVector.fromArray(SPECIES, from, fromOffset + 5 * LANES);
    FloatVector c10 = FloatVector.fromArray(SPECIES, from, fromOffset + fromRow);
    FloatVector c11 = FloatVector.fromArray(SPECIES, from, fromOffset + fromRow + LANES);
    FloatVector c12 = FloatVector.fromArray(SPECIES, from, fromOffset + fromRow + 2 * LANES);
    FloatVector c13 = FloatVector.fromArray(SPECIES, from, fromOffset + fromRow + 3 * LANES);
    FloatVector c14 = FloatVector.fromArray(SPECIES, from, fromOffset + fromRow + 4 * LANES);
    FloatVector c15 = FloatVector.fromArray(SPECIES, from, fromOffset + fromRow + 5 * LANES);
    FloatVector c20 = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * fromRow);
    FloatVector c21 = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * fromRow + LANES);
    FloatVector c22 = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * fromRow + 2 * LANES);
    FloatVector c23 = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * fromRow + 3 * LANES);
    FloatVector c24 = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * fromRow + 4 * LANES);
    FloatVector c25 = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * fromRow + 5 * LANES);
    FloatVector c30 = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * fromRow);
    FloatVector c31 = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * fromRow + LANES);
    FloatVector c32 = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * fromRow + 2 * LANES);
    FloatVector c33 = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * fromRow + 3 * LANES);
    FloatVector c34 = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * fromRow + 4 * LANES);
    FloatVector c35 = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * fromRow + 5 * LANES);
    for (int p = 0; p < depth; p++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bOffset);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bOffset + LANES);
      FloatVector b2 = FloatVector.fromArray(SPECIES, b, bOffset + 2 * LANES);
      FloatVector b3 = FloatVector.fromArray(SPECIES, b, bOffset + 3 * LANES);
      FloatVector b4 = FloatVector.fromArray(SPECIES, b, bOffset + 4 * LANES);
      FloatVector b5 = FloatVector.fromArray(SPECIES, b, bOffset + 5 * LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[row0 + p]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      c03 = a0.fma(b3, c03);
      c04 = a0.fma(b4, c04);
      c05 = a0.fma(b5, c05);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[row1 + p]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      c12 = a1.fma(b2, c12);
      c13 = a1.fma(b3, c13);
      c14 = a1.fma(b4, c14);
      c15 = a1.fma(b5, c15);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[row2 + p]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      c22 = a2.fma(b2, c22);
      c23 = a2.fma(b3, c23);
      c24 = a2.fma(b4, c24);
      c25 = a2.fma(b5, c25);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[row3 + p]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      c32 = a3.fma(b2, c32);
      c33 = a3.fma(b3, c33);
      c34 = a3.fma(b4, c34);
      c35 = a3.fma(b5, c35);
      bOffset += bStep;
    }
    c00.intoArray(c, cOffset);
    c01.intoArray(c, cOffset + LANES);
    c02.intoArray(c, cOffset + 2 * LANES);
    c03.intoArray(c, cOffset + 3 * LANES);
    c04.intoArray(c, cOffset + 4 * LANES);
    c05.intoArray(c, cOffset + 5 * LANES);
    c10.intoArray(c, cOffset + cRow);
    c11.intoArray(c, cOffset + cRow + LANES);
    c12.intoArray(c, cOffset + cRow + 2 * LANES);
    c13.intoArray(c, cOffset + cRow + 3 * LANES);
    c14.intoArray(c, cOffset + cRow + 4 * LANES);
    c15.intoArray(c, cOffset + cRow + 5 * LANES);
    c20.intoArray(c, cOffset + 2 * cRow);
    c21.intoArray(c, cOffset + 2 * cRow + LANES);
    c22.intoArray(c, cOffset + 2 * cRow + 2 * LANES);
    c23.intoArray(c, cOffset + 2 * cRow + 3 * LANES);
    c24.intoArray(c, cOffset + 2 * cRow + 4 * LANES);
    c25.intoArray(c, cOffset + 2 * cRow + 5 * LANES);
    c30.intoArray(c, cOffset + 3 * cRow);
    c31.intoArray(c, cOffset + 3 * cRow + LANES);
    c32.intoArray(c, cOffset + 3 * cRow + 2 * LANES);
    c33.intoArray(c, cOffset + 3 * cRow + 3 * LANES);
    c34.intoArray(c, cOffset + 3 * cRow + 4 * LANES);
    c35.intoArray(c, cOffset + 3 * cRow + 5 * LANES);
  }

  private static void fourByFive(
      int rows,
      int depth,
      float[] a,
      int aOffset,
      int aRow,
      float[] b,
      int bOffset,
      int bStep,
      float[] from,
      int fromOffset,
      int fromRow,
      float[] c,
      int cOffset,
      int cRow) {
    int row0 = aOffset;
    int row1 = aOffset + Math.min(1, rows - 1) * aRow;
    int row2 = aOffset + Math.min(2, rows - 1) * aRow;
    int row3 = aOffset + Math.min(3, rows - 1) * aRow;
    FloatVector c00 = FloatVector.fromArray(SPECIES, from, fromOffset);
    FloatVector c01 = FloatVector.fromArray(SPECIES, from, fromOffset + LANES);
    FloatVector c02 = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * LANES);
    FloatVector c03 = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * LANES);
    FloatVector c04 = FloatVector.fromArray(SPECIES, from, fromOffset + 4 * LANES);
    FloatVector c10 = FloatVector.fromArray(SPECIES, from, fromOffset + fromRow);
    FloatVector c11 = FloatVector.fromArray(SPECIES, from, fromOffset + fromRow + LANES);
    FloatVector c12 = FloatVector.fromArray(SPECIES, from, fromOffset + fromRow + 2 * LANES);
    FloatVector c13 = FloatVector.fromArray(SPECIES, from, fromOffset + fromRow + 3 * LANES);
    FloatVector c14 = FloatVector.fromArray(SPECIES, from, fromOffset + fromRow + 4 * LANES);
    FloatVector c20 = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * fromRow);
    FloatVector c21 = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * fromRow + LANES);
    FloatVector c22 = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * fromRow + 2 * LANES);
    FloatVector c23 = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * fromRow + 3 * LANES);
    FloatVector c24 = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * fromRow + 4 * LANES);
    FloatVector c30 = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * fromRow);
    FloatVector c31 = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * fromRow + LANES);
    FloatVector c32 = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * fromRow + 2 * LANES);
    FloatVector c33 = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * fromRow + 3 * LANES);
    FloatVector c34 = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * fromRow + 4 * LANES);
    for (int p = 0; p < depth; p++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bOffset);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bOffset + LANES);
      FloatVector b2 = FloatVector.fromArray(SPECIES, b, bOffset + 2 * LANES);
      FloatVector b3 = FloatVector.fromArray(SPECIES, b, bOffset + 3 * LANES);
      FloatVector b4 = FloatVector.fromArray(SPECIES, b, bOffset + 4 * LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[row0 + p]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      c03 = a0.fma(b3, c03);
      c04 = a0.fma(b4, c04);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[row1 + p]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      c12 = a1.fma(b2, c12);
      c13 = a1.fma(b3, c13);
      c14 = a1.fma(b4, c14);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[row2 + p]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      c22 = a2.fma(b2, c22);
      c23 = a2.fma(b3, c23);
      c24 = a2.fma(b4, c24);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[row3 + p]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      c32 = a3.fma(b2, c32);
      c33 = a3.fma(b3, c33);
      c34 = a3.fma(b4, c34);
      bOffset += bStep;
    }
    c00.intoArray(c, cOffset);
    c01.intoArray(c, cOffset + LANES);
    c02.intoArray(c, cOffset + 2 * LANES);
    c03.intoArray(c, cOffset + 3 * LANES);
    c04.intoArray(c, cOffset + 4 * LANES);
    c10.intoArray(c, cOffset + cRow);
    c11.intoArray(c, cOffset + cRow + LANES);
    c12.intoArray(c, cOffset + cRow + 2 * LANES);
    c13.intoArray(c, cOffset + cRow + 3 * LANES);
    c14.intoArray(c, cOffset + cRow + 4 * LANES);
    c20.intoArray(c, cOffset + 2 * cRow);
    c21.intoArray(c, cOffset + 2 * cRow + LANES);
    c22.intoArray(c, cOffset + 2 * cRow + 2 * LANES);
    c23.intoArray(c, cOffset + 2 * cRow + 3 * LANES);
    c24.intoArray(c, cOffset + 2 * cRow + 4 * LANES);
    c30.intoArray(c, cOffset + 3 * cRow);
    c31.intoArray(c, cOffset + 3 * cRow + LANES);
    c32.intoArray(c, cOffset + 3 * cRow + 2 * LANES);
    c33.intoArray(c, cOffset + 3 * cRow + 3 * LANES);
    c34.intoArray(c, cOffset + 3 * cRow + 4 * LANES);
  }

  private static void fourByFour(
      int rows,
      int depth,
      float[] a,
      int aOffset,
      int aRow,
      float[] b,
      int bOffset,
      int bStep,
      float[] from,
      int fromOffset,
      int fromRow,
      float[] c,
      int cOffset,
      int cRow) {
    int row0 = aOffset;
    int row1 = aOffset + Math.min(1, rows - 1) * aRow;
    int row2 = aOffset + Math.min(2, rows - 1) * aRow;
    int row3 = aOffset + Math.min(3, rows - 1) * aRow;
    FloatVector c00 = FloatVector.fromArray(SPECIES, from, fromOffset);
    FloatVector c01 = FloatVector.fromArray(SPECIES, from, fromOffset + LANES);
    FloatVector c02 = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * LANES);
    FloatVector c03 = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * LANES);
    FloatVector c10 = FloatVector.fromArray(SPECIES, from, fromOffset + fromRow);
    FloatVector c11 = FloatVector.fromArray(SPECIES, from, fromOffset + fromRow + LANES);
    FloatVector c12 = FloatVector.fromArray(SPECIES, from, fromOffset + fromRow + 2 * LANES);
    FloatVector c13 = FloatVector.fromArray(SPECIES, from, fromOffset + fromRow + 3 * LANES);
    FloatVector c20 = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * fromRow);
    FloatVector c21 = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * fromRow + LANES);
    FloatVector c22 = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * fromRow + 2 * LANES);
    FloatVector c23 = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * fromRow + 3 * LANES);
    FloatVector c30 = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * fromRow);
    FloatVector c31 = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * fromRow + LANES);
    FloatVector c32 = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * fromRow + 2 * LANES);
    FloatVector c33 = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * fromRow + 3 * LANES);
    for (int p = 0; p < depth; p++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bOffset);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bOffset + LANES);
      FloatVector b2 = FloatVector.fromArray(SPECIES, b, bOffset + 2 * LANES);
      FloatVector b3 = FloatVector.fromArray(SPECIES, b, bOffset + 3 * LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[row0 + p]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      c03 = a0.fma(b3, c03);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[row1 + p]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      c12 = a1.fma(b2, c12);
      c13 = a1.fma(b3, c13);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[row2 + p]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      c22 = a2.fma(b2, c22);
      c23 = a2.fma(b3, c23);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[row3 + p]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      c32 = a3.fma(b2, c32);
      c33 = a3.fma(b3, c33);
      bOffset += bStep;
    }
    c00.intoArray(c, cOffset);
    c01.intoArray(c, cOffset + LANES);
    c02.intoArray(c, cOffset + 2 * LANES);
    c03.intoArray(c, cOffset + 3 * LANES);
    c10.intoArray(c, cOffset + cRow);
    c11.intoArray(c, cOffset + cRow + LANES);
    c12.intoArray(c, cOffset + cRow + 2 * LANES);
    c13.intoArray(c, cOffset + cRow + 3 * LANES);
    c20.intoArray(c, cOffset + 2 * cRow);
    c21.intoArray(c, cOffset + 2 * cRow + LANES);
    c22.intoArray(c, cOffset + 2 * cRow + 2 * LANES);
    c23.intoArray(c, cOffset + 2 * cRow + 3 * LANES);
    c30.intoArray(c, cOffset + 3 * cRow);
    c31.intoArray(c, cOffset + 3 * cRow + LANES);
    c32.intoArray(c, cOffset + 3 * cRow + 2 * LANES);
    c33.intoArray(c, cOffset + 3 * cRow + 3 * LANES);
  }

  private static void fourByThree(
      int rows,
      int depth,
      float[] a,
      int aOffset,
      int aRow,
      float[] b,
      int bOffset,
      int bStep,
      float[] from,
      int fromOffset,
      int fromRow,
      float[] c,
      int cOffset,
      int cRow) {
    int row0 = aOffset;
    int row1 = aOffset + Math.min(1, rows - 1) * aRow;
    int row2 = aOffset + Math.min(2, rows - 1) * aRow;
    int row3 = aOffset + Math.min(3, rows - 1) * aRow;
    FloatVector c00 = FloatVector.fromArray(SPECIES, from, fromOffset);
    FloatVector c01 = FloatVector.fromArray(SPECIES, from, fromOffset + LANES);
    FloatVector c02 = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * LANES);
    FloatVector c10 = FloatVector.fromArray(SPECIES, from, fromOffset + fromRow);
    FloatVector c11 = FloatVector.fromArray(SPECIES, from, fromOffset + fromRow + LANES);
    FloatVector c12 = FloatVector.fromArray(SPECIES, from, fromOffset + fromRow + 2 * LANES);
    FloatVector c20 = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * fromRow);
    FloatVector c21 = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * fromRow + LANES);
    FloatVector c22 = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * fromRow + 2 * LANES);
    FloatVector c30 = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * fromRow);
    FloatVector c31 = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * fromRow + LANES);
    FloatVector c32 = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * fromRow + 2 * LANES);
    for (int p = 0; p < depth; p++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bOffset);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bOffset + LANES);
      FloatVector b2 = FloatVector.fromArray(SPECIES, b, bOffset + 2 * LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[row0 + p]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[row1 + p]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      c12 = a1.fma(b2, c12);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[row2 + p]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      c22 = a2.fma(b2, c22);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[row3 + p]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      c32 = a3.fma(b2, c32);
      bOffset += bStep;
    }
    c00.intoArray(c, cOffset);
    c01.intoArray(c, cOffset + LANES);
    c02.intoArray(c, cOffset + 2 * LANES);
    c10.intoArray(c, cOffset + cRow);
    c11.intoArray(c, cOffset + cRow + LANES);
    c12.intoArray(c, cOffset + cRow + 2 * LANES);
    c20.intoArray(c, cOffset + 2 * cRow);
    c21.intoArray(c, cOffset + 2 * cRow + LANES);
    c22.intoArray(c, cOffset + 2 * cRow + 2 * LANES);
    c30.intoArray(c, cOffset + 3 * cRow);
    c31.intoArray(c, cOffset + 3 * cRow + LANES);
    c32.intoArray(c, cOffset + 3 * cRow + 2 * LANES);
  }

  private static void fourByTwo(
      int rows,
      int depth,
      float[] a,
      int aOffset,
      int aRow,
      float[] b,
      int bOffset,
      int bStep,
      float[] from,
      int fromOffset,
      int fromRow,
      float[] c,
      int cOffset,
      int cRow) {
    int row0 = aOffset;
    int row1 = aOffset + Math.min(1, rows - 1) * aRow;
    int row2 = aOffset + Math.min(2, rows - 1) * aRow;
    int row3 = aOffset + Math.min(3, rows - 1) * aRow;
    FloatVector c00 = FloatVector.fromArray(SPECIES, from, fromOffset);
    FloatVector c01 = FloatVector.fromArray(SPECIES, from, fromOffset + LANES);
    FloatVector c10 = FloatVector.fromArray(SPECIES, from, fromOffset + fromRow);
    FloatVector c11 = FloatVector.fromArray(SPECIES, from, fromOffset + fromRow + LANES);
    FloatVector c20 = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * fromRow);
    FloatVector c21 = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * fromRow + LANES);
    FloatVector c30 = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * fromRow);
    FloatVector c31 = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * fromRow + LANES);
    for (int p = 0; p < depth; p++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bOffset);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bOffset + LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[row0 + p]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[row1 + p]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[row2 + p]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[row3 + p]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      bOffset += bStep;
    }
    c00.intoArray(c, cOffset);
    c01.intoArray(c, cOffset + LANES);
    c10.intoArray(c, cOffset + cRow);
    c11.intoArray(c, cOffset + cRow + LANES);
    c20.intoArray(c, cOffset + 2 * cRow);
    c21.intoArray(c, cOffset + 2 * cRow + LANES);
    c30.intoArray(c, cOffset + 3 * cRow);
    c31.intoArray(c, cOffset + 3 * cRow + LANES);
  }

  private static void sixByFour(
      int rows,
      int depth,
      float[] a,
      int aOffset,
      int aRow,
      float[] b,
      int bOffset,
      int bStep,
      float[] from,
      int fromOffset,
      int fromRow,
      float[] c,
      int cOffset,
      int cRow) {
    int row0 = aOffset;
    int row1 = aOffset + Math.min(1, rows - 1) * aRow;
    int row2 = aOffset + Math.min(2, rows - 1) * aRow;
    int row3 = aOffset + Math.min(3, rows - 1) * aRow;
    int row4 = aOffset + Math.min(4, rows - 1) * aRow;
    int row5 = aOffset + Math.min(5, rows - 1) * aRow;
    FloatVector c00 = FloatVector.fromArray(SPECIES, from, fromOffset);
    FloatVector c01 = FloatVector.fromArray(SPECIES, from, fromOffset + LANES);
    FloatVector c02 = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * LANES);
    FloatVector c03 = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * LANES);
    FloatVector c10 = FloatVector.fromArray(SPECIES, from, fromOffset + fromRow);
    FloatVector c11 = FloatVector.fromArray(SPECIES, from, fromOffset + fromRow + LANES);
    FloatVector c12 = FloatVector.fromArray(SPECIES, from, fromOffset + fromRow + 2 * LANES);
    FloatVector c13 = FloatVector.fromArray(SPECIES, from, fromOffset + fromRow + 3 * LANES);
    FloatVector c20 = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * fromRow);
    FloatVector c21 = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * fromRow + LANES);
    FloatVector c22 = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * fromRow + 2 * LANES);
    FloatVector c23 = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * fromRow + 3 * LANES);
    FloatVector c30 = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * fromRow);
    FloatVector c31 = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * fromRow + LANES);
    FloatVector c32 = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * fromRow + 2 * LANES);
    FloatVector c33 = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * fromRow + 3 * LANES);
    FloatVector c40 = FloatVector.fromArray(SPECIES, from, fromOffset + 4 * fromRow);
    FloatVector c41 = FloatVector.fromArray(SPECIES, from, fromOffset + 4 * fromRow + LANES);
    FloatVector c42 = FloatVector.fromArray(SPECIES, from, fromOffset + 4 * fromRow + 2 * LANES);
    FloatVector c43 = FloatVector.fromArray(SPECIES, from, fromOffset + 4 * fromRow + 3 * LANES);
    FloatVector c50 = FloatVector.fromArray(SPECIES, from, fromOffset + 5 * fromRow);
    FloatVector c51 = FloatVector.fromArray(SPECIES, from, fromOffset + 5 * fromRow + LANES);
    FloatVector c52 = FloatVector.fromArray(SPECIES, from, fromOffset + 5 * fromRow + 2 * LANES);
    FloatVector c53 = FloatVector.fromArray(SPECIES, from, fromOffset + 5 * fromRow + 3 * LANES);
    for (int p = 0; p < depth; p++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bOffset);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bOffset + LANES);
      FloatVector b2 = FloatVector.fromArray(SPECIES, b, bOffset + 2 * LANES);
      FloatVector b3 = FloatVector.fromArray(SPECIES, b, bOffset + 3 * LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[row0 + p]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      c03 = a0.fma(b3, c03);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[row1 + p]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      c12 = a1.fma(b2, c12);
      c13 = a1.fma(b3, c13);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[row2 + p]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      c22 = a2.fma(b2, c22);
      c23 = a2.fma(b3, c23);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[row3 + p]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      c32 = a3.fma(b2, c32);
      c33 = a3.fma(b3, c33);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[row4 + p]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      c42 = a4.fma(b2, c42);
      c43 = a4.fma(b3, c43);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[row5 + p]);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
      c52 = a5.fma(b2, c52);
      c53 = a5.fma(b3, c53);
      bOffset += bStep;
    }
    c00.intoArray(c, cOffset);
    c01.intoArray(c, cOffset + LANES);
    c02.intoArray(c, cOffset + 2 * LANES);
    c03.intoArray(c, cOffset + 3 * LANES);
    c10.intoArray(c, cOffset + cRow);
    c11.intoArray(c, cOffset + cRow + LANES);
    c12.intoArray(c, cOffset + cRow + 2 * LANES);
    c13.intoArray(c, cOffset + cRow + 3 * LANES);
    c20.intoArray(c, cOffset + 2 * cRow);
    c21.intoArray(c, cOffset + 2 * cRow + LANES);
    c22.intoArray(c, cOffset + 2 * cRow + 2 * LANES);
    c23.intoArray(c, cOffset + 2 * cRow + 3 * LANES);
    c30.intoArray(c, cOffset + 3 * cRow);
    c31.intoArray(c, cOffset + 3 * cRow + LANES);
    c32.intoArray(c, cOffset + 3 * cRow + 2 * LANES);
    c33.intoArray(c, cOffset + 3 * cRow + 3 * LANES);
    c40.intoArray(c, cOffset + 4 * cRow);
    c41.intoArray(c, cOffset + 4 * cRow + LANES);
    c42.intoArray(c, cOffset + 4 * cRow + 2 * LANES);
    c43.intoArray(c, cOffset + 4 * cRow + 3 * LANES);
    c50.intoArray(c, cOffset + 5 * cRow);
    c51.intoArray(c, cOffset + 5 * cRow + LANES);
    c52.intoArray(c, cOffset + 5 * cRow + 2 * LANES);
    c53.intoArray(c, cOffset + 5 * cRow + 3 * LANES);
  }

  private static void sixByThree(
      int rows,
      int depth,
      float[] a,
      int aOffset,
      int aRow,
      float[] b,
      int bOffset,
      int bStep,
      float[] from,
      int fromOffset,
      int fromRow,
      float[] c,
      int cOffset,
      int cRow) {
    int row0 = aOffset;
    int row1 = aOffset + Math.min(1, rows - 1) * aRow;
    int row2 = aOffset + Math.min(2, rows - 1) * aRow;
    int row3 = aOffset + Math.min(3, rows - 1) * aRow;
    int row4 = aOffset + Math.min(4, rows - 1) * aRow;
    int row5 = aOffset + Math.min(5, rows - 1) * aRow;
    FloatVector c00 = FloatVector.fromArray(SPECIES, from, fromOffset);
    FloatVector c01 = FloatVector.fromArray(SPECIES, from, fromOffset + LANES);
    FloatVector c02 = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * LANES);
    FloatVector c10 = FloatVector.fromArray(SPECIES, from, fromOffset + fromRow);
    FloatVector c11 = FloatVector.fromArray(SPECIES, from, fromOffset + fromRow + LANES);
    FloatVector c12 = FloatVector.fromArray(SPECIES, from, fromOffset + fromRow + 2 * LANES);
    FloatVector c20 = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * fromRow);
    FloatVector c21 = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * fromRow + LANES);
    FloatVector c22 = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * fromRow + 2 * LANES);
    FloatVector c30 = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * fromRow);
    FloatVector c31 = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * fromRow + LANES);
    FloatVector c32 = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * fromRow + 2 * LANES);
    FloatVector c40 = FloatVector.fromArray(SPECIES, from, fromOffset + 4 * fromRow);
    FloatVector c41 = FloatVector.fromArray(SPECIES, from, fromOffset + 4 * fromRow + LANES);
    FloatVector c42 = FloatVector.fromArray(SPECIES, from, fromOffset + 4 * fromRow + 2 * LANES);
    FloatVector c50 = FloatVector.fromArray(SPECIES, from, fromOffset + 5 * fromRow);
    FloatVector c51 = FloatVector.fromArray(SPECIES, from, fromOffset + 5 * fromRow + LANES);
    FloatVector c52 = FloatVector.fromArray(SPECIES, from, fromOffset + 5 * fromRow + 2 * LANES);
    for (int p = 0; p < depth; p++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bOffset);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bOffset + LANES);
      FloatVector b2 = FloatVector.fromArray(SPECIES, b, bOffset + 2 * LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[row0 + p]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[row1 + p]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      c12 = a1.fma(b2, c12);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[row2 + p]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      c22 = a2.fma(b2, c22);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[row3 + p]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      c32 = a3.fma(b2, c32);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[row4 + p]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      c42 = a4.fma(b2, c42);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[row5 + p]);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
      c52 = a5.fma(b2, c52);
      bOffset += bStep;
    }
    c00.intoArray(c, cOffset);
    c01.intoArray(c, cOffset + LANES);
    c02.intoArray(c, cOffset + 2 * LANES);
    c10.intoArray(c, cOffset + cRow);
    c11.intoArray(c, cOffset + cRow + LANES);
    c12.intoArray(c, cOffset + cRow + 2 * LANES);
    c20.intoArray(c, cOffset + 2 * cRow);
    c21.intoArray(c, cOffset + 2 * cRow + LANES);
    c22.intoArray(c, cOffset + 2 * cRow + 2 * LANES);
    c30.intoArray(c, cOffset + 3 * cRow);
    c31.intoArray(c, cOffset + 3 * cRow + LANES);
    c32.intoArray(c, cOffset + 3 * cRow + 2 * LANES);
    c40.intoArray(c, cOffset + 4 * cRow);
    c41.intoArray(c, cOffset + 4 * cRow + LANES);
    c42.intoArray(c, cOffset + 4 * cRow + 2 * LANES);
    c50.intoArray(c, cOffset + 5 * cRow);
    c51.intoArray(c, cOffset + 5 * cRow + LANES);
    c52.intoArray(c, cOffset + 5 * cRow + 2 * LANES);
  }

  private static void sixByTwo(
      int rows,
      int depth,
      float[] a,
      int aOffset,
      int aRow,
      float[] b,
      int bOffset,
      int bStep,
      float[] from,
      int fromOffset,
      int fromRow,
      float[] c,
      int cOffset,
      int cRow) {
    int row0 = aOffset;
    int row1 = aOffset + Math.min(1, rows - 1) * aRow;
    int row2 = aOffset + Math.min(2, rows - 1) * aRow;
    int row3 = aOffset + Math.min(3, rows - 1) * aRow;
    int row4 = aOffset + Math.min(4, rows - 1) * aRow;
    int row5 = aOffset + Math.min(5, rows - 1) * aRow;
    FloatVector c00 = FloatVector.fromArray(SPECIES, from, fromOffset);
    FloatVector c01 = FloatVector.fromArray(SPECIES, from, fromOffset + LANES);
    FloatVector c10 = FloatVector.fromArray(SPECIES, from, fromOffset + fromRow);
    FloatVector c11 = FloatVector.fromArray(SPECIES, from, fromOffset + fromRow + LANES);
    FloatVector c20 = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * fromRow);
    FloatVector c21 = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * fromRow + LANES);
    FloatVector c30 = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * fromRow);
    FloatVector c31 = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * fromRow + LANES);
    FloatVector c40 = FloatVector.fromArray(SPECIES, from, fromOffset + 4 * fromRow);
    FloatVector c41 = FloatVector.fromArray(SPECIES, from, fromOffset + 4 * fromRow + LANES);
    FloatVector c50 = FloatVector.fromArray(SPECIES, from, fromOffset + 5 * fromRow);
    FloatVector c51 = FloatVector.fromArray(SPECIES, from, fromOffset + 5 * fromRow + LANES);
    for (int p = 0; p < depth; p++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bOffset);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bOffset + LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[row0 + p]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[row1 + p]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[row2 + p]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[row3 + p]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[row4 + p]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[row5 + p]);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
      bOffset += bStep;
    }
    c00.intoArray(c, cOffset);
    c01.intoArray(c, cOffset + LANES);
    c10.intoArray(c, cOffset + cRow);
    c11.intoArray(c, cOffset + cRow + LANES);
    c20.intoArray(c, cOffset + 2 * cRow);
    c21.intoArray(c, cOffset + 2 * cRow + LANES);
    c30.intoArray(c, cOffset + 3 * cRow);
    c31.intoArray(c, cOffset + 3 * cRow + LANES);
    c40.intoArray(c, cOffset + 4 * cRow);
    c41.intoArray(c, cOffset + 4 * cRow + LANES);
    c50.intoArray(c, cOffset + 5 * cRow);
    c51.intoArray(c, cOffset + 5 * cRow + LANES);
  }

  private static void sixByOne(
      int rows,
      int depth,
      float[] a,
      int aOffset,
      int aRow,
      float[] b,
      int bOffset,
      int bStep,
      float[] from,
      int fromOffset,
      int fromRow,
      float[] c,
      int cOffset,
      int cRow) {
    int row0 = aOffset;
    int row1 = aOffset + Math.min(1, rows - 1) * aRow;
    int row2 = aOffset + Math.min(2, rows - 1) * aRow;
    int row3 = aOffset + Math.min(3, rows - 1) * aRow;
    int row4 = aOffset + Math.min(4, rows - 1) * aRow;
    int row5 = aOffset + Math.min(5, rows - 1) * aRow;
    FloatVector c00 = FloatVector.fromArray(SPECIES, from, fromOffset);
    FloatVector c10 = FloatVector.fromArray(SPECIES, from, fromOffset + fromRow);
    FloatVector c20 = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * fromRow);
    FloatVector c30 = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * fromRow);
    FloatVector c40 = FloatVector.fromArray(SPECIES, from, fromOffset + 4 * fromRow);
    FloatVector c50 = FloatVector.fromArray(SPECIES, from, fromOffset + 5 * fromRow);
    for (int p = 0; p < depth; p++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bOffset);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[row0 + p]);
      c00 = a0.fma(b0, c00);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[row1 + p]);
      c10 = a1.fma(b0, c10);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[row2 + p]);
      c20 = a2.fma(b0, c20);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[row3 + p]);
      c30 = a3.fma(b0, c30);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[row4 + p]);
      c40 = a4.fma(b0, c40);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[row5 + p]);
      c50 = a5.fma(b0, c50);
      bOffset += bStep;
    }
    c00.intoArray(c, cOffset);
    c10.intoArray(c, cOffset + cRow);
    c20.intoArray(c, cOffset + 2 * cRow);
    c30.intoArray(c, cOffset + 3 * cRow);
    c40.intoArray(c, cOffset + 4 * cRow);
    c50.intoArray(c, cOffset + 5 * cRow);
  }
}
