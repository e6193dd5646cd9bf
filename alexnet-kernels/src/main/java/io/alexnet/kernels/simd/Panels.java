package io.alexnet.kernels.simd;

import jdk.incubator.vector.FloatVector;

/** Copies parts of matrices into panels: rows of a fixed width, one after the other. */
final class Panels {

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
    int whole = RegisterTile.SPECIES.loopBound(columns);
    for (int i = 0; i < rows; i++, fromOffset += fromRow, toOffset += width) {
      for (int j = 0; j < whole; j += RegisterTile.LANES) {
        FloatVector.fromArray(RegisterTile.SPECIES, from, fromOffset + j)
            .intoArray(to, toOffset + j);
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
   * Cuts rows into panels, one after the other: each {@code width} columns wide but the last, which
   * is filled up with zeros to whole vectors. Goes row by row, so that rows from memory are fetched
   * ahead.
   */
  static void split(
      float[] from,
      int fromOffset,
      int fromRow,
      int rows,
      int columns,
      float[] to,
      int toOffset,
      int width) {
    int whole = columns / width * width;
    int rest = columns - whole;
    int restWidth = (rest + RegisterTile.LANES - 1) / RegisterTile.LANES * RegisterTile.LANES;
    for (int i = 0; i < rows; i++, fromOffset += fromRow) {
      int row = toOffset + i * width;
      for (int j = 0; j < whole; j += width, row += rows * width) {
        for (int l = 0; l < width; l += RegisterTile.LANES) {
          FloatVector.fromArray(RegisterTile.SPECIES, from, fromOffset + j + l)
              .intoArray(to, row + l);
        }
      }
    }
    if (rest > 0) {
      copyRows(
          from,
          fromOffset - rows * fromRow + whole,
          fromRow,
          rows,
          rest,
          to,
          toOffset + whole * rows,
          restWidth);
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
