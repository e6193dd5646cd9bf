package io.alexnet.kernels.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The innermost loop of every matrix product here: a tile of C, {@link #ROWS} × up to {@link
 * #VECTORS} vectors, that stays in registers while it takes in {@code depth} outer products of a
 * column of A and a row of B.
 *
 * <p>The accumulators begin as a tile loaded from memory, not as zeros to which C is added at the
 * end: twice the vector operations would bring the method over C2's limit of 18,000 nodes
 * (NodeCountInliningCutoff), beyond which every vector is boxed. To begin at zero, load from {@link
 * #ZEROS} with a row stride of 0.
 *
 * <p>Each method is a size of its own because C2 keeps only local variables in registers, never an
 * array of vectors. None is inlined into its caller, so callers need not mind their own size.
 *
 * <p>The loops count in B's offset, by a constant: with a counter and a step of their own beside it
 * C2 on JDK 17 runs out of integer registers in every other start of the JVM, keeps the offset in a
 * vector register, and on Intel's cores the moves there and back take the turns of multiply-adds:
 * 65 % of the peak instead of 95 %.
 */
final class RegisterTile {

  static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  static final int LANES = SPECIES.length();

  /**
   * AVX-512, NEON and SVE have 32 vector registers: 24 accumulators leave room for a row of B. AVX2
   * and SSE have 16.
   */
  static final boolean THIRTY_TWO_REGISTERS =
      LANES == 16 || !System.getProperty("os.arch").matches("amd64|x86_64|x86|i386");

  /** Rows of a tile. */
  static final int ROWS = THIRTY_TWO_REGISTERS ? 8 : 6;

  /** Vectors in a row of a full tile. */
  static final int VECTORS = THIRTY_TWO_REGISTERS ? 3 : 2;

  /** Columns of a full tile. */
  static final int COLUMNS = VECTORS * LANES;

  /** A row of zeros, as wide as the widest tile. */
  static final float[] ZEROS = new float[6 * LANES];

  private RegisterTile() {}

  /**
   * c[i][j] = from[i][j] + Σ_p a[i][p]·b[p][j] for {@link #ROWS} rows and {@code vectors} · {@link
   * #LANES} columns, the sum in the order of p.
   *
   * @param vectors from 1 to {@link #VECTORS}
   * @param a a panel of columns: a[i][p] follows a[i − 1][p] immediately. A row stride at run time
   *     would cost a bounds check for every broadcast, 5 % of the speed with AVX-512 and 30 % with
   *     AVX2.
   * @param aStep floats from a column of A to the next; {@link #ROWS} in a packed panel
   * @param b rows follow one another at {@link #COLUMNS}
   * @param from may be {@code c} itself
   */
  static void multiply(
      int vectors,
      int depth,
      float[] a,
      int aOffset,
      int aStep,
      float[] b,
      int bOffset,
      float[] from,
      int fromOffset,
      int fromRow,
      float[] c,
      int cOffset,
      int cRow) {
    if (THIRTY_TWO_REGISTERS) {
      switch (vectors) {
        case 1 ->
            eightByOne(
                depth, a, aOffset, aStep, b, bOffset, from, fromOffset, fromRow, c, cOffset, cRow);
        case 2 ->
            eightByTwo(
                depth, a, aOffset, aStep, b, bOffset, from, fromOffset, fromRow, c, cOffset, cRow);
        default ->
            eightByThree(
                depth, a, aOffset, aStep, b, bOffset, from, fromOffset, fromRow, c, cOffset, cRow);
      }
    } else {
      switch (vectors) {
        case 1 ->
            sixByOne(
                depth, a, aOffset, aStep, b, bOffset, from, fromOffset, fromRow, c, cOffset, cRow);
        default ->
            sixByTwo(
                depth, a, aOffset, aStep, b, bOffset, from, fromOffset, fromRow, c, cOffset, cRow);
      }
    }
  }

  private static void eightByThree(
      int depth,
      float[] a,
      int aOffset,
      int aStep,
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
    for (int end = bOffset + depth * COLUMNS; bOffset < end; bOffset += COLUMNS) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bOffset);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bOffset + LANES);
      FloatVector b2 = FloatVector.fromArray(SPECIES, b, bOffset + 2 * LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[aOffset]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[aOffset + 1]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      c12 = a1.fma(b2, c12);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[aOffset + 2]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      c22 = a2.fma(b2, c22);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[aOffset + 3]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      c32 = a3.fma(b2, c32);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[aOffset + 4]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      c42 = a4.fma(b2, c42);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[aOffset + 5]);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
      c52 = a5.fma(b2, c52);
      FloatVector a6 = FloatVector.broadcast(SPECIES, a[aOffset + 6]);
      c60 = a6.fma(b0, c60);
      c61 = a6.fma(b1, c61);
      c62 = a6.fma(b2, c62);
      FloatVector a7 = FloatVector.broadcast(SPECIES, a[aOffset + 7]);
      c70 = a7.fma(b0, c70);
      c71 = a7.fma(b1, c71);
      c72 = a7.fma(b2, c72);
      aOffset += aStep;
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
      int aStep,
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
    for (int end = bOffset + depth * COLUMNS; bOffset < end; bOffset += COLUMNS) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bOffset);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bOffset + LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[aOffset]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[aOffset + 1]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[aOffset + 2]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[aOffset + 3]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[aOffset + 4]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[aOffset + 5]);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
      FloatVector a6 = FloatVector.broadcast(SPECIES, a[aOffset + 6]);
      c60 = a6.fma(b0, c60);
      c61 = a6.fma(b1, c61);
      FloatVector a7 = FloatVector.broadcast(SPECIES, a[aOffset + 7]);
      c70 = a7.fma(b0, c70);
      c71 = a7.fma(b1, c71);
      aOffset += aStep;
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
      int aStep,
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
    for (int end = bOffset + depth * COLUMNS; bOffset < end; bOffset += COLUMNS) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bOffset);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[aOffset]);
      c00 = a0.fma(b0, c00);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[aOffset + 1]);
      c10 = a1.fma(b0, c10);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[aOffset + 2]);
      c20 = a2.fma(b0, c20);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[aOffset + 3]);
      c30 = a3.fma(b0, c30);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[aOffset + 4]);
      c40 = a4.fma(b0, c40);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[aOffset + 5]);
      c50 = a5.fma(b0, c50);
      FloatVector a6 = FloatVector.broadcast(SPECIES, a[aOffset + 6]);
      c60 = a6.fma(b0, c60);
      FloatVector a7 = FloatVector.broadcast(SPECIES, a[aOffset + 7]);
      c70 = a7.fma(b0, c70);
      aOffset += aStep;
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
      int aStep,
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
    for (int end = bOffset + depth * COLUMNS; bOffset < end; bOffset += COLUMNS) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bOffset);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bOffset + LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[aOffset]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[aOffset + 1]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[aOffset + 2]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[aOffset + 3]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[aOffset + 4]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[aOffset + 5]);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
      aOffset += aStep;
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
      int aStep,
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
    for (int end = bOffset + depth * COLUMNS; bOffset < end; bOffset += COLUMNS) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bOffset);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[aOffset]);
      c00 = a0.fma(b0, c00);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[aOffset + 1]);
      c10 = a1.fma(b0, c10);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[aOffset + 2]);
      c20 = a2.fma(b0, c20);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[aOffset + 3]);
      c30 = a3.fma(b0, c30);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[aOffset + 4]);
      c40 = a4.fma(b0, c40);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[aOffset + 5]);
      c50 = a5.fma(b0, c50);
      aOffset += aStep;
    }
    c00.intoArray(c, cOffset);
    c10.intoArray(c, cOffset + cRow);
    c20.intoArray(c, cOffset + 2 * cRow);
    c30.intoArray(c, cOffset + 3 * cRow);
    c40.intoArray(c, cOffset + 4 * cRow);
    c50.intoArray(c, cOffset + 5 * cRow);
  }
}
