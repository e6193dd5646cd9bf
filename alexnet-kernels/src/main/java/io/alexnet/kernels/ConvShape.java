package io.alexnet.kernels;

/**
 * The shape of a two-dimensional convolution (cross-correlation, as in every deep-learning library)
 * over NCHW planes: x [batch][channels][height][width], weights
 * [filters][channels/groups][window.height][window.width], y [batch][filters][outHeight][outWidth].
 *
 * @param groups the channels are cut into this many parts; each part's filters see only their own
 *     part (Krizhevsky et al. 2012, section 3.5)
 */
public record ConvShape(
    int batch, int channels, int height, int width, int filters, Window window, int groups) {

  /** Throws {@link IllegalArgumentException} if sizes do not fit together. */
  public ConvShape {
    if (batch < 1 || channels < 1 || height < 1 || width < 1 || filters < 1 || groups < 1) {
      throw new IllegalArgumentException(
          "convolution: sizes must be positive: batch %d, input %d×%d×%d, filters %d, groups %d"
              .formatted(batch, channels, height, width, filters, groups));
    }
    if (channels % groups != 0 || filters % groups != 0) {
      throw new IllegalArgumentException(
          "convolution: %d channels and %d filters do not divide into %d groups"
              .formatted(channels, filters, groups));
    }
    if (height + window.padTop() + window.padBottom() < window.extentHeight()
        || width + window.padLeft() + window.padRight() < window.extentWidth()) {
      throw new IllegalArgumentException(
          "convolution: a window of %d×%d does not fit into the padded input of %d×%d"
              .formatted(
                  window.extentHeight(),
                  window.extentWidth(),
                  height + window.padTop() + window.padBottom(),
                  width + window.padLeft() + window.padRight()));
    }
  }

  public int outHeight() {
    return (height + window.padTop() + window.padBottom() - window.extentHeight())
            / window.strideHeight()
        + 1;
  }

  public int outWidth() {
    return (width + window.padLeft() + window.padRight() - window.extentWidth())
            / window.strideWidth()
        + 1;
  }

  public int channelsPerGroup() {
    return channels / groups;
  }

  public int filtersPerGroup() {
    return filters / groups;
  }

  /** Weights of one filter: channels per group × window. */
  public int weightsPerFilter() {
    return channelsPerGroup() * window.height() * window.width();
  }

  /** Multiplications and additions of the direct method, for any one of the three passes. */
  public long flops() {
    return 2L * batch * filters * outHeight() * outWidth() * weightsPerFilter();
  }
}
