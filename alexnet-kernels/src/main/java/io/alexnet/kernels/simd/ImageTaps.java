package io.alexnet.kernels.simd;

import io.alexnet.kernels.ConvShape;
import io.alexnet.kernels.Window;
import java.util.Arrays;
import java.util.stream.IntStream;
import jdk.incubator.vector.FloatVector;

/**
 * The transposed matrix of im2col, never held as a whole: its rows are the output pixels, its
 * columns the taps. It is cut out panel by panel of a padded copy of the images, or of a stretch of
 * rows of a large one, with a block of channels innermost, [block][row][column][channel]; the taps
 * are ordered (block, tap row, tap column, channel), so that a tap row of a block, under dilation a
 * tap, is one stretch of the copy.
 *
 * <p>A block is one channel, all of them, or a vector's lanes, whichever costs the fewest copies:
 * few channels under a wide window are best left as they are, under a narrow one side by side.
 */
final class ImageTaps {

  private static final int COLUMNS = RegisterTile.COLUMNS;
  private static final int LANES = RegisterTile.LANES;

  /** Channels of a group that lie side by side. */
  private final int blockChannels;

  /** Output pixels of an image, the rows that it contributes. */
  final int pixels;

  /** Where each column lies within the weights of a filter, [channel][row][column]. */
  final int[] weightOf;

  private final ConvShape shape;
  private final Window window;
  private final int paddedWidth;

  /** Panel p consists of the runs firstRun[p] to firstRun[p + 1] − 1, each a vector at most. */
  private final int[] firstRun;

  private int[] runSource;
  private int[] runColumn;

  /** Rows of output pixels that a copy is for, its rows, and floats of a block of it. */
  private int outRows;

  private int copiedRows;
  private int blockLength;

  /**
   * @param panels of {@link RegisterTile#COLUMNS} taps each, at least enough for all of them
   */
  ImageTaps(ConvShape shape, int panels) {
    this.shape = shape;
    window = shape.window();
    blockChannels = blockChannels(shape);
    pixels = shape.outHeight() * shape.outWidth();
    paddedWidth = (shape.outWidth() - 1) * window.strideWidth() + window.extentWidth();
    weightOf = IntStream.range(0, shape.weightsPerFilter()).map(this::weightOf).toArray();
    firstRun = new int[panels + 1];
  }

  /**
   * Settles how many rows of output pixels are packed from one copy: as many as {@code most} floats
   * hold what they need of, but one at least.
   *
   * @param blocks that are copied together
   */
  void copyFor(int blocks, int most) {
    long rows = most / ((long) paddedWidth * blockChannels * blocks);
    long furtherRows = Math.max(0, rows - window.extentHeight()) / window.strideHeight();
    outRows = (int) Math.min(shape.outHeight(), 1 + furtherRows);
    copiedRows = (outRows - 1) * window.strideHeight() + window.extentHeight();
    blockLength = Math.multiplyExact(Math.multiplyExact(copiedRows, paddedWidth), blockChannels);
    findRuns();
  }

  private void findRuns() {
    int taps = shape.weightsPerFilter();
    int[] source = new int[taps];
    int[] column = new int[taps];
    int count = 0;
    for (int k = 0; k < taps; k++) {
      boolean joined =
          k % COLUMNS != 0
              && sourceOf(k) == sourceOf(k - 1) + 1
              && k % COLUMNS - column[count - 1] < LANES;
      if (!joined) {
        source[count] = sourceOf(k);
        column[count] = k % COLUMNS;
        count++;
      }
      firstRun[k / COLUMNS + 1] = count;
    }
    Arrays.fill(firstRun, (taps - 1) / COLUMNS + 2, firstRun.length, count);
    runSource = Arrays.copyOf(source, count);
    runColumn = Arrays.copyOf(column, count);
  }

  private static int blockChannels(ConvShape shape) {
    int all = shape.channelsPerGroup();
    int best = 1;
    if (all % LANES == 0 && copies(shape, LANES) < copies(shape, best)) {
      best = LANES;
    }
    return copies(shape, all) < copies(shape, best) ? all : best;
  }

  /**
   * Copies for an output pixel: of vectors into panels, which cross the ends of cache lines and so
   * count two, and of floats to lie side by side.
   */
  private static int copies(ConvShape shape, int blockChannels) {
    Window window = shape.window();
    int stretch = window.dilationWidth() == 1 ? window.width() : 1;
    int stretches =
        shape.channelsPerGroup() / blockChannels * window.height() * window.width() / stretch;
    int spread =
        blockChannels == 1
            ? 0
            : shape.channelsPerGroup() * window.strideHeight() * window.strideWidth();
    return 2 * stretches * Rounding.ceilDiv(stretch * blockChannels, LANES) + spread;
  }

  private int blockTaps() {
    return window.height() * window.width() * blockChannels;
  }

  /** The block that column {@code k} belongs to. */
  int blockOf(int k) {
    return k / blockTaps();
  }

  private int sourceOf(int k) {
    int tap = k / blockChannels % (window.height() * window.width());
    int row = tap / window.width() * window.dilationHeight() + blockOf(k) * copiedRows;
    int column = tap % window.width() * window.dilationWidth();
    return (row * paddedWidth + column) * blockChannels + k % blockChannels;
  }

  private int weightOf(int k) {
    int taps = window.height() * window.width();
    int channel = blockOf(k) * blockChannels + k % blockChannels;
    return channel * taps + k / blockChannels % taps;
  }

  /** Rows of output pixels that one copy is for: all of an image's unless it is large. */
  int outRows() {
    return outRows;
  }

  /** Floats of the padded copy of one block. */
  int blockLength() {
    return blockLength;
  }

  /** From where output row 0 meets a block to where this row does, in a padded copy. */
  int rowOffset(int outRow) {
    return outRow * window.strideHeight() * paddedWidth * blockChannels;
  }

  /**
   * Copies what {@link #outRows()} rows of output pixels meet of some blocks of an image.
   *
   * @param image index of the image's first float, of the group's first channel
   * @param firstRow the first of the rows of output pixels
   * @param at where block 0 would begin
   */
  void copyPadded(
      float[] images,
      int image,
      int firstRow,
      int firstBlock,
      int endBlock,
      float[] padded,
      int at) {
    int planeSize = shape.height() * shape.width();
    int copied = Math.max(0, Math.min(shape.width(), paddedWidth - window.padLeft()));
    int left = Math.min(paddedWidth, window.padLeft()) * blockChannels;
    for (int block = firstBlock; block < endBlock; block++) {
      for (int row = 0; row < copiedRows; row++) {
        int i = firstRow * window.strideHeight() + row - window.padTop();
        int to = at + block * blockLength + row * paddedWidth * blockChannels;
        int end = to + paddedWidth * blockChannels;
        if (i >= 0 && i < shape.height()) {
          int from = image + block * blockChannels * planeSize + i * shape.width();
          Arrays.fill(padded, to, to + left, 0f);
          if (blockChannels == 1) {
            System.arraycopy(images, from, padded, to + left, copied);
          } else {
            Panels.transpose(
                images, from, planeSize, blockChannels, copied, padded, to + left, blockChannels);
          }
          Arrays.fill(padded, to + left + copied * blockChannels, end, 0f);
        } else {
          Arrays.fill(padded, to, end, 0f);
        }
      }
    }
  }

  /**
   * Packs the taps of one panel for some output pixels, whose rows follow one another at {@link
   * RegisterTile#COLUMNS}. Each run is copied as one whole vector: what it writes too much is
   * overwritten by the next one, and behind the panel's last row a vector's length must be free.
   * Likewise a vector's length is read behind the padded copies.
   *
   * @param at where block 0 of the first image begins in the padded copies, or would if they were
   *     of whole images
   * @param imageStep from one image to the next there
   * @param firstPixel counted from the first image
   */
  void pack(
      float[] padded,
      int at,
      int imageStep,
      int panel,
      int firstPixel,
      int count,
      float[] packed,
      int to) {
    int columnStep = window.strideWidth() * blockChannels;
    int first = firstRun[panel];
    int end = firstRun[panel + 1];
    int pixel = firstPixel;
    while (pixel < firstPixel + count) {
      int ow = pixel % shape.outWidth();
      int oh = pixel % pixels / shape.outWidth();
      int length = Math.min(firstPixel + count - pixel, shape.outWidth() - ow);
      int from = at + pixel / pixels * imageStep + rowOffset(oh) + ow * columnStep;
      copy(padded, from, columnStep, length, runSource, runColumn, first, end, packed, to);
      to += length * COLUMNS;
      pixel += length;
    }
  }

  private static void copy(
      float[] padded,
      int from,
      int step,
      int count,
      int[] source,
      int[] column,
      int first,
      int end,
      float[] packed,
      int to) {
    for (int i = 0; i < count; i++) {
      for (int run = first; run < end; run++) {
        FloatVector.fromArray(RegisterTile.SPECIES, padded, from + source[run])
            .intoArray(packed, to + column[run]);
      }
      from += step;
      to += COLUMNS;
    }
  }
}
