package io.alexnet.kernels.simd;

import java.util.Arrays;

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
    for (int i = 0; i < rows; i++, fromOffset += fromRow, toOffset += width) {
      System.arraycopy(from, fromOffset, to, toOffset, columns);
      Arrays.fill(to, toOffset + columns, toOffset + width, 0);
    }
  }

  /** to[j][i] = from[i][j], and zeros up to the panel's width. */
  static void transpose(
      float[] from,
      int fromOffset,
      int fromRow,
      int rows,
      int columns,
      float[] to,
      int toOffset,
      int width) {
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        to[toOffset + j * width + i] = from[fromOffset + i * fromRow + j];
      }
    }
    for (int j = 0; j < columns; j++) {
      Arrays.fill(to, toOffset + j * width + rows, toOffset + (j + 1) * width, 0);
    }
  }
}
