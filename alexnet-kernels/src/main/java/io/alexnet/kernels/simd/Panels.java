package io.alexnet.kernels.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Copies parts of matrices into panels: rows of a fixed width, one after the other.
 *
 * <p>Every load stands in its loop: in a method of its own, which returns the vector, C2 on JDK 25
 * now and then did not inline it, and every vector was boxed for good.
 */
final class Panels {

  private static final VectorSpecies<Float> SPECIES = RegisterTile.SPECIES;

  private static final int LANES = RegisterTile.LANES;

  private Panels() {}

  /** to[i][j] = from[i][j], and zeros up to the panel's width. */
  static void copyRows(
      float[] from,
      int fromOffset,
      int fromRow,
      int rows,
      int columns,
      float[] to,
      int toOffset,
      int width) {
    int whole = SPECIES.loopBound(columns);
    for (int i = 0; i < rows; i++, fromOffset += fromRow, toOffset += width) {
      for (int j = 0; j < whole; j += LANES) {
        FloatVector.fromArray(SPECIES, from, fromOffset + j).intoArray(to, toOffset + j);
      }
      for (int j = whole; j < columns; j++) {
        to[toOffset + j] = from[fromOffset + j];
      }
      for (int j = columns; j < width; j++) {
        to[toOffset + j] = 0;
      }
    }
  }

  /**
   * Cuts a panel out of rows, from one to six vectors wide. What lies behind its columns fills it
   * up, or zeros where the array ends: no product looks at those columns.
   *
   * @param toRow from a row of the panel to the next, at least {@code columns}
   */
  static void cut(
      float[] from,
      int fromOffset,
      int fromRow,
      int rows,
      int columns,
      float[] to,
      int toOffset,
      int toRow) {
    int vectors = Rounding.ceilDiv(columns, LANES);
    int room = from.length - fromOffset - vectors * LANES;
    int inside = room < 0 ? 0 : Math.min(rows, room / fromRow + 1);
    copy(vectors, inside, from, fromOffset, fromRow, to, toOffset, toRow);
    fromOffset += inside * fromRow;
    toOffset += inside * toRow;
    copyRows(from, fromOffset, fromRow, rows - inside, columns, to, toOffset, toRow);
  }

  private static void copy(
      int vectors,
      int rows,
      float[] from,
      int fromOffset,
      int fromRow,
      float[] to,
      int toOffset,
      int toRow) {
    switch (vectors) {
      case 1 -> copyOne(rows, from, fromOffset, fromRow, to, toOffset, toRow);
      case 2 -> copyTwo(rows, from, fromOffset, fromRow, to, toOffset, toRow);
      case 3 -> copyThree(rows, from, fromOffset, fromRow, to, toOffset, toRow);
      case 4 -> copyFour(rows, from, fromOffset, fromRow, to, toOffset, toRow);
      case 5 -> copyFive(rows, from, fromOffset, fromRow, to, toOffset, toRow);
      default -> copySix(rows, from, fromOffset, fromRow, to, toOffset, toRow);
    }
  }

  private static void copyOne(
      int rows, float[] from, int fromOffset, int fromRow, float[] to, int toOffset, int toRow) {
    for (int i = 0; i < rows; i++, fromOffset += fromRow, toOffset += toRow) {
      FloatVector.fromArray(SPECIES, from, fromOffset).intoArray(to, toOffset);
    }
  }

  private static void copyTwo(
      int rows, float[] from, int fromOffset, int fromRow, float[] to, int toOffset, int toRow) {
    for (int i = 0; i < rows; i++, fromOffset += fromRow, toOffset += toRow) {
      FloatVector.fromArray(SPECIES, from, fromOffset).intoArray(to, toOffset);
      FloatVector.fromArray(SPECIES, from, fromOffset + LANES).intoArray(to, toOffset + LANES);
    }
  }

  private static void copyThree(
      int rows, float[] from, int fromOffset, int fromRow, float[] to, int toOffset, int toRow) {
    for (int i = 0; i < rows; i++, fromOffset += fromRow, toOffset += toRow) {
      FloatVector.fromArray(SPECIES, from, fromOffset).intoArray(to, toOffset);
      FloatVector.fromArray(SPECIES, from, fromOffset + LANES).intoArray(to, toOffset + LANES);
      FloatVector.fromArray(SPECIES, from, fromOffset + 2 * LANES)
          .intoArray(to, toOffset + 2 * LANES);
    }
  }

  private static void copyFour(
      int rows, float[] from, int fromOffset, int fromRow, float[] to, int toOffset, int toRow) {
    for (int i = 0; i < rows; i++, fromOffset += fromRow, toOffset += toRow) {
      FloatVector.fromArray(SPECIES, from, fromOffset).intoArray(to, toOffset);
      FloatVector.fromArray(SPECIES, from, fromOffset + LANES).intoArray(to, toOffset + LANES);
      FloatVector.fromArray(SPECIES, from, fromOffset + 2 * LANES)
          .intoArray(to, toOffset + 2 * LANES);
      FloatVector.fromArray(SPECIES, from, fromOffset + 3 * LANES)
          .intoArray(to, toOffset + 3 * LANES);
    }
  }

  private static void copyFive(
      int rows, float[] from, int fromOffset, int fromRow, float[] to, int toOffset, int toRow) {
    for (int i = 0; i < rows; i++, fromOffset += fromRow, toOffset += toRow) {
      FloatVector.fromArray(SPECIES, from, fromOffset).intoArray(to, toOffset);
      FloatVector.fromArray(SPECIES, from, fromOffset + LANES).intoArray(to, toOffset + LANES);
      FloatVector.fromArray(SPECIES, from, fromOffset + 2 * LANES)
          .intoArray(to, toOffset + 2 * LANES);
      FloatVector.fromArray(SPECIES, from, fromOffset + 3 * LANES)
          .intoArray(to, toOffset + 3 * LANES);
      FloatVector.fromArray(SPECIES, from, fromOffset + 4 * LANES)
          .intoArray(to, toOffset + 4 * LANES);
    }
  }

  private static void copySix(
      int rows, float[] from, int fromOffset, int fromRow, float[] to, int toOffset, int toRow) {
    for (int i = 0; i < rows; i++, fromOffset += fromRow, toOffset += toRow) {
      FloatVector.fromArray(SPECIES, from, fromOffset).intoArray(to, toOffset);
      FloatVector.fromArray(SPECIES, from, fromOffset + LANES).intoArray(to, toOffset + LANES);
      FloatVector.fromArray(SPECIES, from, fromOffset + 2 * LANES)
          .intoArray(to, toOffset + 2 * LANES);
      FloatVector.fromArray(SPECIES, from, fromOffset + 3 * LANES)
          .intoArray(to, toOffset + 3 * LANES);
      FloatVector.fromArray(SPECIES, from, fromOffset + 4 * LANES)
          .intoArray(to, toOffset + 4 * LANES);
      FloatVector.fromArray(SPECIES, from, fromOffset + 5 * LANES)
          .intoArray(to, toOffset + 5 * LANES);
    }
  }

  /** Copies a row into its place in {@link BlockTile}'s blocks. */
  static void blockRow(float[] from, int fromOffset, int columns, float[] to, int toOffset) {
    int whole = SPECIES.loopBound(columns);
    for (int j = 0; j < whole; j += LANES) {
      FloatVector.fromArray(SPECIES, from, fromOffset + j)
          .intoArray(to, toOffset + j * RegisterTile.ROWS);
    }
    int last = toOffset + whole * RegisterTile.ROWS;
    for (int j = whole; j < columns; j++) {
      to[last + j - whole] = from[fromOffset + j];
    }
  }

  /**
   * to[j][i] = from[i][j], and zeros up to the panel's width. Half a nanosecond an element; vectors
   * interleaved by {@code rearrange} take 0.4 on JDK 17 and 0.2 on 25, not worth their code.
   */
  static void transpose(
      float[] from,
      int fromOffset,
      int fromRow,
      int rows,
      int columns,
      float[] to,
      int toOffset,
      int width) {
    int i = 0;
    for (; i + 8 <= rows; i += 8) {
      transposeEight(from, fromOffset + i * fromRow, fromRow, columns, to, toOffset + i, width);
    }
    for (; i < width; i++) {
      for (int j = 0; j < columns; j++) {
        to[toOffset + j * width + i] = i < rows ? from[fromOffset + i * fromRow + j] : 0;
      }
    }
  }

  private static void transposeEight(
      float[] from, int row0, int fromRow, int columns, float[] to, int toOffset, int width) {
    int row1 = row0 + fromRow;
    int row2 = row1 + fromRow;
    int row3 = row2 + fromRow;
    int row4 = row3 + fromRow;
    int row5 = row4 + fromRow;
    int row6 = row5 + fromRow;
    int row7 = row6 + fromRow;
    for (int j = 0; j < columns; j++, toOffset += width) {
      to[toOffset] = from[row0 + j];
      to[toOffset + 1] = from[row1 + j];
      to[toOffset + 2] = from[row2 + j];
      to[toOffset + 3] = from[row3 + j];
      to[toOffset + 4] = from[row4 + j];
      to[toOffset + 5] = from[row5 + j];
      to[toOffset + 6] = from[row6 + j];
      to[toOffset + 7] = from[row7 + j];
    }
  }
}
