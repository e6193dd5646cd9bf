package io.alexnet.kernels.simd;

import io.alexnet.kernels.ConvShape;
import io.alexnet.kernels.Window;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * The matrix that im2col would make of a batch of images, never held as a whole: its rows are the
 * taps of every channel, its columns the output pixels of one image after the other. It is cut out
 * panel by panel of a padded copy of those image rows that the columns at hand need.
 *
 * <p>The padded copy holds each row with its columns sorted by their remainder modulo the step, so
 * that a tap meets neighbouring output pixels in neighbouring floats whatever the stride, and
 * packing is nothing but copying vectors.
 */
final class ImageColumns {

  /**
   * Stretches of panel columns that lie in consecutive floats of the padded copy, a vector long at
   * most.
   */
  static final class Runs {
    int count;
    final int[] source = new int[RegisterTile.COLUMNS];

    /** Where each run begins in the panel, and behind the last one the number of columns. */
    final int[] column = new int[RegisterTile.COLUMNS + 1];
  }

  final int outHeight;
  final int outWidth;

  /** Output pixels of an image, the columns that it contributes. */
  final int pixels;

  /** Rows of the matrix: channels × taps. */
  final int rows;

  private final int channels;
  private final int height;
  private final int width;
  private final int padTop;
  private final int padLeft;
  private final int rowStep;
  private final int columnStep;
  private final int tapsHeight;
  private final int stepsWidth;
  private final int[] tapRows;
  private final int[] tapColumns;
  private final int[] rowOffset;

  /** Rows of a channel in the padded copy, and floats of the copy of one image. */
  private int copiedRows;

  private int imageLength;

  /**
   * Output pixel (oh, ow) meets tap (r, s) at row oh·rowStep + tapRows[r] and column ow·columnStep
   * + tapColumns[s] of the padded plane.
   *
   * @param channels those that one product sees, a group's
   * @param padTop rows of zeros above the image; negative to leave out rows of the image
   */
  ImageColumns(
      int channels,
      int height,
      int width,
      int padTop,
      int padLeft,
      int rowStep,
      int columnStep,
      int[] tapRows,
      int[] tapColumns,
      int outHeight,
      int outWidth) {
    this.channels = channels;
    this.height = height;
    this.width = width;
    this.padTop = padTop;
    this.padLeft = padLeft;
    this.rowStep = rowStep;
    this.columnStep = columnStep;
    this.tapRows = tapRows;
    this.tapColumns = tapColumns;
    this.outHeight = outHeight;
    this.outWidth = outWidth;
    pixels = outHeight * outWidth;
    tapsHeight = Arrays.stream(tapRows).max().orElse(0) + 1;
    stepsWidth = outWidth + Arrays.stream(tapColumns).max().orElse(0) / columnStep;
    rows = channels * tapRows.length * tapColumns.length;
    rowOffset = new int[rows];
  }

  /**
   * Settles how many columns next to each other are packed from one padded copy, which then holds
   * no more of an image than they need.
   */
  void copyFor(int columns) {
    int outRows = Math.min(outHeight, (columns + outWidth - 2) / outWidth + 1);
    copiedRows = (outRows - 1) * rowStep + tapsHeight;
    imageLength =
        Math.multiplyExact(Math.multiplyExact(channels, copiedRows), stepsWidth * columnStep);
    int row = 0;
    for (int c = 0; c < channels; c++) {
      for (int r : tapRows) {
        for (int s : tapColumns) {
          rowOffset[row++] = copiedRow(c, r) + s % columnStep * stepsWidth + s / columnStep;
        }
      }
    }
  }

  /** Floats of the padded copy of one image. */
  int imageLength() {
    return imageLength;
  }

  /** The columns of a forward convolution. */
  static ImageColumns of(ConvShape shape) {
    Window window = shape.window();
    return new ImageColumns(
        shape.channelsPerGroup(),
        shape.height(),
        shape.width(),
        window.padTop(),
        window.padLeft(),
        window.strideHeight(),
        window.strideWidth(),
        multiples(window.dilationHeight(), window.height()),
        multiples(window.dilationWidth(), window.width()),
        shape.outHeight(),
        shape.outWidth());
  }

  private static int[] multiples(int step, int count) {
    int[] multiples = new int[count];
    Arrays.setAll(multiples, i -> i * step);
    return multiples;
  }

  private int copiedRow(int channel, int row) {
    return (channel * copiedRows + row) * stepsWidth * columnStep;
  }

  /** The first row of the padded plane that output pixels from this one on need. */
  private int firstRow(int pixel) {
    return pixel / outWidth * rowStep;
  }

  /** Images that {@code columns} columns can touch wherever they begin. */
  int imagesUnder(int columns) {
    return (columns - 1 + pixels - 1) / pixels + 1;
  }

  /**
   * Copies from an image what its output pixels from {@code first} to before {@code end} need, the
   * first of these rows to the beginning of the copy.
   *
   * @param image index of the image's first float, of the group's first channel
   */
  void copyPadded(float[] images, int image, int first, int end, float[] padded, int at) {
    if (rows == 0) {
      return;
    }
    int firstRow = firstRow(first);
    int endRow = firstRow(end - 1) + tapsHeight;
    for (int c = 0; c < channels; c++) {
      for (int row = firstRow; row < endRow; row++) {
        int i = row - padTop;
        int to = at + copiedRow(c, row - firstRow);
        if (i >= 0 && i < height) {
          copyRow(images, image + (c * height + i) * width, padded, to);
        } else {
          Arrays.fill(padded, to, to + stepsWidth * columnStep, 0f);
        }
      }
    }
  }

  private void copyRow(float[] images, int row, float[] padded, int at) {
    for (int phase = 0; phase < columnStep; phase++) {
      int first = clampStep(padLeft - phase);
      int end = clampStep(width + padLeft - phase);
      int to = at + phase * stepsWidth;
      if (end == first) { // a phase beyond the image: its place may lie outside of the array
        Arrays.fill(padded, to, to + stepsWidth, 0f);
        continue;
      }
      Arrays.fill(padded, to, to + first, 0f);
      if (columnStep == 1) {
        System.arraycopy(images, row + first - padLeft, padded, to + first, end - first);
      } else {
        int from = row + phase - padLeft;
        for (int step = first; step < end; step++) {
          padded[to + step] = images[from + step * columnStep];
        }
      }
      Arrays.fill(padded, to + end, to + stepsWidth, 0f);
    }
  }

  /** The first step at or behind padded column {@code column} of a phase. */
  private int clampStep(int column) {
    return Math.max(0, Math.min(stepsWidth, -Math.floorDiv(-column, columnStep)));
  }

  /**
   * Finds the runs of a panel.
   *
   * @param first the panel's first column, counted from the first image of the padded copy
   * @param copied the first column that the copy is of, which is of that image
   */
  void findRuns(int first, int columns, int copied, Runs runs) {
    int count = 0;
    int column = 0;
    while (column < columns) {
      int pixel = (first + column) % pixels;
      int image = (first + column) / pixels;
      int oh = pixel / outWidth;
      int ow = pixel % outWidth;
      int row = oh * rowStep - (image == 0 ? firstRow(copied) : 0);
      runs.source[count] = image * imageLength + copiedRow(0, row) + ow;
      runs.column[count++] = column;
      column += Math.min(RegisterTile.LANES, Math.min(columns - column, outWidth - ow));
    }
    runs.column[count] = columns;
    runs.count = count;
  }

  /**
   * Packs matrix rows from {@code firstRow} on into a panel whose rows follow one another at {@link
   * RegisterTile#COLUMNS}. Each run is copied as one whole vector: what it writes too much is
   * overwritten by the next one, and behind the panel's last row a vector's length must be free.
   * Likewise a vector's length is read behind the padded copy.
   */
  void pack(
      float[] padded, int at, Runs runs, int firstRow, int count, float[] panel, int panelOffset) {
    int[] source = runs.source;
    int[] column = runs.column;
    int runCount = runs.count;
    for (int row = firstRow; row < firstRow + count; row++) {
      int from = at + rowOffset[row];
      for (int run = 0; run < runCount; run++) {
        FloatVector.fromArray(RegisterTile.SPECIES, padded, from + source[run])
            .intoArray(panel, panelOffset + column[run]);
      }
      panelOffset += RegisterTile.COLUMNS;
    }
  }
}
