package io.alexnet.kernels.simd;

import io.alexnet.kernels.PreparedWeights;
import io.alexnet.kernels.ThreadTeam;

/**
 * Convolution of stride 1 by Winograd's minimal filtering in two dimensions, Y = Aᵀ[(G·g·Gᵀ) ⊙
 * (Bᵀ·x·B)]·A summed over the channels ({@link WinogradTransform}): samples, weights and sums are
 * matrices for each point, and in between stands one matrix product a point. Forward convolution is
 * one such product, backward-data another, of dy with the weights mirrored.
 *
 * <p>Lanes are channels: a vector of input channels becomes terms of {@link BlockTile}'s left
 * operand, a vector of output channels its columns, and the rows are the tiles of all images, so a
 * batch of any size fills them. The batch is taken in blocks of images; each goes through three
 * rounds: its samples are transformed, each point multiplied, its sums transformed back. So the
 * transformed weights of a point are read once a block, by all its images.
 */
final class WinogradProduct {

  private static final int LANES = RegisterTile.LANES;
  private static final int ROWS = RegisterTile.ROWS;
  private static final int COLUMNS = RegisterTile.COLUMNS;
  private static final int TILE = ROWS * COLUMNS;

  /** Between one point's matrix and the next, lest all of them fall on the same cache lines. */
  private static final int GAP = 3 * LANES;

  /** Input channels whose weights a piece transforms. */
  private static final int WEIGHT_CHANNELS = 32;

  private record Form(int pointsDown, int pointsAcross) {}

  private final ColumnProduct.WeightOrder order;
  private final WinogradTiles down;
  private final WinogradTiles across;
  private final int batch;
  private final int groups;
  private final int channels;
  private final int height;
  private final int width;
  private final int padTop;
  private final int padLeft;
  private final int filters;

  private final int points;
  private final int imagesPerBlock;
  private final int channelBlocks;
  private final int filterBlocks;
  private final int panels;
  private final int panelsPerPiece;
  private final int weightsPitch;
  private final int samplesPitch;
  private final int sumsPitch;
  private final int samples;
  private final int sums;
  private final int shared;
  private final int strip;
  private final int planesScratch;
  private final int slice;
  private final PreparedWeights prepared;

  /** The transformed weights depend on the batch and the image only by the tiles' points. */
  private final Form form;

  /** Floats of a group's transformed weights. */
  private final int transformed;

  private final ThreadTeam.Task transformWeights = this::transformWeights;
  private final ThreadTeam.Task transformSamples = this::transformSamples;
  private final ThreadTeam.Task multiply = this::multiply;
  private final ThreadTeam.Task transformSums = this::transformSums;

  /** Transformed weights of all groups if they stay, from the first run on; else null. */
  private float[] kept;

  /** Where the group's transformed weights are: kept, or the beginning of the workspace. */
  private float[] right;

  private int rightOffset;
  private float[] workspace;
  private float[] source;
  private int sourceOffset;
  private float[] weights;
  private int weightsOffset;
  private float[] bias;
  private int biasOffset;
  private float[] result;
  private int resultOffset;
  private int group;
  private int firstImage;
  private int images;

  /**
   * @param down tiles of the result's rows, and so its height
   * @param across tiles of its columns
   * @param channels of the source in a group, its planes of {@code height} × {@code width}
   * @param padTop rows of zeros above the source; negative to leave out rows
   * @param filters planes of the result in a group
   * @param prepared where the weights are kept if those of the first run are those of all runs;
   *     else null
   */
  WinogradProduct(
      ColumnProduct.WeightOrder order,
      WinogradTiles down,
      WinogradTiles across,
      int batch,
      int groups,
      int channels,
      int height,
      int width,
      int padTop,
      int padLeft,
      int filters,
      PreparedWeights prepared) {
    this.order = order;
    this.down = down;
    this.across = across;
    this.batch = batch;
    this.groups = groups;
    this.channels = channels;
    this.height = height;
    this.width = width;
    this.padTop = padTop;
    this.padLeft = padLeft;
    this.filters = filters;
    this.prepared = prepared;
    form = new Form(down.points(), across.points());
    points = down.points() * across.points();
    channelBlocks = Rounding.ceilDiv(channels, LANES);
    filterBlocks = Rounding.ceilDiv(filters, LANES);
    panels = Rounding.ceilDiv(filters, COLUMNS);
    panelsPerPiece = Math.max(1, Math.min(panels, BlockSizes.RIGHT / (channels * COLUMNS)));

    int tiles = down.tiles() * across.tiles();
    long imageFloats =
        (long) tiles * points * (BlockTile.blocks(channels) / ROWS + panels * COLUMNS);
    imagesPerBlock =
        imagesPerBlock(batch, imageFloats, (long) points * panels * COLUMNS * channels);
    int rowTiles = Rounding.ceilDiv(tiles * imagesPerBlock, ROWS);

    weightsPitch = panels * channels * COLUMNS + GAP;
    samplesPitch = rowTiles * BlockTile.blocks(channels) + GAP;
    sumsPitch = rowTiles * panels * TILE + GAP;
    transformed = Math.multiplyExact(points, weightsPitch);
    samples = CacheLines.FIRST + (prepared != null ? 0 : transformed);
    sums = Math.addExact(samples, Math.multiplyExact(points, samplesPitch));
    shared = Math.addExact(sums, Math.multiplyExact(points, sumsPitch));
    int plane = down.samples() * across.samples() * LANES;
    int stripLength = down.points() * across.samples() * LANES;
    strip = Math.max(plane, down.taps() * across.taps() * LANES);
    planesScratch = strip + stripLength;
    slice = planesScratch + WinogradPlanes.scratch(Math.max(width, across.outputs()));
  }

  /**
   * Images whose samples and sums are transformed at a time, in blocks as equal as can be.
   *
   * @param weights floats of all points' weights
   */
  static int imagesPerBlock(int batch, long imageFloats, long weights) {
    long floats = Math.max(BlockSizes.TRANSFORMED, BlockSizes.TRANSFORMED_FOR_WEIGHT * weights);
    long most = Math.max(1, Math.min(batch, floats / imageFloats));
    int blocks = (int) ((batch + most - 1) / most);
    return Rounding.ceilDiv(batch, blocks);
  }

  int workspace(int threads) {
    return Math.addExact(shared, Math.multiplyExact(threads, slice));
  }

  /**
   * @param bias one for each filter of each group, or null
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
    if (prepared == null) {
      right = workspace;
      rightOffset = CacheLines.FIRST;
    } else if (kept == null) {
      int floats = CacheLines.FIRST + Math.multiplyExact(groups, transformed);
      kept = prepared.get(form, floats, array -> prepare(team, array));
      right = kept;
    }
    for (group = 0; group < groups; group++) {
      if (prepared == null) {
        team.run(weightPieces(), transformWeights);
      } else {
        rightOffset = CacheLines.FIRST + group * transformed;
      }
      for (firstImage = 0; firstImage < batch; firstImage += imagesPerBlock) {
        images = Math.min(imagesPerBlock, batch - firstImage);
        int imageGroups = Rounding.ceilDiv(images, ROWS);
        team.run(imageGroups * channelBlocks, transformSamples);
        team.run(points * Rounding.ceilDiv(panels, panelsPerPiece), multiply);
        team.run(imageGroups * filterBlocks, transformSums);
      }
    }
  }

  /** Transforms the weights of all groups. */
  private void prepare(ThreadTeam team, float[] weightsOfAll) {
    right = weightsOfAll;
    for (group = 0; group < groups; group++) {
      rightOffset = CacheLines.FIRST + group * transformed;
      team.run(weightPieces(), transformWeights);
    }
  }

  private int weightPieces() {
    return filterBlocks * Rounding.ceilDiv(channels, WEIGHT_CHANNELS);
  }

  /** A vector of filters and some of their channels: U, [point][panel][channel][filter]. */
  private void transformWeights(int piece, int worker) {
    int filter = piece % filterBlocks * LANES;
    int first = piece / filterBlocks * WEIGHT_CHANNELS;
    int end = Math.min(channels, first + WEIGHT_CHANNELS);
    int window = shared + worker * slice;
    int rows = window + strip;
    int tapsDown = down.taps();
    int tapsAcross = across.taps();
    for (int channel = first; channel < end; channel++) {
      loadWindows(filter, channel, window);
      WinogradTransform.evaluate(
          tapsDown,
          down.points(),
          tapsAcross,
          workspace,
          window,
          tapsAcross * LANES,
          LANES,
          workspace,
          rows,
          tapsAcross * LANES,
          LANES);
      int to = rightOffset + (filter / COLUMNS * channels + channel) * COLUMNS + filter % COLUMNS;
      WinogradTransform.evaluate(
          tapsAcross,
          across.points(),
          down.points(),
          workspace,
          rows,
          LANES,
          tapsAcross * LANES,
          right,
          to,
          weightsPitch,
          across.points() * weightsPitch);
    }
  }

  /** One channel's windows of a vector of filters, [tap][filter]; zeros beyond the last filter. */
  private void loadWindows(int filter, int channel, int window) {
    int[] taps = order.taps();
    int count = Math.min(LANES, filters - filter);
    int from =
        weightsOffset
            + group * order.groupStep()
            + filter * order.rowStep()
            + channel * order.channelStep();
    for (int l = 0; l < LANES; l++, from += order.rowStep()) {
      for (int tap = 0; tap < taps.length; tap++) {
        workspace[window + tap * LANES + l] = l < count ? weights[from + taps[tap]] : 0f;
      }
    }
  }

  /** A tile's rows of images and a vector of channels: V, in {@link BlockTile}'s blocks. */
  private void transformSamples(int piece, int worker) {
    int block = piece % channelBlocks;
    int first = piece / channelBlocks * ROWS;
    int end = Math.min(images, first + ROWS);
    int plane = shared + worker * slice;
    int rows = plane + strip;
    int pitch = across.samples() * LANES;
    for (int image = first; image < end; image++) {
      WinogradPlanes.load(
          source,
          sourceOffset + plane(image, channels, block * LANES) * height * width,
          Math.min(LANES, channels - block * LANES),
          height,
          width,
          padTop,
          padLeft,
          workspace,
          plane,
          down.samples(),
          across.samples(),
          plane + planesScratch);
      for (int i = 0; i < down.tiles(); i++) {
        WinogradTransform.interpolate(
            down.points(i),
            across.samples(),
            workspace,
            plane + down.start(i) * pitch,
            pitch,
            LANES,
            workspace,
            rows,
            pitch,
            LANES);
        for (int j = 0; j < across.tiles(); j++) {
          int row = (i * across.tiles() + j) * images + image;
          int to =
              samples
                  + row / ROWS * BlockTile.blocks(channels)
                  + (block * ROWS + row % ROWS) * LANES;
          WinogradTransform.interpolate(
              across.points(j),
              down.points(i),
              workspace,
              rows + across.start(j) * LANES,
              LANES,
              pitch,
              workspace,
              to,
              samplesPitch,
              across.points() * samplesPitch);
        }
      }
    }
  }

  /** M = V·U for one point and some panels of filters, for those tiles that have the point. */
  private void multiply(int piece, int worker) {
    int point = piece % points;
    int firstPanel = piece / points * panelsPerPiece;
    int endPanel = Math.min(panels, firstPanel + panelsPerPiece);
    int tilesDown = down.tilesWith(point / across.points());
    int tilesAcross = across.tilesWith(point % across.points());
    int blocks = BlockTile.blocks(channels);
    int done = 0;
    for (int i = 0; i < tilesDown; i++) {
      int firstRow = i * across.tiles() * images;
      int end = Rounding.ceilDiv(firstRow + tilesAcross * images, ROWS);
      for (int rowTile = Math.max(done, firstRow / ROWS); rowTile < end; rowTile++) {
        for (int panel = firstPanel; panel < endPanel; panel++) {
          BlockTile.multiply(
              Math.min(RegisterTile.VECTORS, filterBlocks - panel * RegisterTile.VECTORS),
              channels,
              workspace,
              samples + point * samplesPitch + rowTile * blocks,
              right,
              rightOffset + point * weightsPitch + panel * channels * COLUMNS,
              RegisterTile.ZEROS,
              0,
              0,
              workspace,
              sums + point * sumsPitch + (rowTile * panels + panel) * TILE,
              COLUMNS);
        }
      }
      done = end;
    }
  }

  /** A tile's rows of images and a vector of filters, back from M to planes. */
  private void transformSums(int piece, int worker) {
    int filter = piece % filterBlocks * LANES;
    int first = piece / filterBlocks * ROWS;
    int end = Math.min(images, first + ROWS);
    int plane = shared + worker * slice;
    int rows = plane + strip;
    int pitch = across.covered() * LANES;
    for (int image = first; image < end; image++) {
      for (int i = 0; i < down.tiles(); i++) {
        for (int j = 0; j < across.tiles(); j++) {
          int row = (i * across.tiles() + j) * images + image;
          int from =
              sums
                  + (row / ROWS * panels + filter / COLUMNS) * TILE
                  + row % ROWS * COLUMNS
                  + filter % COLUMNS;
          WinogradTransform.collect(
              across.points(j),
              across.size(j),
              down.points(i),
              workspace,
              from,
              sumsPitch,
              across.points() * sumsPitch,
              workspace,
              rows + across.start(j) * LANES,
              LANES,
              pitch);
        }
        WinogradTransform.collect(
            down.points(i),
            down.size(i),
            across.covered(),
            workspace,
            rows,
            pitch,
            LANES,
            workspace,
            plane + down.start(i) * pitch,
            pitch,
            LANES);
      }
      WinogradPlanes.store(
          workspace,
          plane,
          across.covered(),
          bias,
          biasOffset + group * filters + filter,
          Math.min(LANES, filters - filter),
          result,
          resultOffset + plane(image, filters, filter) * down.outputs() * across.outputs(),
          down.outputs(),
          across.outputs(),
          plane + planesScratch);
    }
  }

  /** Index of a plane among those of all images and groups. */
  private int plane(int image, int planesPerGroup, int plane) {
    return ((firstImage + image) * groups + group) * planesPerGroup + plane;
  }
}
