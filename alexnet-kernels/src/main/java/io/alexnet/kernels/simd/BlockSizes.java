package io.alexnet.kernels.simd;

/**
 * How much of each operand a matrix product keeps in cache at a time, in floats; see Goto and van
 * de Geijn 2008. All sizes are multiples of every tile's and settled for caches of 32 KiB and 1
 * MiB; they are hardly sensitive within a factor of two.
 */
final class BlockSizes {

  /** Terms of a sum that are taken in before a tile of C goes back to memory. */
  static final int DEPTH = 256;

  /** Full tiles side by side in a piece of work: with {@link #DEPTH}, half of the second level. */
  static final int PANELS = 10;

  /** Pieces that a product is cut into, if it is large enough, for teams of up to this size. */
  static final int PIECES = 16;

  /** Rows below which a piece is not cut again. */
  static final int ROWS = 48;

  /** Floats of the left operand that a product of rows by rows keeps in the second level. */
  static final int DOT_BLOCK = 1 << 17;

  /** Tiles of taps that a piece of a convolution's weight gradient has at most. */
  static final int TAP_TILES = 18;

  /** Floats of images and gradients that a convolution's weight gradient arranges at a time. */
  static final int IMAGES = 1 << 20;

  private BlockSizes() {}
}
