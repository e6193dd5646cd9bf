package io.alexnet.kernels.simd;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/** Planes of a vector of channels, interleaved: [row][column][channel], {@code LANES} channels. */
final class WinogradPlanes {

  private static final int LANES = RegisterTile.LANES;

  /**
   * Pixels of eight planes that take the way through scratch space at a time. Interleaving touches
   * eight planes in turns, a float each: the lines come from, and go to, memory far faster if they
   * are copied in stretches.
   */
  private static final int CHUNK = 256;

  private WinogradPlanes() {}

  /** Floats of scratch space for planes of that width. */
  static int scratch(int width) {
    return 8 * Math.max(CHUNK, width);
  }

  /**
   * Interleaves planes, with zeros around them and for the channels that are missing.
   *
   * @param count planes, up to LANES
   * @param padTop rows of zeros above the planes; negative to leave out rows
   * @param rows of the interleaved planes
   * @param scratch where {@link #scratch} floats may be written in {@code to}
   */
  static void load(
      float[] planes,
      int from,
      int count,
      int height,
      int width,
      int padTop,
      int padLeft,
      float[] to,
      int toOffset,
      int rows,
      int columns,
      int scratch) {
    int pitch = columns * LANES;
    int firstColumn = Math.max(0, padLeft);
    int firstRow = Math.max(0, padTop);
    int filled = Math.min(columns, width + padLeft) - firstColumn;
    int filledRows = Math.min(rows, height + padTop) - firstRow;
    int end = toOffset + rows * pitch;
    if (count < LANES || filled <= 0 || filledRows <= 0) {
      Arrays.fill(to, toOffset, end, 0f);
      if (filled <= 0) {
        return;
      }
    } else {
      int gap = toOffset;
      for (int row = firstRow; row < firstRow + filledRows; row++) {
        int next = toOffset + row * pitch + firstColumn * LANES;
        Arrays.fill(to, gap, next, 0f);
        gap = next + filled * LANES;
      }
      Arrays.fill(to, gap, end, 0f);
    }
    int first = from + (firstRow - padTop) * width + firstColumn - padLeft;
    int start = toOffset + firstRow * pitch + firstColumn * LANES;
    int c = 0;
    int rowsAtATime = Math.max(1, CHUNK / filled);
    for (; c + 8 <= count; c += 8) {
      for (int row = 0; row < filledRows; row += rowsAtATime) {
        int taken = Math.min(rowsAtATime, filledRows - row);
        for (int i = 0; i < 8; i++) {
          int at = first + ((c + i) * height + row) * width;
          copyRows(planes, at, width, taken, filled, to, scratch + i * taken * filled);
        }
        interleaveEight(to, scratch, taken * filled, filled, start + row * pitch + c, columns);
      }
    }
    for (; c < count; c++) {
      for (int row = 0; row < filledRows; row++) {
        int at = first + c * height * width + row * width;
        for (int column = 0; column < filled; column++) {
          to[start + row * pitch + column * LANES + c] = planes[at + column];
        }
      }
    }
  }

  /** Rows of a plane, one directly after the other. */
  private static void copyRows(
      float[] plane, int at, int width, int rows, int filled, float[] to, int toOffset) {
    if (filled == width) {
      System.arraycopy(plane, at, to, toOffset, rows * width);
    } else {
      Panels.copyRows(plane, at, width, rows, filled, to, toOffset, filled);
    }
  }

  /**
   * Eight planes at once, all their rows in one loop: a loop for each row of 13 pixels spends most
   * of its time before and after the part that C2 unrolls.
   *
   * @param plane0 where the planes are, one after the other
   * @param to where their first pixels go, in rows of {@code columns} vectors
   */
  private static void interleaveEight(
      float[] array, int plane0, int pixels, int width, int to, int columns) {
    int plane1 = plane0 + pixels;
    int plane2 = plane1 + pixels;
    int plane3 = plane2 + pixels;
    int plane4 = plane3 + pixels;
    int plane5 = plane4 + pixels;
    int plane6 = plane5 + pixels;
    int plane7 = plane6 + pixels;
    int gap = (columns - width) * LANES;
    int column = 0;
    for (int i = 0; i < pixels; i++) {
      array[to] = array[plane0 + i];
      array[to + 1] = array[plane1 + i];
      array[to + 2] = array[plane2 + i];
      array[to + 3] = array[plane3 + i];
      array[to + 4] = array[plane4 + i];
      array[to + 5] = array[plane5 + i];
      array[to + 6] = array[plane6 + i];
      array[to + 7] = array[plane7 + i];
      to += LANES;
      column++;
      if (column == width) {
        column = 0;
        to += gap;
      }
    }
  }

  /**
   * The way back, without what the interleaved planes have too much.
   *
   * @param columns of the interleaved planes
   * @param added to each plane, one after the other, or null
   * @param scratch where {@link #scratch} floats may be written in {@code from}
   */
  static void store(
      float[] from,
      int fromOffset,
      int columns,
      float[] added,
      int addedOffset,
      int count,
      float[] planes,
      int to,
      int height,
      int width,
      int scratch) {
    int l = 0;
    int rowsAtATime = Math.max(1, CHUNK / width);
    for (; l + 8 <= count; l += 8) {
      for (int row = 0; row < height; row += rowsAtATime) {
        int pixels = Math.min(rowsAtATime, height - row) * width;
        int at = fromOffset + row * columns * LANES + l;
        separateEight(from, at, columns, added, addedOffset + l, scratch, pixels, width);
        for (int i = 0; i < 8; i++) {
          System.arraycopy(
              from, scratch + i * pixels, planes, to + (i * height + row) * width, pixels);
        }
      }
      to += 8 * height * width;
    }
    for (; l < count; l++) {
      float bias = added == null ? 0f : added[addedOffset + l];
      for (int row = 0; row < height; row++, to += width) {
        int at = fromOffset + row * columns * LANES + l;
        for (int column = 0; column < width; column++) {
          planes[to + column] = from[at + column * LANES] + bias;
        }
      }
    }
  }

  /** The way back of {@link #interleaveEight}. */
  private static void separateEight(
      float[] array,
      int from,
      int columns,
      float[] added,
      int addedOffset,
      int plane0,
      int pixels,
      int width) {
    float bias0 = added == null ? 0f : added[addedOffset];
    float bias1 = added == null ? 0f : added[addedOffset + 1];
    float bias2 = added == null ? 0f : added[addedOffset + 2];
    float bias3 = added == null ? 0f : added[addedOffset + 3];
    float bias4 = added == null ? 0f : added[addedOffset + 4];
    float bias5 = added == null ? 0f : added[addedOffset + 5];
    float bias6 = added == null ? 0f : added[addedOffset + 6];
    float bias7 = added == null ? 0f : added[addedOffset + 7];
    int plane1 = plane0 + pixels;
    int plane2 = plane1 + pixels;
    int plane3 = plane2 + pixels;
    int plane4 = plane3 + pixels;
    int plane5 = plane4 + pixels;
    int plane6 = plane5 + pixels;
    int plane7 = plane6 + pixels;
    int gap = (columns - width) * LANES;
    int column = 0;
    for (int i = 0; i < pixels; i++) {
      array[plane0 + i] = array[from] + bias0;
      array[plane1 + i] = array[from + 1] + bias1;
      array[plane2 + i] = array[from + 2] + bias2;
      array[plane3 + i] = array[from + 3] + bias3;
      array[plane4 + i] = array[from + 4] + bias4;
      array[plane5 + i] = array[from + 5] + bias5;
      array[plane6 + i] = array[from + 6] + bias6;
      array[plane7 + i] = array[from + 7] + bias7;
      from += LANES;
      column++;
      if (column == width) {
        column = 0;
        from += gap;
      }
    }
  }

  /**
   * The sum of a plane, in an order that depends on its length alone.
   *
   * @param lanes where LANES floats may be written
   */
  static float sum(float[] plane, int from, int pixels, float[] scratch, int lanes) {
    int whole = RegisterTile.SPECIES.loopBound(pixels);
    FloatVector sums = FloatVector.zero(RegisterTile.SPECIES);
    for (int i = 0; i < whole; i += LANES) {
      sums = sums.add(FloatVector.fromArray(RegisterTile.SPECIES, plane, from + i));
    }
    sums.intoArray(scratch, lanes);
    float sum = 0f;
    for (int l = 0; l < LANES; l++) {
      sum += scratch[lanes + l];
    }
    for (int i = whole; i < pixels; i++) {
      sum += plane[from + i];
    }
    return sum;
  }
}
