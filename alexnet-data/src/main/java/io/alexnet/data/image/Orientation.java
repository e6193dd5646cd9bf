package io.alexnet.data.image;

/**
 * Where the pixels of a stored picture lie in the upright one, by EXIF's orientation tag (EXIF 2.3,
 * 4.6.4 A): stored pixel (x, y) is number start + x · stepX + y · stepY of the upright rows.
 *
 * @param width of the upright picture
 * @param height of the upright picture
 */
record Orientation(int width, int height, int start, int stepX, int stepY) {

  /**
   * @param orientation 1 (as stored), 2 (mirrored), 3 (turned by 180°), 4 (upside down), 5
   *     (transposed), 6 (to be turned 90° clockwise), 7 (transverse), 8 (to be turned 90°
   *     anticlockwise)
   * @param width of the picture as stored
   * @param height of the picture as stored
   */
  static Orientation of(int orientation, int width, int height) {
    boolean transposed = orientation >= 5;
    boolean fromRight =
        orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    boolean fromBelow =
        orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    int uprightWidth = transposed ? height : width;
    int uprightHeight = transposed ? width : height;
    int stepX = transposed ? uprightWidth : 1;
    int stepY = transposed ? 1 : uprightWidth;
    int start = (fromRight ? (width - 1) * stepX : 0) + (fromBelow ? (height - 1) * stepY : 0);
    return new Orientation(
        uprightWidth, uprightHeight, start, fromRight ? -stepX : stepX, fromBelow ? -stepY : stepY);
  }
}
