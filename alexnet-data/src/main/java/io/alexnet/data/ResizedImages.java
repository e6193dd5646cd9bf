package io.alexnet.data;

import io.alexnet.data.image.Image;
import io.alexnet.data.image.Resize;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * A dataset's images as squares of one size: the shorter side resized, the centre cut out. What is
 * decoded is kept, as bytes, until a bound is reached; images beyond it are decoded each time. Of a
 * dataset that has its images ready at this size nothing is kept.
 *
 * <p>Which images are kept is decided once, first come first kept: an epoch uses every image
 * exactly once, so throwing out the least recently used would always throw out the one that is
 * needed next. Safe for use by any number of threads.
 */
public final class ResizedImages {

  private final Dataset dataset;
  private final int side;
  private final int channels;
  private final long cacheBytes;
  private final AtomicReferenceArray<byte[]> cache;
  private final AtomicLong free;

  private ResizedImages(Dataset dataset, int side, int channels, long cacheBytes) {
    requireShape(channels, side);
    if (cacheBytes < 0) {
      throw new IllegalArgumentException("cache bytes must not be negative: " + cacheBytes);
    }
    this.dataset = dataset;
    this.side = side;
    this.channels = channels;
    this.cacheBytes = cacheBytes;
    cache = new AtomicReferenceArray<>(dataset.size());
    free = new AtomicLong(cacheBytes);
  }

  /** Throws {@link IllegalArgumentException} if there can be no such images. */
  static void requireShape(int channels, int side) {
    if (side < 1) {
      throw new IllegalArgumentException("image size must be positive, not " + side);
    }
    if (channels != 1 && channels != 3) {
      throw new IllegalArgumentException("channels must be 1 or 3, not " + channels);
    }
    if ((long) side * side * channels > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "images of %d×%d×%d are larger than any array".formatted(side, side, channels));
    }
  }

  /** The dataset's images at side × side, with up to an eighth of the largest heap to keep them. */
  public static ResizedImages of(Dataset dataset, int side) {
    long eighth = Runtime.getRuntime().maxMemory() / 8;
    return new ResizedImages(dataset, side, dataset.channels(), eighth);
  }

  /** These images in grey (1) or RGB (3), with a cache of their own. */
  public ResizedImages channels(int channels) {
    return new ResizedImages(dataset, side, channels, cacheBytes);
  }

  /** These images with another bound on what is kept, in bytes; 0 keeps nothing. */
  public ResizedImages cacheBytes(long cacheBytes) {
    return new ResizedImages(dataset, side, channels, cacheBytes);
  }

  public Dataset dataset() {
    return dataset;
  }

  public int side() {
    return side;
  }

  public int channels() {
    return channels;
  }

  /** Whether images are kept: not those that the dataset has ready. */
  public boolean keeps() {
    return cacheBytes > 0 && !(dataset.readyAt(side) && channels == dataset.channels());
  }

  /** Bytes kept at present. */
  public long cachedBytes() {
    return cacheBytes - free.get();
  }

  /**
   * One image, [side][side][channels]; shared, so not to be written to.
   *
   * @throws io.alexnet.data.image.ImageException if it cannot be read
   */
  public byte[] pixels(int index) {
    byte[] kept = cache.get(index);
    if (kept != null) {
      return kept;
    }
    Image square = Resize.square(dataset.image(index).withChannels(channels), side);
    byte[] pixels = square.pixels();
    if (!keeps()) {
      return pixels;
    }
    if (free.addAndGet(-pixels.length) >= 0 && cache.compareAndSet(index, null, pixels)) {
      return pixels;
    }
    free.addAndGet(pixels.length); // no room, or another thread was first
    return pixels;
  }
}
