package io.alexnet.kernels.simd;

/**
 * How much of each operand a matrix product works on at a time (Goto and van de Geijn 2008), for
 * caches of 32 KiB and 1 MiB a core. Speed hardly changes within a factor of two.
 */
final class BlockSizes {

  /** Terms of a sum that go into a tile of C before it returns to memory. */
  static final int DEPTH = 256;

  /**
   * Floats of the right operand that a piece multiplies by at a time, a panel or more: they stay in
   * cache.
   */
  static final int RIGHT = 160 << 10;

  /** Panels of columns in a piece of a convolution, at most. */
  static final int PANELS = 10;

  /** Rows of the left operand in a piece of work, at least. */
  static final int ROWS = 48;

  /** Pieces that a product is cut into if it is large enough. */
  static final int PIECES = 16;

  /**
   * Tiles of filters that a piece of a convolution's weight gradient has at most. Each piece copies
   * its taps out of the images by itself, so wide ones copy less.
   */
  static final int FILTER_TILES = 32;

  /** Panels of taps in such a piece, at most: all its sums stay in the second-level cache. */
  static final int TAP_PANELS = 9;

  /**
   * Pixels that go into a tile of a convolution's weight gradient at a time: a panel of taps stays
   * in the first-level cache.
   */
  static final int PIXELS = 128;

  /**
   * Floats of images that a piece of a convolution's weight gradient copies at a time, at most: far
   * more than usual images have, for which it would copy rows twice where two copies meet.
   */
  static final int COPIED = 4 << 20;

  /**
   * Floats of samples and sums that a Winograd convolution keeps transformed at a time, at least:
   * they should stay in the last-level cache.
   */
  static final int TRANSFORMED = 4 << 20;

  /**
   * The same for each transformed weight. All of them are read for every block of images, so
   * smaller blocks than this would read more weights than samples.
   */
  static final int TRANSFORMED_FOR_WEIGHT = 2;

  /** Floats of weights that a piece of a convolution's input gradient multiplies by, at most. */
  static final int WEIGHTS = 1 << 17;

  /**
   * Multiplications that take as long as adding one element of a column to dx: measured 60 to 100
   * with 16 lanes.
   */
  static final int SCATTER = 80;

  private BlockSizes() {}
}
