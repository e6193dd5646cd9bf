package io.alexnet.data.image;

import io.alexnet.data.image.Distortion.Rectangle;

/**
 * Where the samples of a crop of size × size are: that of channel c at (x, y) is pixels[first + y ·
 * row + x · step + c].
 */
record Crop(byte[] pixels, int size, int first, int row, int step) {

  /**
   * What a distortion takes of an image: the image's own samples if they are one for each of the
   * crop's, otherwise a part that is resampled, or continued beyond the edge by the edge's pixels.
   *
   * @param pixels [side][side][channels]
   */
  static Crop of(byte[] pixels, int side, int channels, Distortion distortion, int size) {
    Rectangle source = distortion.source();
    boolean mirror = distortion.mirror();
    boolean inside =
        source.left() >= 0
            && source.top() >= 0
            && source.left() + source.width() <= side
            && source.top() + source.height() <= side;
    Image image = new Image(side, side, channels, pixels);
    if (source.width() != size || source.height() != size) {
      Image part = image.crop(source.left(), source.top(), source.width(), source.height());
      return at(0, 0, Resize.to(part, size, size), mirror, size);
    }
    return inside
        ? at(source.left(), source.top(), image, mirror, size)
        : at(0, 0, continued(image, source), mirror, size);
  }

  private static Crop at(int left, int top, Image image, boolean mirror, int size) {
    int channels = image.channels();
    int start = top * image.width() + (mirror ? left + size - 1 : left);
    return new Crop(
        image.pixels(),
        size,
        start * channels,
        image.width() * channels,
        mirror ? -channels : channels);
  }

  private static Image continued(Image image, Rectangle source) {
    int channels = image.channels();
    int[] rows = places(source.top(), source.height(), image.height(), source.height());
    int[] columns = places(source.left(), source.width(), image.width(), source.width());
    byte[] pixels = new byte[rows.length * columns.length * channels];
    int at = 0;
    for (int row : rows) {
      for (int column : columns) {
        int from = (row * image.width() + column) * channels;
        for (int c = 0; c < channels; c++) {
          pixels[at++] = image.pixels()[from + c];
        }
      }
    }
    return new Image(columns.length, rows.length, channels, pixels);
  }

  /**
   * The pixel along one axis of an image that each place of an unmirrored crop shows: the nearest
   * if the crop is resampled, the edge's if it lies outside.
   *
   * @param from the first pixel
   * @param length in pixels of the image
   * @param side of the image
   */
  static int[] places(int from, int length, int side, int size) {
    int[] places = new int[size];
    for (int i = 0; i < size; i++) {
      int place = from + (int) ((2L * i + 1) * length / (2 * size));
      places[i] = Math.max(0, Math.min(place, side - 1));
    }
    return places;
  }
}
