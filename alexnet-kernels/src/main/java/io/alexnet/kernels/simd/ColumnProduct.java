package io.alexnet.kernels.simd;

import io.alexnet.kernels.ConvAlgorithm;
import io.alexnet.kernels.PreparedWeights;
import io.alexnet.kernels.ThreadTeam;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Weights times {@link ImageColumns}: one matrix product for each group, whose right-hand side is
 * packed in cache from the images and whose result goes to output planes, to all their pixels or to
 * every few of them. Forward convolution is one such product, backward-data one for each phase of
 * the stride.
 *
 * <p>The weights are packed once for all pieces. A piece is a block of columns, of one group and
 * with all rows unless there are too few columns; it goes through the depth in blocks, packs the
 * panels of a block and multiplies them by every tile of weights.
 */
final class ColumnProduct implements ThreadTeam.Task {

  /**
   * Where a product finds its weights: index = group·groupStep + row·rowStep + channel·channelStep
   * + taps[tap].
   */
  record WeightOrder(int groupStep, int rowStep, int channelStep, int[] taps) {

    /** Whether the weights of a row follow one another as the columns' rows do. */
    boolean contiguous(int length) {
      return length > 0
          && channelStep == taps.length
          && IntStream.range(0, taps.length).allMatch(i -> taps[i] == i);
    }
  }

  /**
   * The output pixels that a product writes.
   *
   * @param first index in a plane of the product's pixel (0, 0)
   * @param rowStep floats from one of its rows to the next
   * @param runLength pixels after which the step changes: a row's or, of a whole plane, all
   */
  record Target(int planeLength, int first, int rowStep, int columnStep, int runLength) {}

  private final ImageColumns columns;
  private final WeightOrder order;
  private final Target target;
  private final int batch;
  private final int groups;
  private final int rows;
  private final int paddedRows;
  private final int imageStep;
  private final int groupStep;
  private final int panelsPerPiece;
  private final int columnPieces;
  private final int rowsPerPiece;
  private final int rowPieces;
  private final int depthBlock;
  private final int tileWeights;
  private final boolean rowsContiguous;
  private final int images;
  private final PreparedWeights prepared;
  private final ThreadTeam.Task packWeights = this::packWeights;

  private ImageColumns.Runs[] runs = {};

  /** Packed weights and biases if they stay from run to run, from the first run on; else null. */
  private float[] kept;

  /** Where packed weights and biases are: kept, or the beginning of the workspace. */
  private float[] left;

  private float[] workspace;
  private float[] source;
  private int sourceOffset;
  private float[] weights;
  private int weightsOffset;
  private float[] bias;
  private int biasOffset;
  private float[] result;
  private int resultOffset;

  /**
   * @param rows of the weights in a group, which is also the group's output planes
   * @param imageStep floats from one source image to the next, all groups together
   * @param prepared where weights and biases are kept if those of the first run are those of all
   *     runs; else null
   */
  ColumnProduct(
      ImageColumns columns,
      WeightOrder order,
      Target target,
      int batch,
      int groups,
      int rows,
      int imageStep,
      PreparedWeights prepared) {
    this.columns = columns;
    this.order = order;
    this.target = target;
    this.batch = batch;
    this.groups = groups;
    this.rows = rows;
    this.imageStep = imageStep;
    this.prepared = prepared;
    groupStep = imageStep / groups;
    paddedRows = Rounding.roundUp(rows, RegisterTile.ROWS);
    int panels = Rounding.ceilDiv(batch * columns.pixels, RegisterTile.COLUMNS);
    panelsPerPiece = Math.max(1, Math.min(BlockSizes.PANELS, groups * panels / BlockSizes.PIECES));
    columnPieces = Rounding.ceilDiv(panels, panelsPerPiece);
    int rowTiles = paddedRows / RegisterTile.ROWS;
    int wantedRowPieces = Math.min(rowTiles, BlockSizes.PIECES / (groups * columnPieces));
    rowsPerPiece = Rounding.ceilDiv(rowTiles, Math.max(1, wantedRowPieces)) * RegisterTile.ROWS;
    rowPieces = Rounding.ceilDiv(paddedRows, rowsPerPiece);
    int depthBlocks = Math.max(1, Rounding.ceilDiv(columns.rows, BlockSizes.DEPTH));
    depthBlock = Rounding.roundUp(Rounding.ceilDiv(columns.rows, depthBlocks), RegisterTile.LANES);
    tileWeights = BlockTile.blocks(columns.rows);
    rowsContiguous = order.contiguous(columns.rows);
    columns.copyFor(panelsPerPiece * RegisterTile.COLUMNS);
    images = Math.min(batch, columns.imagesUnder(panelsPerPiece * RegisterTile.COLUMNS));
  }

  int workspace(int threads) {
    return Math.toIntExact(firstSlice() + (long) threads * perWorker());
  }

  private long packedBias() {
    return CacheLines.FIRST + (long) groups * (paddedRows / RegisterTile.ROWS) * tileWeights;
  }

  private long packed() {
    return packedBias() + (long) groups * paddedRows * RegisterTile.COLUMNS;
  }

  /** Where the workers' parts of the workspace begin. */
  private long firstSlice() {
    return prepared != null ? CacheLines.FIRST : packed();
  }

  private long perWorker() {
    return padded() + panels() + (long) panelsPerPiece * rowsPerPiece * RegisterTile.COLUMNS;
  }

  private long padded() {
    return CacheLines.whole((long) images * columns.imageLength() + RegisterTile.LANES);
  }

  private long panels() {
    return CacheLines.whole(
        (long) panelsPerPiece * depthBlock * RegisterTile.COLUMNS + RegisterTile.LANES);
  }

  /**
   * @param bias one for each row of each group, or null
   */
  void run(
      ThreadTeam team,
      float[] workspace,
      float[] source,
      int sourceOffset,
      float[] weights,
      int weightsOffset,
      float[] bias,
      int biasOffset,
      float[] result,
      int resultOffset) {
    this.workspace = workspace;
    this.source = source;
    this.sourceOffset = sourceOffset;
    this.weights = weights;
    this.weightsOffset = weightsOffset;
    this.bias = bias;
    this.biasOffset = biasOffset;
    this.result = result;
    this.resultOffset = resultOffset;
    if (runs.length < team.size()) {
      runs = new ImageColumns.Runs[team.size()];
      Arrays.setAll(runs, i -> new ImageColumns.Runs());
    }
    if (kept == null) {
      pack(team);
    }
    team.run(groups * rowPieces * columnPieces, this);
  }

  private void pack(ThreadTeam team) {
    int tiles = groups * paddedRows / RegisterTile.ROWS;
    if (prepared == null) {
      left = workspace;
      team.run(tiles, packWeights);
      return;
    }
    kept =
        prepared.get(
            ConvAlgorithm.IMPLICIT_GEMM,
            Math.toIntExact(packed()),
            array -> {
              left = array;
              team.run(tiles, packWeights);
            });
    left = kept;
  }

  /** One tile of rows in {@link BlockTile}'s blocks; rows beyond the last are zero. */
  private void packWeights(int piece, int worker) {
    int tileRows = RegisterTile.ROWS;
    int group = piece / (paddedRows / tileRows);
    int firstRow = piece % (paddedRows / tileRows) * tileRows;
    int first = CacheLines.FIRST + piece * tileWeights;
    int packedBias = (int) packedBias() + piece * tileRows * RegisterTile.COLUMNS;
    if (firstRow + tileRows > rows) {
      Arrays.fill(left, first, first + tileWeights, 0f);
    }
    for (int i = 0; i < tileRows; i++) {
      int row = firstRow + i;
      if (row < rows) {
        int from = weightsOffset + group * order.groupStep() + row * order.rowStep();
        packRow(from, first + i * RegisterTile.LANES);
      }
      Arrays.fill(
          left,
          packedBias + i * RegisterTile.COLUMNS,
          packedBias + (i + 1) * RegisterTile.COLUMNS,
          bias != null && row < rows ? bias[biasOffset + group * rows + row] : 0f);
    }
  }

  private void packRow(int from, int to) {
    if (rowsContiguous) {
      Panels.blockRow(weights, from, columns.rows, left, to);
      return;
    }
    int[] taps = order.taps();
    int term = 0;
    for (int channel = from; term < columns.rows; channel += order.channelStep()) {
      for (int tap : taps) {
        int lane = term % RegisterTile.LANES;
        left[to + (term - lane) * RegisterTile.ROWS + lane] = weights[channel + tap];
        term++;
      }
    }
  }

  @Override
  public void run(int piece, int worker) {
    int group = piece / (rowPieces * columnPieces);
    int firstRow = piece / columnPieces % rowPieces * rowsPerPiece;
    int endRow = Math.min(paddedRows, firstRow + rowsPerPiece);
    int first = piece % columnPieces * panelsPerPiece * RegisterTile.COLUMNS;
    int end = Math.min(batch * columns.pixels, first + panelsPerPiece * RegisterTile.COLUMNS);
    int firstImage = first / columns.pixels;
    int origin = firstImage * columns.pixels;

    int padded = (int) (firstSlice() + worker * perWorker());
    int panels = (int) (padded + padded());
    int tiles = (int) (panels + panels());
    for (int image = firstImage; image * columns.pixels < end; image++) {
      int imageStart = image * columns.pixels;
      columns.copyPadded(
          source,
          sourceOffset + image * imageStep + group * groupStep,
          Math.max(0, first - imageStart),
          Math.min(columns.pixels, end - imageStart),
          workspace,
          padded + (image - firstImage) * columns.imageLength());
    }
    int depth = 0;
    do {
      int count = Math.min(depthBlock, columns.rows - depth);
      for (int column = first; column < end; column += RegisterTile.COLUMNS) {
        int panel = (column - first) * depthBlock;
        columns.findRuns(
            column - origin,
            Math.min(RegisterTile.COLUMNS, end - column),
            first - origin,
            runs[worker]);
        columns.pack(workspace, padded, runs[worker], depth, count, workspace, panels + panel);
      }
      multiply(group, firstRow, endRow, end - first, depth, count, panels, tiles);
      depth += depthBlock;
    } while (depth < columns.rows);
    for (int column = first; column < end; column += RegisterTile.COLUMNS) {
      int tile = tiles + (column - first) * (endRow - firstRow);
      int endColumn = Math.min(end, column + RegisterTile.COLUMNS);
      unpack(group, firstRow, Math.min(rows, endRow), column, endColumn, tile);
    }
  }

  /** A tile of weights stays in the first-level cache while it meets all panels. */
  private void multiply(
      int group,
      int firstRow,
      int endRow,
      int columnCount,
      int depth,
      int count,
      int panels,
      int tiles) {
    int weightsOfGroup = CacheLines.FIRST + group * (paddedRows / RegisterTile.ROWS) * tileWeights;
    int biasOfGroup = (int) packedBias() + group * paddedRows * RegisterTile.COLUMNS;
    for (int row = firstRow; row < endRow; row += RegisterTile.ROWS) {
      int a = weightsOfGroup + row / RegisterTile.ROWS * tileWeights + depth * RegisterTile.ROWS;
      for (int column = 0; column < columnCount; column += RegisterTile.COLUMNS) {
        int tile = tiles + column * (endRow - firstRow) + (row - firstRow) * RegisterTile.COLUMNS;
        int vectors =
            Math.min(
                RegisterTile.VECTORS, Rounding.ceilDiv(columnCount - column, RegisterTile.LANES));
        BlockTile.multiply(
            vectors,
            count,
            left,
            a,
            workspace,
            panels + column * depthBlock,
            depth == 0 ? left : workspace,
            depth == 0 ? biasOfGroup + row * RegisterTile.COLUMNS : tile,
            RegisterTile.COLUMNS,
            workspace,
            tile,
            RegisterTile.COLUMNS);
      }
    }
  }

  /** Copies a panel's results to where they belong, in runs over which they stay in step. */
  private void unpack(int group, int firstRow, int endRow, int column, int endColumn, int tile) {
    while (column < endColumn) {
      int image = column / columns.pixels;
      int pixel = column % columns.pixels;
      int length = Math.min(endColumn - column, target.runLength() - pixel % target.runLength());
      int to =
          resultOffset
              + ((image * groups + group) * rows + firstRow) * target.planeLength()
              + target.first()
              + pixel / columns.outWidth * target.rowStep()
              + pixel % columns.outWidth * target.columnStep();
      for (int row = firstRow, from = tile; row < endRow; row++) {
        if (target.columnStep() == 1) {
          System.arraycopy(workspace, from, result, to, length);
        } else {
          for (int i = 0; i < length; i++) {
            result[to + i * target.columnStep()] = workspace[from + i];
          }
        }
        from += RegisterTile.COLUMNS;
        to += target.planeLength();
      }
      tile += length;
      column += length;
    }
  }
}
