package io.alexnet.kernels.simd;

import io.alexnet.kernels.ConvAlgorithm;
import io.alexnet.kernels.ConvShape;
import io.alexnet.kernels.Convolution;
import io.alexnet.kernels.ThreadTeam;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * The gradient with respect to the weights as a matrix product for each group: dy, filters ×
 * pixels, times the transposed columns of the images, pixels × taps. One more column of ones beside
 * the taps sums dy itself, the gradient of the bias.
 *
 * <p>A piece owns a block of filters × taps and, where there are few such blocks, a part of the
 * images. It brings what it needs of each image into the order that packing needs, multiplies a
 * stretch of pixels after the other, and adds the image's sums to its total: all of that stays in
 * the core's own caches. Which pixels are added in which order depends on the shape alone, and
 * adding image by image keeps the rounding error far below that of one long sum. Of a large image
 * it copies some rows at a time, which changes no sum.
 */
final class ImplicitGemmBackwardWeights extends SimdConvolution
    implements Convolution.BackwardWeights, ThreadTeam.Task {

  private static final int ROWS = RegisterTile.ROWS;
  private static final int COLUMNS = RegisterTile.COLUMNS;
  private static final int LANES = RegisterTile.LANES;
  private static final int TILE = ROWS * COLUMNS;

  private final ImageTaps images;
  private final int taps;
  private final int tiles;
  private final int tilesPerPiece;
  private final int tilePieces;
  private final int panels;
  private final int panelsPerPiece;
  private final int panelPieces;
  private final int imageParts;

  /** Images whose pixels make one sum: several where the planes are small. */
  private final int imagesPerSum;

  /** Images that are copied at a time: those of a sum, but fewer if they are large. */
  private final int imagesPerCopy;

  /** Blocks of channels that a piece's taps belong to, at most. */
  private final int blocksPerPiece;

  private final ThreadTeam.Task unpack = this::unpack;

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

  ImplicitGemmBackwardWeights(ConvShape shape) {
    this(shape, BlockSizes.COPIED);
  }

  /**
   * @param copied floats of images that a worker copies at a time, at most, unless a single row of
   *     output pixels needs more
   */
  ImplicitGemmBackwardWeights(ConvShape shape, int copied) {
    super(shape, ConvAlgorithm.IMPLICIT_GEMM);
    taps = shape.weightsPerFilter();
    tiles = Rounding.ceilDiv(shape.filtersPerGroup(), ROWS);
    panels = taps / COLUMNS + 1;
    images = new ImageTaps(shape, panels);

    tilesPerPiece = Rounding.ceilDiv(tiles, Rounding.ceilDiv(tiles, BlockSizes.FILTER_TILES));
    tilePieces = Rounding.ceilDiv(tiles, tilesPerPiece);
    int rowPieces = shape.groups() * tilePieces;
    int fewest = Rounding.ceilDiv(panels, BlockSizes.TAP_PANELS);
    imageParts = Math.min(shape.batch(), Rounding.ceilDiv(BlockSizes.PIECES, rowPieces * fewest));
    int wanted = Math.max(fewest, Rounding.ceilDiv(BlockSizes.PIECES, rowPieces * imageParts));
    panelsPerPiece = Rounding.ceilDiv(panels, Math.min(panels, wanted));
    panelPieces = Rounding.ceilDiv(panels, panelsPerPiece);
    int imagesPerPart = Rounding.ceilDiv(shape.batch(), imageParts);
    imagesPerSum = Math.max(1, Math.min(imagesPerPart, 4 * BlockSizes.PIXELS / images.pixels));
    int most = 0;
    for (int panel = 0; panel < panels; panel += panelsPerPiece) {
      most = Math.max(most, endBlock(panel) - firstBlock(panel));
    }
    blocksPerPiece = most;
    images.copyFor(blocksPerPiece, copied);
    boolean whole = images.outRows() == shape.outHeight();
    long fitting = whole ? copied / ((long) blocksPerPiece * images.blockLength()) : 1;
    imagesPerCopy = (int) Math.max(1, Math.min(imagesPerSum, fitting));
  }

  private int firstBlock(int firstPanel) {
    return images.blockOf(Math.min(taps - 1, firstPanel * COLUMNS));
  }

  private int endBlock(int firstPanel) {
    return images.blockOf(Math.min(taps, (firstPanel + panelsPerPiece) * COLUMNS) - 1) + 1;
  }

  @Override
  public int workspace(int threads) {
    return Math.toIntExact(shared() + (long) threads * perWorker());
  }

  /** The workspace begins with the totals, [part of the images][group][tile][panel]. */
  private int total(int part, int group, int tile, int panel) {
    return CacheLines.FIRST
        + (((part * shape.groups() + group) * tiles + tile) * panels + panel) * TILE;
  }

  private long shared() {
    return CacheLines.FIRST + (long) imageParts * shape.groups() * tiles * panels * TILE;
  }

  /**
   * A worker's slice: the sums of its tiles, a panel of taps, blocks of dy, a row of dy, images.
   */
  private long perWorker() {
    return (long) tilesPerPiece * panelsPerPiece * TILE
        + panel()
        + (long) tilesPerPiece * gradientTile()
        + BlockSizes.PIXELS
        + CacheLines.whole((long) imagesPerCopy * blocksPerPiece * images.blockLength() + LANES);
  }

  private static int panel() {
    return (int) CacheLines.whole((long) BlockSizes.PIXELS * COLUMNS + LANES);
  }

  private static int gradientTile() {
    return BlockTile.blocks(BlockSizes.PIXELS);
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
    team.run(imageParts * shape.groups() * tilePieces * panelPieces, this);
    team.run(shape.groups() * tiles, unpack);
  }

  @Override
  public void run(int piece, int worker) {
    int firstPanel = piece % panelPieces * panelsPerPiece;
    int endPanel = Math.min(panels, firstPanel + panelsPerPiece);
    int firstTile = piece / panelPieces % tilePieces * tilesPerPiece;
    int endTile = Math.min(tiles, firstTile + tilesPerPiece);
    int group = piece / (panelPieces * tilePieces) % shape.groups();
    int part = piece / (panelPieces * tilePieces * shape.groups());
    int firstImage = (int) ((long) shape.batch() * part / imageParts);
    int endImage = (int) ((long) shape.batch() * (part + 1) / imageParts);

    int sums = sums(worker);
    for (int image = firstImage; image < endImage; image += imagesPerSum) {
      int endOfSum = Math.min(endImage, image + imagesPerSum);
      for (int first = image; first < endOfSum; first += imagesPerCopy) {
        int count = Math.min(imagesPerCopy, endOfSum - first);
        for (int row = 0; row < shape.outHeight(); row += images.outRows()) {
          copy(group, first, count, row, firstPanel, worker);
          boolean begins = first == image && row == 0;
          addCopy(
              group, first, count, row, firstTile, endTile, firstPanel, endPanel, begins, worker);
        }
      }
      for (int tile = firstTile; tile < endTile; tile++) {
        int length = (endPanel - firstPanel) * TILE;
        int sum = sums + (tile - firstTile) * panelsPerPiece * TILE;
        int total = total(part, group, tile, firstPanel);
        if (image == firstImage) {
          System.arraycopy(workspace, sum, workspace, total, length);
        } else {
          add(workspace, sum, workspace, total, length);
        }
      }
    }
  }

  private int sums(int worker) {
    return (int) (shared() + worker * perWorker());
  }

  private int packed(int worker) {
    return sums(worker) + tilesPerPiece * panelsPerPiece * TILE;
  }

  private int gradients(int worker) {
    return packed(worker) + panel();
  }

  private int gradientRow(int worker) {
    return gradients(worker) + tilesPerPiece * gradientTile();
  }

  /** Where a worker's copies would begin if they began with block 0. */
  private int padded(int firstPanel, int worker) {
    int firstBlock = firstBlock(firstPanel);
    return gradientRow(worker) + BlockSizes.PIXELS - firstBlock * images.blockLength();
  }

  private int imageStep() {
    return blocksPerPiece * images.blockLength();
  }

  /**
   * @param row the first row of output pixels that the copies are for
   */
  private void copy(int group, int image, int count, int row, int firstPanel, int worker) {
    int padded = padded(firstPanel, worker);
    for (int i = 0; i < count; i++) {
      int channel = (image + i) * shape.channels() + group * shape.channelsPerGroup();
      images.copyPadded(
          x,
          xOffset + channel * shape.height() * shape.width(),
          row,
          firstBlock(firstPanel),
          endBlock(firstPanel),
          workspace,
          padded + i * imageStep());
    }
  }

  /**
   * Adds the pixels that there are copies for to the sums of a piece.
   *
   * @param begins whether the sums begin with them
   */
  private void addCopy(
      int group,
      int image,
      int count,
      int row,
      int firstTile,
      int endTile,
      int firstPanel,
      int endPanel,
      boolean begins,
      int worker) {
    int sums = sums(worker);
    int packed = packed(worker);
    int gradients = gradients(worker);
    int padded = padded(firstPanel, worker) - images.rowOffset(row);
    int filter = image * shape.filters() + group * shape.filtersPerGroup();
    int firstPixel = row * shape.outWidth();
    int endRow = Math.min(shape.outHeight(), row + images.outRows());
    int endPixel = (count - 1) * images.pixels + endRow * shape.outWidth();
    for (int pixel = firstPixel; pixel < endPixel; pixel += BlockSizes.PIXELS) {
      int depth = Math.min(BlockSizes.PIXELS, endPixel - pixel);
      for (int tile = firstTile; tile < endTile; tile++) {
        int to = gradients + (tile - firstTile) * gradientTile();
        packGradients(filter, tile, pixel, depth, gradientRow(worker), to);
      }
      boolean zero = begins && pixel == firstPixel;
      for (int panel = firstPanel; panel < endPanel; panel++) {
        images.pack(workspace, padded, imageStep(), panel, pixel, depth, workspace, packed);
        if (panel == panels - 1) {
          for (int i = 0; i < depth; i++) {
            workspace[packed + i * COLUMNS + taps % COLUMNS] = 1f;
          }
        }
        int vectors =
            Math.min(RegisterTile.VECTORS, Rounding.ceilDiv(taps + 1 - panel * COLUMNS, LANES));
        for (int tile = firstTile; tile < endTile; tile++) {
          int sum = sums + ((tile - firstTile) * panelsPerPiece + panel - firstPanel) * TILE;
          BlockTile.multiply(
              vectors,
              depth,
              workspace,
              gradients + (tile - firstTile) * gradientTile(),
              workspace,
              packed,
              zero ? RegisterTile.ZEROS : workspace,
              zero ? 0 : sum,
              zero ? 0 : COLUMNS,
              workspace,
              sum,
              COLUMNS);
        }
      }
    }
  }

  /**
   * One tile of filters in {@link BlockTile}'s blocks; rows beyond the last filter are zero.
   *
   * @param filter the group's first, counted through all images
   * @param pixel the first, counted from that filter's image
   */
  private void packGradients(int filter, int tile, int pixel, int depth, int row, int to) {
    int filters = Math.min(ROWS, shape.filtersPerGroup() - tile * ROWS);
    if (filters < ROWS) {
      Arrays.fill(workspace, to, to + gradientTile(), 0f);
    }
    int image = pixel / images.pixels;
    int first = pixel % images.pixels;
    for (int i = 0; i < filters; i++) {
      int plane = filter + image * shape.filters() + tile * ROWS + i;
      int from = dyOffset + plane * images.pixels + first;
      if (first + depth <= images.pixels) {
        Panels.blockRow(dy, from, depth, workspace, to + i * LANES);
      } else {
        int nextImage = (shape.filters() - 1) * images.pixels;
        int length = images.pixels - first;
        for (int p = 0; p < depth; p += length, length = images.pixels) {
          length = Math.min(length, depth - p);
          System.arraycopy(dy, from, workspace, row + p, length);
          from += length + nextImage;
        }
        Panels.blockRow(workspace, row, depth, workspace, to + i * LANES);
      }
    }
  }

  /** to[i] += from[i] for a whole number of vectors. */
  private static void add(float[] from, int fromOffset, float[] to, int toOffset, int length) {
    for (int i = 0; i < length; i += LANES) {
      FloatVector.fromArray(RegisterTile.SPECIES, to, toOffset + i)
          .add(FloatVector.fromArray(RegisterTile.SPECIES, from, fromOffset + i))
          .intoArray(to, toOffset + i);
    }
  }

  /** Adds up the parts of the images for one tile of filters and puts the sums in their places. */
  private void unpack(int piece, int worker) {
    int group = piece / tiles;
    int tile = piece % tiles;
    int total = total(0, group, tile, 0);
    for (int part = 1; part < imageParts; part++) {
      add(workspace, total(part, group, tile, 0), workspace, total, panels * TILE);
    }
    int filters = Math.min(ROWS, shape.filtersPerGroup() - tile * ROWS);
    for (int i = 0; i < filters; i++) {
      int filter = group * shape.filtersPerGroup() + tile * ROWS + i;
      for (int panel = 0; panel < panels; panel++) {
        int first = panel * COLUMNS;
        int from = total + panel * TILE + i * COLUMNS;
        put(from, first, Math.min(taps, first + COLUMNS), dWeightsOffset + filter * taps);
      }
      if (dBias != null) {
        float sum = workspace[total + (panels - 1) * TILE + i * COLUMNS + taps % COLUMNS];
        float kept = accumulate ? dBias[dBiasOffset + filter] : 0f;
        dBias[dBiasOffset + filter] = kept + sum;
      }
    }
  }

  private void put(int from, int firstTap, int endTap, int to) {
    int[] weightOf = images.weightOf;
    for (int k = firstTap; k < endTap; k++) {
      int weight = to + weightOf[k];
      float kept = accumulate ? dWeights[weight] : 0f;
      dWeights[weight] = kept + workspace[from + k - firstTap];
    }
  }
}
