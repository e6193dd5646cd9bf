package io.alexnet.kernels.simd;

import io.alexnet.kernels.ConvShape;
import io.alexnet.kernels.Window;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * A padded copy of images with a block of channels innermost, [block][row][column][channel], out of
 * which the transposed im2col matrix is packed: its rows are output pixels, its columns the taps,
 * ordered (block, tap row, tap column, channel). If the channels divide into blocks as wide as a
 * tile, a tile's columns are one such block at one tap; otherwise all channels are one block, and a
 * tile's columns are one stretch of the copy, or more where they cross the end of a tap row (of a
 * tap, under dilation).
 */
final class ChannelLastImages {

  private static final int ROWS = RegisterTile.ROWS;

  /** Floats that copying a tile's width as whole vectors may touch too many. */
  static final int SLACK = ROWS + RegisterTile.LANES;

  /** Floats of the padded copy of one image. */
  final int imageLength;

  /** Output pixels of an image. */
  final int pixels;

  private final ConvShape shape;
  private final Window window;
  private final int blocks;
  private final int channels;
  private final int paddedHeight;
  private final int paddedWidth;

  /** The stretches of tile t are firstStretch[t] to firstStretch[t + 1] − 1. */
  private final int[] firstStretch;

  private final int[] stretchSource;
  private final int[] stretchRow;

  /**
   * @param tiles of {@link RegisterTile#ROWS} columns each, at least enough for all taps
   */
  ChannelLastImages(ConvShape shape, int tiles) {
    this.shape = shape;
    window = shape.window();
    blocks = shape.channelsPerGroup() % ROWS == 0 ? shape.channelsPerGroup() / ROWS : 1;
    channels = shape.channelsPerGroup() / blocks;
    pixels = shape.outHeight() * shape.outWidth();
    paddedHeight = (shape.outHeight() - 1) * window.strideHeight() + window.extentHeight();
    paddedWidth = (shape.outWidth() - 1) * window.strideWidth() + window.extentWidth();
    imageLength = Math.multiplyExact(paddedHeight * paddedWidth, shape.channelsPerGroup());
    firstStretch = new int[tiles + 1];
    int[] source = new int[shape.weightsPerFilter()];
    int[] row = new int[shape.weightsPerFilter()];
    int count = 0;
    for (int k = 0; k < shape.weightsPerFilter(); k++) {
      boolean joined = k % ROWS != 0 && sourceOf(k) == sourceOf(k - 1) + 1;
      if (!joined) {
        source[count] = sourceOf(k);
        row[count] = k % ROWS;
        count++;
      }
      firstStretch[k / ROWS + 1] = count;
    }
    Arrays.fill(firstStretch, (shape.weightsPerFilter() - 1) / ROWS + 2, tiles + 1, count);
    stretchSource = Arrays.copyOf(source, count);
    stretchRow = Arrays.copyOf(row, count);
  }

  private int taps() {
    return window.height() * window.width();
  }

  private int sourceOf(int k) {
    int block = k / (taps() * channels);
    int tap = k / channels % taps();
    int row = tap / window.width() * window.dilationHeight() + block * paddedHeight;
    int column = tap % window.width() * window.dilationWidth();
    return (row * paddedWidth + column) * channels + k % channels;
  }

  /** Where matrix column {@code k} lies within the weights of a filter, [channel][row][column]. */
  int weightOf(int k) {
    int block = k / (taps() * channels);
    return (block * channels + k % channels) * taps() + k / channels % taps();
  }

  /**
   * @param image index of the first float of the image's first channel of the group
   */
  void copyPadded(float[] images, int image, float[] padded, int at) {
    int copied = Math.max(0, Math.min(shape.width(), paddedWidth - window.padLeft()));
    int left = Math.min(paddedWidth, window.padLeft()) * channels;
    for (int block = 0; block < blocks; block++) {
      for (int row = 0; row < paddedHeight; row++) {
        int i = row - window.padTop();
        int to = at + (block * paddedHeight + row) * paddedWidth * channels;
        int end = to + paddedWidth * channels;
        if (i >= 0 && i < shape.height()) {
          Arrays.fill(padded, to, to + left, 0f);
          for (int c = 0; c < channels; c++) {
            int plane = (block * channels + c) * shape.height();
            spread(images, image + (plane + i) * shape.width(), copied, padded, to + left + c);
          }
          Arrays.fill(padded, to + left + copied * channels, end, 0f);
        } else {
          Arrays.fill(padded, to, end, 0f);
        }
      }
    }
  }

  private void spread(float[] images, int from, int count, float[] padded, int to) {
    for (int j = 0, step = channels; j < count; j++, to += step) {
      padded[to] = images[from + j];
    }
  }

  /**
   * Packs one tile's columns for output pixels, counted from the first image of the padded copy.
   * {@link #SLACK} floats must be free behind both arrays' parts.
   *
   * <p>A column of a tile is copied as a vector of the preferred species although half of it would
   * do: vectors of a second species anywhere in the JVM spoil the type profiles inside the Vector
   * API, and every tile falls to 6 % of its speed (JDK 17).
   */
  void pack(float[] padded, int at, int tile, int firstPixel, int count, float[] panel, int to) {
    int rowStep = window.strideHeight() * paddedWidth * channels;
    int columnStep = window.strideWidth() * channels;
    int pixel = firstPixel;
    while (pixel < firstPixel + count) {
      int ow = pixel % shape.outWidth();
      int oh = pixel % pixels / shape.outWidth();
      int length = Math.min(firstPixel + count - pixel, shape.outWidth() - ow);
      int from = at + pixel / pixels * imageLength + oh * rowStep + ow * columnStep;
      int first = firstStretch[tile];
      int end = firstStretch[tile + 1];
      if (end == first + 1 && columnStep == ROWS) {
        copyRun(padded, from + stretchSource[first], length * ROWS, panel, to);
      } else if (end == first + 1) {
        copyStretch(padded, from + stretchSource[first], columnStep, length, panel, to);
      } else {
        copyStretches(
            padded, from, columnStep, length, stretchSource, stretchRow, first, end, panel, to);
      }
      to += length * ROWS;
      pixel += length;
    }
  }

  private static void copyRun(float[] padded, int from, int count, float[] panel, int to) {
    for (int i = 0; i < count; i += RegisterTile.LANES) {
      FloatVector.fromArray(RegisterTile.SPECIES, padded, from + i).intoArray(panel, to + i);
    }
  }

  private static void copyStretch(
      float[] padded, int from, int step, int count, float[] panel, int to) {
    for (int i = 0; i < count; i++) {
      for (int v = 0; v < ROWS; v += RegisterTile.LANES) {
        FloatVector.fromArray(RegisterTile.SPECIES, padded, from + v).intoArray(panel, to + v);
      }
      from += step;
      to += ROWS;
    }
  }

  private static void copyStretches(
      float[] padded,
      int from,
      int step,
      int count,
      int[] source,
      int[] row,
      int first,
      int end,
      float[] panel,
      int to) {
    for (int i = 0; i < count; i++) {
      for (int stretch = first; stretch < end; stretch++) {
        for (int v = 0; v < ROWS; v += RegisterTile.LANES) {
          FloatVector.fromArray(RegisterTile.SPECIES, padded, from + source[stretch] + v)
              .intoArray(panel, to + row[stretch] + v);
        }
      }
      from += step;
      to += ROWS;
    }
  }
}
