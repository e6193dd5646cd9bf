package io.alexnet.kernels.simd;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/** Planes of a vector of channels, interleaved: [row][column][channel], {@code LANES} channels. */
final class WinogradPlanes {

  private static final int LANES = RegisterTile.LANES;

  private WinogradPlanes() {}

  /**
   * Interleaves planes, with zeros around them and for the channels that are missing.
   *
   * @param count planes, up to LANES
   * @param padTop rows of zeros above the planes; negative to leave out rows
   * @param rows of the interleaved planes
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
      int columns) {
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
    for (; c + 8 <= count; c += 8) {
      int plane = first + c * height * width;
      if (filled == width) {
        interleaveEight(
            planes, plane, height * width, filledRows * width, width, to, start + c, columns);
      } else {
        for (int row = 0; row < filledRows; row++) {
          int at = plane + row * width;
          int rowStart = start + row * pitch + c;
          interleaveEight(planes, at, height * width, filled, filled, to, rowStart, columns);
        }
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

  /**
   * Eight planes at once, all their rows in one loop: a loop for each row of 13 pixels spends most
   * of its time before and after the part that C2 unrolls.
   */
  private static void interleaveEight(
      float[] planes,
      int plane0,
      int planeStep,
      int pixels,
      int width,
      float[] to,
      int toOffset,
      int columns) {
    int plane1 = plane0 + planeStep;
    int plane2 = plane1 + planeStep;
    int plane3 = plane2 + planeStep;
    int plane4 = plane3 + planeStep;
    int plane5 = plane4 + planeStep;
    int plane6 = plane5 + planeStep;
    int plane7 = plane6 + planeStep;
    int gap = (columns - width) * LANES;
    int column = 0;
    for (int i = 0; i < pixels; i++) {
      to[toOffset] = planes[plane0 + i];
      to[toOffset + 1] = planes[plane1 + i];
      to[toOffset + 2] = planes[plane2 + i];
      to[toOffset + 3] = planes[plane3 + i];
      to[toOffset + 4] = planes[plane4 + i];
      to[toOffset + 5] = planes[plane5 + i];
      to[toOffset + 6] = planes[plane6 + i];
      to[toOffset + 7] = planes[plane7 + i];
      toOffset += LANES;
      column++;
      if (column == width) {
        column = 0;
        toOffset += gap;
      }
    }
  }

  /**
   * The way back, without what the interleaved planes have too much.
   *
   * @param columns of the interleaved planes
   * @param added to each plane, one after the other, or null
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
      int width) {
    int l = 0;
    for (; l + 8 <= count; l += 8) {
      separateEight(
          from, fromOffset + l, columns, added, addedOffset + l, planes, to, height * width, width);
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
      float[] from,
      int fromOffset,
      int columns,
      float[] added,
      int addedOffset,
      float[] planes,
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
      planes[plane0 + i] = from[fromOffset] + bias0;
      planes[plane1 + i] = from[fromOffset + 1] + bias1;
      planes[plane2 + i] = from[fromOffset + 2] + bias2;
      planes[plane3 + i] = from[fromOffset + 3] + bias3;
      planes[plane4 + i] = from[fromOffset + 4] + bias4;
      planes[plane5 + i] = from[fromOffset + 5] + bias5;
      planes[plane6 + i] = from[fromOffset + 6] + bias6;
      planes[plane7 + i] = from[fromOffset + 7] + bias7;
      fromOffset += LANES;
      column++;
      if (column == width) {
        column = 0;
        fromOffset += gap;
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
