package io.alexnet.kernels.simd;

import io.alexnet.kernels.ConvAlgorithm;
import io.alexnet.kernels.ConvShape;
import io.alexnet.kernels.Convolution;
import io.alexnet.kernels.ThreadTeam;
import jdk.incubator.vector.FloatVector;

/**
 * The gradient with respect to the weights as a matrix product for each group: the transposed
 * columns of the images, taps × pixels, times the transposed dy, pixels × filters. One more row of
 * ones beside the taps sums dy itself, the gradient of the bias.
 *
 * <p>The batch is taken in blocks of images: first the block's images and gradients are brought
 * into the order that packing needs, then each piece, which owns a block of taps × filters, takes
 * in all pixels of the block and adds its sums to the total. Which pixels are added in which order
 * depends on the shape alone, and adding block by block keeps the rounding error far below that of
 * one long sum.
 */
final class ImplicitGemmBackwardWeights implements Convolution.BackwardWeights, ThreadTeam.Task {

  private static final int ROWS = RegisterTile.ROWS;
  private static final int COLUMNS = RegisterTile.COLUMNS;
  private static final int LANES = RegisterTile.LANES;
  private static final int TILE = ROWS * COLUMNS;

  /** Pixels transposed at a time, so that the lines written to stay in the first-level cache. */
  private static final int TRANSPOSED = 64;

  private final ConvShape shape;
  private final ChannelLastImages images;
  private final int taps;
  private final int tiles;
  private final int tilesPerPiece;
  private final int tilePieces;
  private final int panels;
  private final int panelsPerPiece;
  private final int panelPieces;
  private final int imagesPerBlock;
  private final ThreadTeam.Task arrange = this::arrange;

  private float[] workspace;
  private float[] x;
  private int xOffset;
  private float[] dy;
  private int dyOffset;
  private float[] dWeights;
  private int dWeightsOffset;
  private float[] dBias;
  private int dBiasOffset;
  private boolean accumulate;
  private int firstImage;
  private int endImage;

  ImplicitGemmBackwardWeights(ConvShape shape) {
    this.shape = shape;
    taps = shape.weightsPerFilter();
    tiles = taps / ROWS + 1;
    images = new ChannelLastImages(shape, tiles);
    panels = ceilDiv(shape.filtersPerGroup(), COLUMNS);
    int wantedPieces = ceilDiv(BlockSizes.PIECES, shape.groups());
    tilesPerPiece = Math.max(1, Math.min(BlockSizes.TAP_TILES, tiles / wantedPieces));
    tilePieces = ceilDiv(tiles, tilesPerPiece);
    panelsPerPiece = ceilDiv(panels, Math.min(panels, ceilDiv(wantedPieces, tilePieces)));
    panelPieces = ceilDiv(panels, panelsPerPiece);
    long imageFloats = (long) shape.groups() * (images.imageLength + imageGradient());
    imagesPerBlock = (int) Math.max(1, Math.min(shape.batch(), BlockSizes.IMAGES / imageFloats));
  }

  private static int ceilDiv(int a, int b) {
    return (a + b - 1) / b;
  }

  /** Floats of the transposed gradient of one image and group. */
  private int imageGradient() {
    return panels * images.pixels * COLUMNS;
  }

  @Override
  public ConvShape shape() {
    return shape;
  }

  @Override
  public ConvAlgorithm algorithm() {
    return ConvAlgorithm.IMPLICIT_GEMM;
  }

  @Override
  public int workspace(int threads) {
    return Math.toIntExact(shared() + (long) threads * perWorker());
  }

  /** The workspace begins with the totals, [group][tile][panel]. */
  private int total(int group, int tile, int panel) {
    return CacheLines.FIRST + ((group * tiles + tile) * panels + panel) * TILE;
  }

  /** Then come the padded images of a block, [group][image]. */
  private int padded(int group, int image) {
    return total(shape.groups(), 0, 0) + (group * imagesPerBlock + image) * images.imageLength;
  }

  /** Then the transposed gradients, [group][panel][image][pixel][filter]. */
  private int gradients(int group, int panel, int image) {
    int blockPixels = imagesPerBlock * images.pixels;
    int paddedImages = shape.groups() * imagesPerBlock * images.imageLength;
    return total(shape.groups(), 0, 0)
        + (int) CacheLines.whole(paddedImages + ChannelLastImages.SLACK)
        + ((group * panels + panel) * blockPixels + image * images.pixels) * COLUMNS;
  }

  private long shared() {
    long blockImages = (long) shape.groups() * imagesPerBlock;
    return total(shape.groups(), 0, 0)
        + CacheLines.whole(blockImages * images.imageLength + ChannelLastImages.SLACK)
        + blockImages * imageGradient();
  }

  private int packed() {
    return (int)
        CacheLines.whole(tilesPerPiece * BlockSizes.DEPTH * ROWS + ChannelLastImages.SLACK);
  }

  private int perWorker() {
    return packed() + tilesPerPiece * panelsPerPiece * TILE;
  }

  @Override
  public void run(
      ThreadTeam team,
      float[] workspace,
      float[] x,
      int xOffset,
      float[] dy,
      int dyOffset,
      float[] dWeights,
      int dWeightsOffset,
      float[] dBias,
      int dBiasOffset,
      boolean accumulate) {
    this.workspace = workspace;
    this.x = x;
    this.xOffset = xOffset;
    this.dy = dy;
    this.dyOffset = dyOffset;
    this.dWeights = dWeights;
    this.dWeightsOffset = dWeightsOffset;
    this.dBias = dBias;
    this.dBiasOffset = dBiasOffset;
    this.accumulate = accumulate;
    for (firstImage = 0; firstImage < shape.batch(); firstImage = endImage) {
      endImage = Math.min(shape.batch(), firstImage + imagesPerBlock);
      team.run((endImage - firstImage) * shape.groups() * (1 + panels), arrange);
      team.run(shape.groups() * tilePieces * panelPieces, this);
    }
  }

  /** Copies one image of one group or transposes one panel of its gradient. */
  private void arrange(int piece, int worker) {
    int part = piece % (1 + panels);
    int group = piece / (1 + panels) % shape.groups();
    int image = piece / (1 + panels) / shape.groups();
    if (part == panels) {
      int channel = (firstImage + image) * shape.channels() + group * shape.channelsPerGroup();
      images.copyPadded(
          x, xOffset + channel * shape.height() * shape.width(), workspace, padded(group, image));
    } else {
      int filters = Math.min(COLUMNS, shape.filtersPerGroup() - part * COLUMNS);
      int plane =
          (firstImage + image) * shape.filters() + group * shape.filtersPerGroup() + part * COLUMNS;
      int from = dyOffset + plane * images.pixels;
      int to = gradients(group, part, image);
      for (int pixel = 0; pixel < images.pixels; pixel += TRANSPOSED) {
        Panels.transpose(
            dy,
            from + pixel,
            images.pixels,
            filters,
            Math.min(TRANSPOSED, images.pixels - pixel),
            workspace,
            to + pixel * COLUMNS,
            COLUMNS);
      }
    }
  }

  @Override
  public void run(int piece, int worker) {
    int group = piece / (tilePieces * panelPieces);
    int firstTile = piece / panelPieces % tilePieces * tilesPerPiece;
    int endTile = Math.min(tiles, firstTile + tilesPerPiece);
    int firstPanel = piece % panelPieces * panelsPerPiece;
    int endPanel = Math.min(panels, firstPanel + panelsPerPiece);
    int packed = (int) (shared() + (long) worker * perWorker());
    int sums = packed + packed();

    int pixels = (endImage - firstImage) * images.pixels;
    int depth = ceilDiv(pixels, ceilDiv(pixels, BlockSizes.DEPTH));
    for (int pixel = 0; pixel < pixels; pixel += depth) {
      int count = Math.min(depth, pixels - pixel);
      for (int tile = firstTile; tile < endTile; tile++) {
        int to = packed + (tile - firstTile) * depth * ROWS;
        images.pack(workspace, padded(group, 0), tile, pixel, count, workspace, to);
      }
      if (endTile == tiles) {
        int ones = packed + (tiles - 1 - firstTile) * depth * ROWS + taps % ROWS;
        for (int i = 0; i < count; i++) {
          workspace[ones + i * ROWS] = 1f;
        }
      }
      for (int panel = firstPanel; panel < endPanel; panel++) {
        int vectors = ceilDiv(Math.min(COLUMNS, shape.filtersPerGroup() - panel * COLUMNS), LANES);
        for (int tile = firstTile; tile < endTile; tile++) {
          int sum = sums + ((tile - firstTile) * panelsPerPiece + panel - firstPanel) * TILE;
          RegisterTile.multiply(
              vectors,
              count,
              workspace,
              packed + (tile - firstTile) * depth * ROWS,
              ROWS,
              workspace,
              gradients(group, panel, 0) + pixel * COLUMNS,
              pixel == 0 ? RegisterTile.ZEROS : workspace,
              pixel == 0 ? 0 : sum,
              pixel == 0 ? 0 : COLUMNS,
              workspace,
              sum,
              COLUMNS);
        }
      }
    }
    for (int tile = firstTile; tile < endTile; tile++) {
      for (int panel = firstPanel; panel < endPanel; panel++) {
        int sum = sums + ((tile - firstTile) * panelsPerPiece + panel - firstPanel) * TILE;
        int total = total(group, tile, panel);
        if (firstImage == 0) {
          System.arraycopy(workspace, sum, workspace, total, TILE);
        } else {
          add(workspace, sum, total);
        }
        if (endImage == shape.batch()) {
          unpack(group, tile, panel, total);
        }
      }
    }
  }

  private static void add(float[] array, int from, int to) {
    for (int i = 0; i < TILE; i += LANES) {
      FloatVector.fromArray(RegisterTile.SPECIES, array, to + i)
          .add(FloatVector.fromArray(RegisterTile.SPECIES, array, from + i))
          .intoArray(array, to + i);
    }
  }

  private void unpack(int group, int tile, int panel, int total) {
    int filter = group * shape.filtersPerGroup() + panel * COLUMNS;
    int filters = Math.min(COLUMNS, shape.filtersPerGroup() - panel * COLUMNS);
    for (int k = tile * ROWS; k <= Math.min(taps, tile * ROWS + ROWS - 1); k++) {
      int from = total + (k - tile * ROWS) * COLUMNS;
      if (k < taps) {
        int to = dWeightsOffset + filter * taps + images.weightOf(k);
        put(from, filters, dWeights, to, taps);
      } else if (dBias != null) {
        put(from, filters, dBias, dBiasOffset + filter, 1);
      }
    }
  }

  private void put(int from, int count, float[] gradient, int to, int step) {
    for (int i = 0; i < count; i++) {
      float kept = accumulate ? gradient[to + i * step] : 0f;
      gradient[to + i * step] = kept + workspace[from + i];
    }
  }
}
