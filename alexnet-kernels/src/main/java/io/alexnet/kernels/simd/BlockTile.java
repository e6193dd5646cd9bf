package io.alexnet.kernels.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The twin of {@link RegisterTile} for a left operand stored in blocks of vectors: {@link
 * RegisterTile#LANES} terms of the tile's first row, the same terms of the second row and so on,
 * then the next terms. It is what comes out when every lane is a channel: a vector of channels is
 * stored as it is, one row after the other, and becomes a sum's terms.
 */
final class BlockTile {

  private static final VectorSpecies<Float> SPECIES = RegisterTile.SPECIES;

  private static final int LANES = RegisterTile.LANES;

  private static final int COLUMNS = RegisterTile.COLUMNS;

  /** From the last term of a row's vector to the first of its next one. */
  private static final int NEXT_BLOCK = (RegisterTile.ROWS - 1) * LANES + 1;

  private BlockTile() {}

  /** Floats of a left operand of {@link RegisterTile#ROWS} rows. */
  static int blocks(int depth) {
    return Rounding.roundUp(depth, LANES) * RegisterTile.ROWS;
  }

  /**
   * c[i][j] = from[i][j] + Σ_p a[i][p]·b[p][j] for {@link RegisterTile#ROWS} rows and {@code
   * vectors} · LANES columns, the sum in the order of p.
   *
   * @param vectors from 1 to {@link RegisterTile#VECTORS}
   * @param b rows follow one another at {@link RegisterTile#COLUMNS}
   * @see RegisterTile#multiply
   */
  static void multiply(
      int vectors,
      int depth,
      float[] a,
      int aOffset,
      float[] b,
      int bOffset,
      float[] from,
      int fromOffset,
      int fromRow,
      float[] c,
      int cOffset,
      int cRow) {
    if (RegisterTile.THIRTY_TWO_REGISTERS) {
      switch (vectors) {
        case 1 ->
            eightByOne(depth, a, aOffset, b, bOffset, from, fromOffset, fromRow, c, cOffset, cRow);
        case 2 ->
            eightByTwo(depth, a, aOffset, b, bOffset, from, fromOffset, fromRow, c, cOffset, cRow);
        default ->
            eightByThree(
                depth, a, aOffset, b, bOffset, from, fromOffset, fromRow, c, cOffset, cRow);
      }
    } else {
      switch (vectors) {
        case 1 ->
            sixByOne(depth, a, aOffset, b, bOffset, from, fromOffset, fromRow, c, cOffset, cRow);
        default ->
            sixByTwo(depth, a, aOffset, b, bOffset, from, fromOffset, fromRow, c, cOffset, cRow);
      }
    }
  }

  private static void eightByThree(
      int depth,
      float[] a,
      int aOffset,
      float[] b,
      int bOffset,
      float[] from,
      int fromOffset,
      int fromRow,
      float[] c,
      int cOffset,
      int cRow) {
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
    FloatVector c60 = FloatVector.fromArray(SPECIES, from, fromOffset + 6 * fromRow);
    FloatVector c61 = FloatVector.fromArray(SPECIES, from, fromOffset + 6 * fromRow + LANES);
    FloatVector c62 = FloatVector.fromArray(SPECIES, from, fromOffset + 6 * fromRow + 2 * LANES);
    FloatVector c70 = FloatVector.fromArray(SPECIES, from, fromOffset + 7 * fromRow);
    FloatVector c71 = FloatVector.fromArray(SPECIES, from, fromOffset + 7 * fromRow + LANES);
    FloatVector c72 = FloatVector.fromArray(SPECIES, from, fromOffset + 7 * fromRow + 2 * LANES);
    int p = 0;
    for (int end = bOffset + depth * COLUMNS; bOffset < end; bOffset += COLUMNS, p++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bOffset);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bOffset + LANES);
      FloatVector b2 = FloatVector.fromArray(SPECIES, b, bOffset + 2 * LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[aOffset]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[aOffset + LANES]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      c12 = a1.fma(b2, c12);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[aOffset + 2 * LANES]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      c22 = a2.fma(b2, c22);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[aOffset + 3 * LANES]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      c32 = a3.fma(b2, c32);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[aOffset + 4 * LANES]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      c42 = a4.fma(b2, c42);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[aOffset + 5 * LANES]);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
      c52 = a5.fma(b2, c52);
      FloatVector a6 = FloatVector.broadcast(SPECIES, a[aOffset + 6 * LANES]);
      c60 = a6.fma(b0, c60);
      c61 = a6.fma(b1, c61);
      c62 = a6.fma(b2, c62);
      FloatVector a7 = FloatVector.broadcast(SPECIES, a[aOffset + 7 * LANES]);
      c70 = a7.fma(b0, c70);
      c71 = a7.fma(b1, c71);
      c72 = a7.fma(b2, c72);
      aOffset += (p & LANES - 1) == LANES - 1 ? NEXT_BLOCK : 1;
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
    c60.intoArray(c, cOffset + 6 * cRow);
    c61.intoArray(c, cOffset + 6 * cRow + LANES);
    c62.intoArray(c, cOffset + 6 * cRow + 2 * LANES);
    c70.intoArray(c, cOffset + 7 * cRow);
    c71.intoArray(c, cOffset + 7 * cRow + LANES);
    c72.intoArray(c, cOffset + 7 * cRow + 2 * LANES);
  }

  private static void eightByTwo(
      int depth,
      float[] a,
      int aOffset,
      float[] b,
      int bOffset,
      float[] from,
      int fromOffset,
      int fromRow,
      float[] c,
      int cOffset,
      int cRow) {
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
    FloatVector c60 = FloatVector.fromArray(SPECIES, from, fromOffset + 6 * fromRow);
    FloatVector c61 = FloatVector.fromArray(SPECIES, from, fromOffset + 6 * fromRow + LANES);
    FloatVector c70 = FloatVector.fromArray(SPECIES, from, fromOffset + 7 * fromRow);
    FloatVector c71 = FloatVector.fromArray(SPECIES, from, fromOffset + 7 * fromRow + LANES);
    int p = 0;
    for (int end = bOffset + depth * COLUMNS; bOffset < end; bOffset += COLUMNS, p++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bOffset);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bOffset + LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[aOffset]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[aOffset + LANES]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[aOffset + 2 * LANES]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[aOffset + 3 * LANES]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[aOffset + 4 * LANES]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[aOffset + 5 * LANES]);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
      FloatVector a6 = FloatVector.broadcast(SPECIES, a[aOffset + 6 * LANES]);
      c60 = a6.fma(b0, c60);
      c61 = a6.fma(b1, c61);
      FloatVector a7 = FloatVector.broadcast(SPECIES, a[aOffset + 7 * LANES]);
      c70 = a7.fma(b0, c70);
      c71 = a7.fma(b1, c71);
      aOffset += (p & LANES - 1) == LANES - 1 ? NEXT_BLOCK : 1;
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
    c60.intoArray(c, cOffset + 6 * cRow);
    c61.intoArray(c, cOffset + 6 * cRow + LANES);
    c70.intoArray(c, cOffset + 7 * cRow);
    c71.intoArray(c, cOffset + 7 * cRow + LANES);
  }

  private static void eightByOne(
      int depth,
      float[] a,
      int aOffset,
      float[] b,
      int bOffset,
      float[] from,
      int fromOffset,
      int fromRow,
      float[] c,
      int cOffset,
      int cRow) {
    FloatVector c00 = FloatVector.fromArray(SPECIES, from, fromOffset);
    FloatVector c10 = FloatVector.fromArray(SPECIES, from, fromOffset + fromRow);
    FloatVector c20 = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * fromRow);
    FloatVector c30 = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * fromRow);
    FloatVector c40 = FloatVector.fromArray(SPECIES, from, fromOffset + 4 * fromRow);
    FloatVector c50 = FloatVector.fromArray(SPECIES, from, fromOffset + 5 * fromRow);
    FloatVector c60 = FloatVector.fromArray(SPECIES, from, fromOffset + 6 * fromRow);
    FloatVector c70 = FloatVector.fromArray(SPECIES, from, fromOffset + 7 * fromRow);
    int p = 0;
    for (int end = bOffset + depth * COLUMNS; bOffset < end; bOffset += COLUMNS, p++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bOffset);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[aOffset]);
      c00 = a0.fma(b0, c00);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[aOffset + LANES]);
      c10 = a1.fma(b0, c10);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[aOffset + 2 * LANES]);
      c20 = a2.fma(b0, c20);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[aOffset + 3 * LANES]);
      c30 = a3.fma(b0, c30);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[aOffset + 4 * LANES]);
      c40 = a4.fma(b0, c40);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[aOffset + 5 * LANES]);
      c50 = a5.fma(b0, c50);
      FloatVector a6 = FloatVector.broadcast(SPECIES, a[aOffset + 6 * LANES]);
      c60 = a6.fma(b0, c60);
      FloatVector a7 = FloatVector.broadcast(SPECIES, a[aOffset + 7 * LANES]);
      c70 = a7.fma(b0, c70);
      aOffset += (p & LANES - 1) == LANES - 1 ? NEXT_BLOCK : 1;
    }
    c00.intoArray(c, cOffset);
    c10.intoArray(c, cOffset + cRow);
    c20.intoArray(c, cOffset + 2 * cRow);
    c30.intoArray(c, cOffset + 3 * cRow);
    c40.intoArray(c, cOffset + 4 * cRow);
    c50.intoArray(c, cOffset + 5 * cRow);
    c60.intoArray(c, cOffset + 6 * cRow);
    c70.intoArray(c, cOffset + 7 * cRow);
  }

  private static void sixByTwo(
      int depth,
      float[] a,
      int aOffset,
      float[] b,
      int bOffset,
      float[] from,
      int fromOffset,
      int fromRow,
      float[] c,
      int cOffset,
      int cRow) {
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
    int p = 0;
    for (int end = bOffset + depth * COLUMNS; bOffset < end; bOffset += COLUMNS, p++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bOffset);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bOffset + LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[aOffset]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[aOffset + LANES]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[aOffset + 2 * LANES]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[aOffset + 3 * LANES]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[aOffset + 4 * LANES]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[aOffset + 5 * LANES]);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
      aOffset += (p & LANES - 1) == LANES - 1 ? NEXT_BLOCK : 1;
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
      int depth,
      float[] a,
      int aOffset,
      float[] b,
      int bOffset,
      float[] from,
      int fromOffset,
      int fromRow,
      float[] c,
      int cOffset,
      int cRow) {
    FloatVector c00 = FloatVector.fromArray(SPECIES, from, fromOffset);
    FloatVector c10 = FloatVector.fromArray(SPECIES, from, fromOffset + fromRow);
    FloatVector c20 = FloatVector.fromArray(SPECIES, from, fromOffset + 2 * fromRow);
    FloatVector c30 = FloatVector.fromArray(SPECIES, from, fromOffset + 3 * fromRow);
    FloatVector c40 = FloatVector.fromArray(SPECIES, from, fromOffset + 4 * fromRow);
    FloatVector c50 = FloatVector.fromArray(SPECIES, from, fromOffset + 5 * fromRow);
    int p = 0;
    for (int end = bOffset + depth * COLUMNS; bOffset < end; bOffset += COLUMNS, p++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bOffset);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[aOffset]);
      c00 = a0.fma(b0, c00);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[aOffset + LANES]);
      c10 = a1.fma(b0, c10);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[aOffset + 2 * LANES]);
      c20 = a2.fma(b0, c20);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[aOffset + 3 * LANES]);
      c30 = a3.fma(b0, c30);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[aOffset + 4 * LANES]);
      c40 = a4.fma(b0, c40);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[aOffset + 5 * LANES]);
      c50 = a5.fma(b0, c50);
      aOffset += (p & LANES - 1) == LANES - 1 ? NEXT_BLOCK : 1;
    }
    c00.intoArray(c, cOffset);
    c10.intoArray(c, cOffset + cRow);
    c20.intoArray(c, cOffset + 2 * cRow);
    c30.intoArray(c, cOffset + 3 * cRow);
    c40.intoArray(c, cOffset + 4 * cRow);
    c50.intoArray(c, cOffset + 5 * cRow);
  }
}
