package io.alexnet.kernels.simd;

import io.alexnet.kernels.ConvPass;
import io.alexnet.kernels.ConvShape;
import io.alexnet.kernels.Window;

/**
 * The tiles of a Winograd convolution in both directions, and what the pass costs with them.
 *
 * @param down tiles of the rows of what is covered: y, or dx in the backward pass to it
 * @param cost in multiply-adds of whole vectors
 */
record WinogradCover(WinogradTiles down, WinogradTiles across, double cost) {

  /** Share of the peak at which the matrix products run. */
  private static final double PEAK = 0.9;

  /**
   * Multiply-adds that take as long as transforming one vector of samples, weights or sums, its way
   * through memory included: measured 45 to 110 with 16 lanes.
   */
  private static final double TRANSFORM = 70;

  /**
   * The same for reading a vector of weights that were transformed in an earlier run. By the times
   * of one image: from 5 to 20 they hardly differ, at 30 implicit GEMM wins, which takes twice as
   * long.
   */
  private static final double READ = 12;

  /**
   * Pixels of a plane, of which each worker holds a vector for each at a time, 32 MB: the workspace
   * of a team of 128 is an int.
   */
  private static final long MOST_PIXELS = 1 << 19;

  /** What a shorter side counts as: a tile of one row has as many points as one of four. */
  private static final long SHORTEST_SIDE = 16;

  /**
   * Numbers of an image's planes that go in and come out: transformed they take half a gigabyte.
   */
  private static final long MOST_NUMBERS = 1 << 26;

  /** Transformed weights, 2 GB. A block of images takes up to twice as much again. */
  private static final long MOST_WEIGHTS = 1 << 29;

  /** Whether the algorithm is for such windows, such images, and so many weights. */
  static boolean fits(ConvShape shape) {
    Window window = shape.window();
    long pixels =
        Math.max(
            pixels(shape.height(), shape.width()), pixels(shape.outHeight(), shape.outWidth()));
    long planes = (long) shape.channelsPerGroup() + shape.filtersPerGroup();
    return pixels <= MOST_PIXELS
        && pixels * planes <= MOST_NUMBERS
        && transformedWeights(shape) <= MOST_WEIGHTS
        && window.strideHeight() == 1
        && window.strideWidth() == 1
        && window.dilationHeight() == 1
        && window.dilationWidth() == 1
        && WinogradTiles.fit(window.height())
        && WinogradTiles.fit(window.width());
  }

  private static long pixels(int height, int width) {
    return Math.max(SHORTEST_SIDE, height) * Math.max(SHORTEST_SIDE, width);
  }

  /** Of all groups at the most points, the filters or, for dx, the channels in whole panels. */
  private static long transformedWeights(ConvShape shape) {
    long points = WinogradTransform.POINTS * WinogradTransform.POINTS;
    long channels = shape.channelsPerGroup();
    long filters = shape.filtersPerGroup();
    long panelled =
        Math.max(
            channels * Rounding.roundUp(shape.filtersPerGroup(), RegisterTile.COLUMNS),
            filters * Rounding.roundUp(shape.channelsPerGroup(), RegisterTile.COLUMNS));
    return points * shape.groups() * panelled;
  }

  /**
   * The cheapest cover of a shape that {@linkplain #fits fits}: few long tiles, unless the weights
   * of their many points cost more to transform than the few images save.
   */
  static WinogradCover cheapest(ConvShape shape, ConvPass pass) {
    boolean ofInput = pass == ConvPass.BACKWARD_DATA;
    int rows = ofInput ? shape.height() : shape.outHeight();
    int columns = ofInput ? shape.width() : shape.outWidth();
    int tapsDown = shape.window().height();
    int tapsAcross = shape.window().width();
    WinogradCover best = null;
    for (int i = WinogradTiles.fewest(rows, tapsDown);
        i <= WinogradTiles.most(rows, tapsDown);
        i++) {
      for (int j = WinogradTiles.fewest(columns, tapsAcross);
          j <= WinogradTiles.most(columns, tapsAcross);
          j++) {
        WinogradTiles down = new WinogradTiles(rows, tapsDown, i);
        WinogradTiles across = new WinogradTiles(columns, tapsAcross, j);
        double cost = cost(shape, pass, down, across);
        if (best == null || cost < best.cost) {
          best = new WinogradCover(down, across, cost);
        }
      }
    }
    return best;
  }

  /** One for each point of each tile, channel and filter. */
  long multiplyAdds(ConvShape shape) {
    return (long) shape.batch()
        * pointsOfAllTiles(down)
        * pointsOfAllTiles(across)
        * shape.channelsPerGroup()
        * shape.filters();
  }

  private static long pointsOfAllTiles(WinogradTiles tiles) {
    long points = 0;
    for (int i = 0; i < tiles.points(); i++) {
      points += tiles.tilesWith(i);
    }
    return points;
  }

  private static double cost(
      ConvShape shape, ConvPass pass, WinogradTiles down, WinogradTiles across) {
    boolean mirrored = pass == ConvPass.BACKWARD_DATA;
    int channels = mirrored ? shape.filtersPerGroup() : shape.channelsPerGroup();
    int filters = mirrored ? shape.channelsPerGroup() : shape.filtersPerGroup();
    int filterVectors = Rounding.ceilDiv(filters, RegisterTile.LANES);
    int channelVectors = Rounding.ceilDiv(channels, RegisterTile.LANES);
    double products = 0;
    double transformed = 0;
    double weights = 0;
    for (int i = 0; i < down.points(); i++) {
      for (int j = 0; j < across.points(); j++) {
        long rows = (long) shape.batch() * down.tilesWith(i) * across.tilesWith(j);
        long terms = rows * roundUp(channels);
        if (pass != ConvPass.BACKWARD_WEIGHTS) {
          terms = roundUp(rows) * channels;
        }
        products += (double) terms * filterVectors;
        transformed += rows * (channelVectors + filterVectors);
        weights += (double) channels * filterVectors;
      }
    }
    double ofWeight = pass == ConvPass.INFERENCE ? READ : TRANSFORM;
    return shape.groups() * (products / PEAK + transformed * TRANSFORM + weights * ofWeight);
  }

  /** To whole tiles. */
  private static long roundUp(long rows) {
    return (rows + RegisterTile.ROWS - 1) / RegisterTile.ROWS * RegisterTile.ROWS;
  }
}
