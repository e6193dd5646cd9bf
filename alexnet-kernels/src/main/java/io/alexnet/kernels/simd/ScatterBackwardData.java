package io.alexnet.kernels.simd;

import io.alexnet.kernels.ConvAlgorithm;
import io.alexnet.kernels.ConvShape;
import io.alexnet.kernels.Convolution;
import io.alexnet.kernels.ThreadTeam;
import io.alexnet.kernels.Window;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * The gradient with respect to the input as transposed weights, taps × filters, times dy, filters ×
 * pixels, whose result, a column of im2col for each pixel, is added tile by tile to where its taps
 * lie in dx. It needs exactly the products of the formula, where {@link ImplicitGemmBackwardData}
 * also multiplies the padding of dy: many times more if the window is large for the image.
 *
 * <p>A piece owns some channels of some images in dx and adds to them in a fixed order.
 */
final class ScatterBackwardData extends SimdConvolution
    implements Convolution.BackwardData, ThreadTeam.Task {

  private static final int ROWS = RegisterTile.ROWS;
  private static final int COLUMNS = RegisterTile.COLUMNS;

  private final Window window;
  private final int taps;

  /** The gradient as a matrix: each plane a single row, each pixel a column. */
  private final ImageColumns gradient;

  private final int channelsPerPiece;
  private final int channelPieces;
  private final int tilesPerPiece;
  private final int imagesPerPiece;
  private final int imagePieces;
  private final ThreadTeam.Task packWeights = this::packWeights;

  private ImageColumns.Runs[] runs = {};
  private float[] workspace;
  private float[] dy;
  private int dyOffset;
  private float[] weights;
  private int weightsOffset;
  private float[] dx;
  private int dxOffset;

  ScatterBackwardData(ConvShape shape) {
    super(shape, ConvAlgorithm.IMPLICIT_GEMM);
    window = shape.window();
    taps = window.height() * window.width();
    int pixels = shape.outHeight() * shape.outWidth();
    int depth = shape.filtersPerGroup();
    gradient =
        new ImageColumns(depth, 1, pixels, 0, 0, 1, 1, new int[] {0}, new int[] {0}, 1, pixels);
    gradient.copyFor(pixels);
    int channels = shape.channelsPerGroup();
    channelsPerPiece =
        (int) Math.max(1, Math.min(channels, BlockSizes.WEIGHTS / ((long) depth * taps)));
    channelPieces = Rounding.ceilDiv(channels, channelsPerPiece);
    tilesPerPiece = Rounding.ceilDiv(channelsPerPiece * taps, ROWS);
    int wanted = Rounding.ceilDiv(BlockSizes.PANELS * COLUMNS, pixels);
    int affordable = shape.batch() * shape.groups() * channelPieces / BlockSizes.PIECES;
    imagesPerPiece = Math.max(1, Math.min(shape.batch(), Math.min(wanted, affordable)));
    imagePieces = Rounding.ceilDiv(shape.batch(), imagesPerPiece);
  }

  /**
   * Multiplications, those with the padding of tiles included, and for the addition of each element
   * to dx, which is done in short runs, the time of {@link BlockSizes#SCATTER} more.
   */
  static long cost(ConvShape shape) {
    long rows = (shape.weightsPerFilter() + ROWS - 1L) / ROWS * ROWS * shape.groups();
    long columns = (long) shape.batch() * shape.outHeight() * shape.outWidth();
    return columns * rows * (shape.filtersPerGroup() + BlockSizes.SCATTER);
  }

  @Override
  public int workspace(int threads) {
    return Math.toIntExact(packedWeights() + (long) threads * perWorker());
  }

  private long packedWeights() {
    long tiles = (long) shape.groups() * channelPieces * tilesPerPiece;
    return CacheLines.FIRST + CacheLines.whole(tiles * ROWS * shape.filtersPerGroup());
  }

  private long copied() {
    return CacheLines.whole((long) imagesPerPiece * gradient.imageLength() + RegisterTile.LANES);
  }

  private long panel() {
    return CacheLines.whole(shape.filtersPerGroup() * COLUMNS + RegisterTile.LANES);
  }

  private long perWorker() {
    return copied() + panel() + ROWS * COLUMNS;
  }

  @Override
  public void run(
      ThreadTeam team,
      float[] workspace,
      float[] dy,
      int dyOffset,
      float[] weights,
      int weightsOffset,
      float[] dx,
      int dxOffset) {
    this.workspace = workspace;
    this.dy = dy;
    this.dyOffset = dyOffset;
    this.weights = weights;
    this.weightsOffset = weightsOffset;
    this.dx = dx;
    this.dxOffset = dxOffset;
    if (runs.length < team.size()) {
      runs = new ImageColumns.Runs[team.size()];
      Arrays.setAll(runs, i -> new ImageColumns.Runs());
    }
    team.run(shape.groups() * channelPieces * tilesPerPiece, packWeights);
    team.run(shape.groups() * channelPieces * imagePieces, this);
  }

  /** Channels of a piece, of which the last may have fewer. */
  private int channelsOf(int channelPiece) {
    return Math.min(channelsPerPiece, shape.channelsPerGroup() - channelPiece * channelsPerPiece);
  }

  /** One tile, [filter][tap]. */
  private void packWeights(int piece, int worker) {
    int depth = shape.filtersPerGroup();
    int group = piece / (channelPieces * tilesPerPiece);
    int channelPiece = piece / tilesPerPiece % channelPieces;
    int row = piece % tilesPerPiece * ROWS;
    int count = Math.min(ROWS, channelsOf(channelPiece) * taps - row);
    if (count > 0) {
      int from = group * depth * shape.weightsPerFilter() + channelPiece * channelsPerPiece * taps;
      Panels.copyRows(
          weights,
          weightsOffset + from + row,
          shape.weightsPerFilter(),
          depth,
          count,
          workspace,
          piece * ROWS * depth,
          ROWS);
    }
  }

  @Override
  public void run(int piece, int worker) {
    int depth = shape.filtersPerGroup();
    int block = piece / imagePieces;
    int group = block / channelPieces;
    int channelPiece = block % channelPieces;
    int channels = channelsOf(channelPiece);
    int firstImage = piece % imagePieces * imagesPerPiece;
    int images = Math.min(imagesPerPiece, shape.batch() - firstImage);
    int copy = (int) (packedWeights() + worker * perWorker());
    int panel = (int) (copy + copied());
    int tile = (int) (panel + panel());

    int firstChannel = group * shape.channelsPerGroup() + channelPiece * channelsPerPiece;
    int plane = shape.height() * shape.width();
    int to = dxOffset + (firstImage * shape.channels() + firstChannel) * plane;
    for (int image = 0; image < images; image++) {
      int from = (firstImage + image) * shape.filters() + group * depth;
      gradient.copyPadded(
          dy,
          dyOffset + from * gradient.pixels,
          0,
          gradient.pixels,
          workspace,
          copy + image * gradient.imageLength());
      int zeros = to + image * shape.channels() * plane;
      Arrays.fill(dx, zeros, zeros + channels * plane, 0f);
    }
    int pixels = images * gradient.pixels;
    for (int pixel = 0; pixel < pixels; pixel += COLUMNS) {
      int count = Math.min(COLUMNS, pixels - pixel);
      gradient.findRuns(pixel, count, 0, runs[worker]);
      gradient.pack(workspace, copy, runs[worker], 0, depth, workspace, panel);
      for (int row = 0; row < channels * taps; row += ROWS) {
        RegisterTile.multiply(
            Rounding.ceilDiv(count, RegisterTile.LANES),
            depth,
            workspace,
            (block * tilesPerPiece * ROWS + row) * depth,
            ROWS,
            workspace,
            panel,
            RegisterTile.ZEROS,
            0,
            0,
            workspace,
            tile,
            COLUMNS);
        int end = Math.min(channels * taps, row + ROWS);
        scatter(tile, row, end, pixel, count, to);
      }
    }
  }

  /** Adds rows of a tile to dx; {@code to} is the piece's first channel of its first image. */
  private void scatter(int tile, int firstRow, int endRow, int firstPixel, int count, int to) {
    int pixel = firstPixel;
    while (pixel < firstPixel + count) {
      int image = pixel / gradient.pixels;
      int oh = pixel % gradient.pixels / shape.outWidth();
      int ow = pixel % shape.outWidth();
      int length = Math.min(firstPixel + count - pixel, shape.outWidth() - ow);
      for (int row = firstRow; row < endRow; row++) {
        int tap = row % taps;
        int i =
            oh * window.strideHeight()
                - window.padTop()
                + tap / window.width() * window.dilationHeight();
        if (i >= 0 && i < shape.height()) {
          int channel = image * shape.channels() + row / taps;
          addRun(
              tile + (row - firstRow) * COLUMNS + pixel - firstPixel,
              length,
              ow * window.strideWidth()
                  - window.padLeft()
                  + tap % window.width() * window.dilationWidth(),
              to + (channel * shape.height() + i) * shape.width());
        }
      }
      pixel += length;
    }
  }

  /**
   * @param j column of dx that the first of the floats belongs to, perhaps in the padding
   */
  private void addRun(int from, int length, int j, int row) {
    int step = window.strideWidth();
    if (step == 1) {
      int first = Math.max(0, -j);
      int end = Math.min(length, shape.width() - j);
      addRow(workspace, from + first, dx, row + j + first, end - first);
    } else {
      int first = Math.max(0, -Math.floorDiv(j, step));
      int end = Math.min(length, Math.floorDiv(shape.width() - 1 - j, step) + 1);
      for (int k = first; k < end; k++) {
        dx[row + j + k * step] += workspace[from + k];
      }
    }
  }

  /** Rows are short: the loop that C2 vectorises by itself would spend them in its prologue. */
  private static void addRow(float[] from, int fromOffset, float[] to, int toOffset, int count) {
    int k = 0;
    for (; k <= count - RegisterTile.LANES; k += RegisterTile.LANES) {
      FloatVector.fromArray(RegisterTile.SPECIES, to, toOffset + k)
          .add(FloatVector.fromArray(RegisterTile.SPECIES, from, fromOffset + k))
          .intoArray(to, toOffset + k);
    }
    for (; k < count; k++) {
      to[toOffset + k] += from[fromOffset + k];
    }
  }
}
