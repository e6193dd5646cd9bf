package io.alexnet.kernels.simd;

import io.alexnet.kernels.ConvAlgorithm;
import io.alexnet.kernels.ConvShape;
import io.alexnet.kernels.Convolution;
import io.alexnet.kernels.ThreadTeam;

/**
 * The gradient with respect to the weights, the adjoint of {@link WinogradProduct} in the weights:
 * dg = Gᵀ·Σ[(Bᵀ·x·B) ⊙ (A·dy·Aᵀ)]·G, summed over the tiles of all images before Gᵀ is applied once.
 * For each point that sum is a matrix product, channels × tiles times tiles × filters.
 *
 * <p>Lanes are channels, of x and of dy. The batch is taken in blocks of images, whose sums are
 * added one after the other: which numbers are added in which order depends on the shape alone.
 */
final class WinogradBackwardWeights extends SimdConvolution implements Convolution.BackwardWeights {

  private static final int LANES = RegisterTile.LANES;
  private static final int ROWS = RegisterTile.ROWS;
  private static final int COLUMNS = RegisterTile.COLUMNS;
  private static final int TILE = ROWS * COLUMNS;

  /** Channels of a panel of samples: whole vectors, and whole tiles' rows. */
  private static final int PANEL = leastCommonMultiple(LANES, ROWS);

  /** Between one point's matrix and the next, lest all of them fall on the same cache lines. */
  private static final int GAP = 3 * LANES;

  /** Channels whose weights a piece transforms back. */
  private static final int WEIGHT_CHANNELS = 32;

  private final WinogradTiles down;
  private final WinogradTiles across;
  private final int channels;
  private final int filters;
  private final int points;
  private final int imagesPerBlock;
  private final int channelBlocks;
  private final int filterBlocks;
  private final int channelTiles;
  private final int filterPanels;
  private final int rows;
  private final int samplesPitch;
  private final int gradientsPitch;
  private final int sumsPitch;
  private final int gradients;
  private final int sums;
  private final int shared;
  private final int strip;
  private final int planesScratch;
  private final int slice;

  private final ThreadTeam.Task transform = this::transform;
  private final ThreadTeam.Task multiply = this::multiply;
  private final ThreadTeam.Task transformSums = this::transformSums;
  private final ThreadTeam.Task addBias = this::addBias;

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
  private int group;
  private int firstImage;
  private int images;

  /**
   * @param down tiles of the output's rows
   */
  WinogradBackwardWeights(ConvShape shape, WinogradTiles down, WinogradTiles across) {
    super(shape, ConvAlgorithm.WINOGRAD);
    this.down = down;
    this.across = across;
    channels = shape.channelsPerGroup();
    filters = shape.filtersPerGroup();
    points = down.points() * across.points();
    channelBlocks = Rounding.ceilDiv(channels, LANES);
    filterBlocks = Rounding.ceilDiv(filters, LANES);
    channelTiles = Rounding.ceilDiv(channels, ROWS);
    filterPanels = Rounding.ceilDiv(filters, COLUMNS);
    int channelPanels = Rounding.ceilDiv(channels, PANEL);

    int tiles = down.tiles() * across.tiles();
    long imageFloats = (long) tiles * points * (channelPanels * PANEL + filterPanels * COLUMNS);
    long sumFloats = (long) points * channelTiles * filterPanels * TILE;
    imagesPerBlock = WinogradProduct.imagesPerBlock(shape.batch(), imageFloats, sumFloats);
    rows = tiles * imagesPerBlock;

    samplesPitch = channelPanels * PANEL * rows + GAP;
    gradientsPitch = filterPanels * COLUMNS * rows + GAP;
    sumsPitch = channelTiles * filterPanels * TILE + GAP;
    gradients = Math.addExact(CacheLines.FIRST, Math.multiplyExact(points, samplesPitch));
    sums = Math.addExact(gradients, Math.multiplyExact(points, gradientsPitch));
    shared = Math.addExact(sums, Math.multiplyExact(points, sumsPitch));
    int plane = down.samples() * across.samples() * LANES;
    strip = Math.max(plane, down.taps() * across.taps() * LANES);
    planesScratch = strip + down.points() * across.samples() * LANES;
    slice = planesScratch + WinogradPlanes.scratch(Math.max(shape.width(), shape.outWidth()));
  }

  private static int leastCommonMultiple(int a, int b) {
    int multiple = a;
    while (multiple % b != 0) {
      multiple += a;
    }
    return multiple;
  }

  @Override
  public int workspace(int threads) {
    return Math.addExact(shared, Math.multiplyExact(threads, slice));
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
    for (group = 0; group < shape.groups(); group++) {
      for (firstImage = 0; firstImage < shape.batch(); firstImage += imagesPerBlock) {
        images = Math.min(imagesPerBlock, shape.batch() - firstImage);
        team.run(images * (channelBlocks + filterBlocks), transform);
        team.run(points, multiply);
      }
      team.run(filterBlocks * Rounding.ceilDiv(channels, WEIGHT_CHANNELS), transformSums);
    }
    if (dBias != null) {
      team.run(shape.filters(), addBias);
    }
  }

  /** One image and a vector of channels of x or of dy. */
  private void transform(int piece, int worker) {
    int image = piece / (channelBlocks + filterBlocks);
    int block = piece % (channelBlocks + filterBlocks);
    if (block < channelBlocks) {
      transformSamples(image, block * LANES, worker);
    } else {
      transformGradients(image, (block - channelBlocks) * LANES, worker);
    }
  }

  /** [point][panel][tile and image][channel]. */
  private void transformSamples(int image, int channel, int worker) {
    int plane = shared + worker * slice;
    int lines = plane + strip;
    int pitch = across.samples() * LANES;
    loadSamples(image, channel, plane);
    int to = CacheLines.FIRST + channel / PANEL * rows * PANEL + channel % PANEL;
    for (int i = 0; i < down.tiles(); i++) {
      WinogradTransform.interpolate(
          down.points(i),
          across.samples(),
          workspace,
          plane + down.start(i) * pitch,
          pitch,
          LANES,
          workspace,
          lines,
          pitch,
          LANES);
      for (int j = 0; j < across.tiles(); j++) {
        WinogradTransform.interpolate(
            across.points(j),
            down.points(i),
            workspace,
            lines + across.start(j) * LANES,
            LANES,
            pitch,
            workspace,
            to + row(i, j, image) * PANEL,
            samplesPitch,
            across.points() * samplesPitch);
      }
    }
  }

  /** A tile's images lie together. */
  private int row(int i, int j, int image) {
    return (i * across.tiles() + j) * images + image;
  }

  /** [point][panel][tile and image][filter]. */
  private void transformGradients(int image, int filter, int worker) {
    int plane = shared + worker * slice;
    int lines = plane + strip;
    int pitch = across.covered() * LANES;
    loadGradients(image, filter, plane);
    int to = gradients + filter / COLUMNS * rows * COLUMNS + filter % COLUMNS;
    for (int i = 0; i < down.tiles(); i++) {
      WinogradTransform.evaluate(
          down.size(i),
          down.points(i),
          across.covered(),
          workspace,
          plane + down.start(i) * pitch,
          pitch,
          LANES,
          workspace,
          lines,
          pitch,
          LANES);
      for (int j = 0; j < across.tiles(); j++) {
        WinogradTransform.evaluate(
            across.size(j),
            across.points(j),
            down.points(i),
            workspace,
            lines + across.start(j) * LANES,
            LANES,
            pitch,
            workspace,
            to + row(i, j, image) * COLUMNS,
            gradientsPitch,
            across.points() * gradientsPitch);
      }
    }
  }

  private void loadSamples(int image, int channel, int plane) {
    int from = ((firstImage + image) * shape.groups() + group) * channels + channel;
    WinogradPlanes.load(
        x,
        xOffset + from * shape.height() * shape.width(),
        Math.min(LANES, channels - channel),
        shape.height(),
        shape.width(),
        shape.window().padTop(),
        shape.window().padLeft(),
        workspace,
        plane,
        down.samples(),
        across.samples(),
        plane + planesScratch);
  }

  private void loadGradients(int image, int filter, int plane) {
    int from = ((firstImage + image) * shape.groups() + group) * filters + filter;
    WinogradPlanes.load(
        dy,
        dyOffset + from * shape.outHeight() * shape.outWidth(),
        Math.min(LANES, filters - filter),
        shape.outHeight(),
        shape.outWidth(),
        0,
        0,
        workspace,
        plane,
        down.covered(),
        across.covered(),
        plane + planesScratch);
  }

  /** Adds one point's products of those tiles that have it. */
  private void multiply(int point, int worker) {
    int tilesDown = down.tilesWith(point / across.points());
    int tilesAcross = across.tilesWith(point % across.points());
    // Where every tile of a row has the point, one row of tiles follows the other.
    boolean whole = tilesAcross == across.tiles();
    int runs = whole ? 1 : tilesDown;
    int depth = (whole ? tilesDown : 1) * tilesAcross * images;
    for (int run = 0; run < runs; run++) {
      int row = run * across.tiles() * images;
      boolean first = firstImage == 0 && run == 0;
      for (int at = 0; at < depth; at += BlockSizes.DEPTH) {
        int terms = Math.min(BlockSizes.DEPTH, depth - at);
        multiply(point, row + at, terms, first && at == 0);
      }
    }
  }

  private void multiply(int point, int row, int depth, boolean first) {
    for (int tile = 0; tile < channelTiles; tile++) {
      int channel = tile * ROWS;
      int a =
          CacheLines.FIRST
              + point * samplesPitch
              + (channel / PANEL * rows + row) * PANEL
              + channel % PANEL;
      for (int panel = 0; panel < filterPanels; panel++) {
        int sum = sums + point * sumsPitch + (tile * filterPanels + panel) * TILE;
        RegisterTile.multiply(
            Math.min(RegisterTile.VECTORS, filterBlocks - panel * RegisterTile.VECTORS),
            depth,
            workspace,
            a,
            PANEL,
            workspace,
            gradients + point * gradientsPitch + (panel * rows + row) * COLUMNS,
            first ? RegisterTile.ZEROS : workspace,
            first ? 0 : sum,
            first ? 0 : COLUMNS,
            workspace,
            sum,
            COLUMNS);
      }
    }
  }

  /** A vector of filters and some of their channels, back to windows. */
  private void transformSums(int piece, int worker) {
    int filter = piece % filterBlocks * LANES;
    int first = piece / filterBlocks * WEIGHT_CHANNELS;
    int end = Math.min(channels, first + WEIGHT_CHANNELS);
    int window = shared + worker * slice;
    int lines = window + strip;
    int tapsDown = down.taps();
    int tapsAcross = across.taps();
    for (int channel = first; channel < end; channel++) {
      int from =
          sums
              + (channel / ROWS * filterPanels + filter / COLUMNS) * TILE
              + channel % ROWS * COLUMNS
              + filter % COLUMNS;
      WinogradTransform.collect(
          across.points(),
          tapsAcross,
          down.points(),
          workspace,
          from,
          sumsPitch,
          across.points() * sumsPitch,
          workspace,
          lines,
          LANES,
          tapsAcross * LANES);
      WinogradTransform.collect(
          down.points(),
          tapsDown,
          tapsAcross,
          workspace,
          lines,
          tapsAcross * LANES,
          LANES,
          workspace,
          window,
          tapsAcross * LANES,
          LANES);
      storeWindows(filter, channel, window);
    }
  }

  private void storeWindows(int filter, int channel, int window) {
    int taps = down.taps() * across.taps();
    int count = Math.min(LANES, filters - filter);
    int to =
        dWeightsOffset + (group * filters + filter) * shape.weightsPerFilter() + channel * taps;
    for (int l = 0; l < count; l++, to += shape.weightsPerFilter()) {
      for (int tap = 0; tap < taps; tap++) {
        float kept = accumulate ? dWeights[to + tap] : 0f;
        dWeights[to + tap] = kept + workspace[window + tap * LANES + l];
      }
    }
  }

  private void addBias(int filter, int worker) {
    int pixels = shape.outHeight() * shape.outWidth();
    int lanes = shared + worker * slice;
    float sum = accumulate ? dBias[dBiasOffset + filter] : 0f;
    for (int image = 0; image < shape.batch(); image++) {
      int plane = dyOffset + (image * shape.filters() + filter) * pixels;
      sum += WinogradPlanes.sum(dy, plane, pixels, workspace, lanes);
    }
    dBias[dBiasOffset + filter] = sum;
  }
}
