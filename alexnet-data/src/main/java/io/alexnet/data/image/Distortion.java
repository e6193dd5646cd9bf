package io.alexnet.data.image;

/**
 * The changes drawn for one use of one image: which rectangle of it becomes the crop, mirrored or
 * not, what becomes of its colours, and which part of the crop is cut out at the end.
 *
 * <p>With v the samples of a pixel in [0, 1], channel c becomes Σ_k mix[c][k] · v_k + offsets[c].
 *
 * @param source what the crop is made of, in pixels of the resized image: taken as it is where it
 *     has the crop's size, resampled otherwise. It may lie partly outside if it has the crop's
 *     size; edge pixels are repeated then
 * @param mix [channels][channels], row by row
 * @param offsets [channels]
 * @param cutout what is set to 0 after normalisation, in pixels of the crop and inside it; may be
 *     empty
 */
public record Distortion(
    Rectangle source, boolean mirror, float[] mix, float[] offsets, Rectangle cutout) {

  /** A rectangle of pixels; empty if its width or height is 0. */
  public record Rectangle(int left, int top, int width, int height) {

    static final Rectangle EMPTY = new Rectangle(0, 0, 0, 0);

    /** A square. */
    public static Rectangle square(int left, int top, int side) {
      return new Rectangle(left, top, side, side);
    }
  }

  /** A square of the resized image with its colours as they are. */
  public static Distortion crop(int left, int top, int size, boolean mirror, int channels) {
    return new Distortion(
        Rectangle.square(left, top, size),
        mirror,
        gain(1, channels),
        new float[channels],
        Rectangle.EMPTY);
  }

  /** The matrix that multiplies each channel by the same number. */
  static float[] gain(float gain, int channels) {
    float[] mix = new float[channels * channels];
    for (int c = 0; c < channels; c++) {
      mix[c * channels + c] = gain;
    }
    return mix;
  }

  /** Whether each channel goes by itself alone. */
  boolean keepsChannelsApart() {
    int channels = offsets.length;
    for (int i = 0; i < mix.length; i++) {
      if (i % (channels + 1) != 0 && mix[i] != 0) {
        return false;
      }
    }
    return true;
  }
}
