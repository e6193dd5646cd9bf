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
    Arrays.fill(to, toOffset, toOffset + rows * pitch, 0f);
    int firstColumn = Math.max(0, padLeft);
    int filled = Math.min(columns, width + padLeft) - firstColumn;
    int endRow = filled <= 0 ? 0 : Math.min(rows, height + padTop);
    for (int row = Math.max(0, padTop); row < endRow; row++) {
      Panels.transpose(
          planes,
          from + (row - padTop) * width + firstColumn - padLeft,
          height * width,
          count,
          filled,
          to,
          toOffset + row * pitch + firstColumn * LANES,
          LANES);
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
    int pitch = columns * LANES;
    for (int l = 0; l < count; l++) {
      float bias = added == null ? 0f : added[addedOffset + l];
      for (int row = 0; row < height; row++, to += width) {
        int at = fromOffset + row * pitch + l;
        for (int column = 0; column < width; column++) {
          planes[to + column] = from[at + column * LANES] + bias;
        }
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
