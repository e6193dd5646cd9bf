package io.alexnet.data;

import io.alexnet.data.image.Distortion;

/**
 * The views of an image in AlexNet's test (Krizhevsky et al. 2012, §4.1): the squares in its four
 * corners and its centre, then their mirror images in the same order.
 */
final class TenCrops {

  static final int VIEWS = 10;

  /** The view of the centre. */
  static final int CENTRE = 4;

  private TenCrops() {}

  /**
   * @param view from 0: upper left, upper right, lower left, lower right, centre; from 5 mirrored
   * @param side of the image
   * @param size of the crop
   */
  static Distortion view(int view, int side, int size, int channels) {
    int margin = side - size;
    int left = 0;
    int top = 0;
    switch (view % 5) {
      case 0 -> {}
      case 1 -> left = margin;
      case 2 -> top = margin;
      case 3 -> left = top = margin;
      default -> left = top = margin / 2;
    }
    return Distortion.crop(left, top, size, view >= 5, channels);
  }
}
