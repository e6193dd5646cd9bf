package io.alexnet.data;

import io.alexnet.data.image.Normalization;
import io.alexnet.data.image.PrincipalColors;
import io.alexnet.data.random.SplitMix64;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;

/**
 * What normalisation and colour noise need to know of a training set, measured once: the mean
 * image, each channel's mean and standard deviation and the principal colours. Immutable; neither
 * threads nor order can change a bit of the results.
 */
public final class ImageStatistics {

  /**
   * Of a channel that never changes the deviation is rounding, some 10⁻⁸; of one in which a single
   * pixel of ten thousand photographs differs by a grey level, 10⁻⁷. Both count as one that never
   * changes.
   */
  private static final float LEAST_DEVIATION = 1e-6f;

  /** Enough to know a mean image to a fraction of a grey level. */
  public static final int DEFAULT_SAMPLE = 10_000;

  private final int channels;
  private final PixelSums sums;

  private ImageStatistics(PixelSums sums) {
    channels = sums.channels;
    this.sums = sums;
  }

  /** The statistics of all images, or of 10,000 drawn at random if there are more. */
  public static ImageStatistics of(ResizedImages images, long seed) {
    return of(images, DEFAULT_SAMPLE, seed);
  }

  /**
   * The statistics of at most {@code sample} images, drawn at random.
   *
   * @throws io.alexnet.data.image.ImageException if one of them cannot be read
   */
  public static ImageStatistics of(ResizedImages images, int sample, long seed) {
    if (sample < 1) {
      throw new IllegalArgumentException("a sample of " + sample + " images");
    }
    int[] indices = IntStream.range(0, images.dataset().size()).toArray();
    if (sample < indices.length) {
      SplitMix64.of(seed).shuffle(indices);
      indices = Arrays.copyOf(indices, sample);
      Arrays.sort(indices);
    }
    PixelSums sums = new PixelSums(images.channels(), images.side());
    // By hand, since a stream that fails goes on with what it has begun, a thousand images it may
    // be, and hands on an OutOfMemoryError of another thread without its message.
    AtomicReference<Throwable> failure = new AtomicReference<>();
    // Once for a dataset, so the common pool will do; what is decoded here stays in the cache.
    Arrays.stream(indices)
        .parallel()
        .forEach(
            i -> {
              if (failure.get() == null) {
                try {
                  sums.add(images.pixels(i));
                } catch (RuntimeException | Error e) {
                  failure.compareAndSet(null, e);
                }
              }
            });
    if (failure.get() instanceof Error e) {
      throw e;
    }
    if (failure.get() instanceof RuntimeException e) {
      throw e;
    }
    return new ImageStatistics(sums);
  }

  /**
   * The statistics of images that were added up before, on several machines it may be.
   *
   * @param sums to which nothing is added any more
   * @throws IllegalArgumentException if they are of no image
   */
  public static ImageStatistics of(PixelSums sums) {
    if (sums.images() < 1) {
      throw new IllegalArgumentException("the statistics of no images");
    }
    return new ImageStatistics(sums);
  }

  /** Each channel's mean, in [0, 1]. */
  public float[] mean() {
    float[] mean = new float[channels];
    for (int c = 0; c < channels; c++) {
      mean[c] = (float) sums.mean(c);
    }
    return mean;
  }

  /** Each channel's standard deviation over all pixels of all images, in [0, 1] units. */
  public float[] deviation() {
    float[] deviation = new float[channels];
    for (int c = 0; c < channels; c++) {
      deviation[c] = (float) Math.sqrt(Math.max(0, sums.covariance(c, c)));
    }
    return deviation;
  }

  /**
   * To mean 0 and standard deviation 1 in each channel: (v − mean) / deviation. A channel that
   * never changes is only shifted.
   */
  public Normalization standard() {
    float[] deviation = deviation();
    for (int c = 0; c < channels; c++) {
      deviation[c] = deviation[c] > LEAST_DEVIATION ? deviation[c] : 1;
    }
    return Normalization.perChannel(mean(), deviation);
  }

  /** Each channel's mean subtracted, the samples' range left at 255: Caffe's "mean pixel". */
  public Normalization meanPixel() {
    return Normalization.perChannel(mean(), levels());
  }

  /** The mean image subtracted, the samples' range left at 255: AlexNet's paper, §2. */
  public Normalization meanImage() {
    double[] interleaved = sums.meanImage();
    float[] mean = new float[interleaved.length];
    int places = mean.length / channels;
    for (int i = 0; i < mean.length; i++) {
      mean[i % channels * places + i / channels] = (float) interleaved[i];
    }
    return Normalization.meanImage(mean, levels());
  }

  private float[] levels() {
    float[] levels = new float[channels];
    Arrays.fill(levels, 1 / 255f);
    return levels;
  }

  /**
   * @throws IllegalStateException for grey images
   */
  public PrincipalColors principalColors() {
    if (channels != 3) {
      throw new IllegalStateException("grey images have no principal colours");
    }
    double[][] covariance = new double[3][3];
    for (int a = 0; a < 3; a++) {
      for (int b = 0; b < 3; b++) {
        covariance[a][b] = sums.covariance(a, b);
      }
    }
    return PrincipalColors.ofCovariance(covariance);
  }
}
