package io.alexnet.data.image;

/**
 * Undoes the turn or mirroring that a camera left to EXIF's orientation tag (EXIF 2.3, 4.6.4 A).
 */
final class Orientation {

  private Orientation() {}

  /**
   * @param orientation 1 (as stored), 2 (mirrored), 3 (turned by 180°), 4 (upside down), 5
   *     (transposed), 6 (to be turned 90° clockwise), 7 (transverse), 8 (to be turned 90°
   *     anticlockwise)
   */
  static Image upright(Image image, int orientation) {
    if (orientation == 1) {
      return image;
    }
    boolean transpose = orientation >= 5;
    boolean flipX = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    boolean flipY = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    int width = transpose ? image.height() : image.width();
    int height = transpose ? image.width() : image.height();
    int channels = image.channels();
    byte[] stored = image.pixels();
    byte[] upright = new byte[stored.length];
    int at = 0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int storedX = transpose ? y : x;
        int storedY = transpose ? x : y;
        storedX = flipX ? image.width() - 1 - storedX : storedX;
        storedY = flipY ? image.height() - 1 - storedY : storedY;
        int from = (storedY * image.width() + storedX) * channels;
        for (int c = 0; c < channels; c++) {
          upright[at++] = stored[from + c];
        }
      }
    }
    return new Image(width, height, channels, upright);
  }
}
