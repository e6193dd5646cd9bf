package io.alexnet.kernels.simd;

/**
 * The tiles that cover a row of outputs: {@code tiles} of them, as equal as can be, the longer ones
 * first. A tile of m outputs under r taps needs m + r − 1 points, so few long tiles multiply least:
 * 13 outputs under 3 taps as 5 + 4 + 4 take 19 products where equal tiles of 4 take 24 and the
 * formula 39.
 *
 * @param outputs to cover
 * @param taps of the window, from 3 to 5
 */
record WinogradTiles(int outputs, int taps, int tiles) {

  /** Whether there are tiles for a window of so many taps. */
  static boolean fit(int taps) {
    return taps >= 3 && taps <= 5;
  }

  /** The fewest tiles that cover. */
  static int fewest(int outputs, int taps) {
    int longest = WinogradTransform.POINTS - taps + 1;
    return Rounding.ceilDiv(outputs, longest);
  }

  /** The most tiles worth thinking of: those of the fewest points. */
  static int most(int outputs, int taps) {
    int shortest = shortest(taps);
    return Rounding.ceilDiv(outputs, shortest);
  }

  private static int shortest(int taps) {
    return Math.max(3, WinogradTransform.FEWEST_POINTS - taps + 1);
  }

  /** Outputs of all tiles together: more than asked for where a tile would be too short. */
  int covered() {
    return Math.max(outputs, tiles * shortest(taps));
  }

  /** Inputs that all tiles together see. */
  int samples() {
    return covered() + taps - 1;
  }

  /** Outputs of a tile. */
  int size(int tile) {
    return covered() / tiles + (tile < covered() % tiles ? 1 : 0);
  }

  /** The first output of a tile, and the first input that it sees. */
  int start(int tile) {
    return tile * (covered() / tiles) + Math.min(tile, covered() % tiles);
  }

  int points(int tile) {
    return size(tile) + taps - 1;
  }

  /** Points of the longest tile. */
  int points() {
    return points(0);
  }

  /** How many tiles, the first ones, have this point. */
  int tilesWith(int point) {
    return point < points(tiles - 1) ? tiles : covered() % tiles;
  }
}
