package io.alexnet.data;

import io.alexnet.batch.BatchSource;
import io.alexnet.data.image.Augment;
import io.alexnet.data.image.Normalization;

/**
 * Makes batches of a dataset's images:
 *
 * <pre>{@code
 * BatchSource train =
 *     Batches.of(ResizedImages.of(split.train(), 256))
 *         .imageSize(227).batchSize(128).shuffle(true).seed(1)
 *         .augment(Augment.paper(statistics.principalColors()))
 *         .normalization(statistics.meanPixel())
 *         .build();
 * }</pre>
 *
 * <p>As first built, batches hold 32 images in the dataset's order, their samples in [0, 1] and
 * unchanged, which is what evaluation wants but for the normalisation.
 */
public final class Batches {

  final ResizedImages images;
  int imageSize;
  int batchSize = 32;
  boolean shuffle;
  long seed;
  Augment augment = Augment.none();
  boolean tenCrops;
  Normalization normalization = Normalization.unit();
  int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
  int depth = 2;
  int part;
  int parts = 1;

  private Batches(ResizedImages images) {
    this.images = images;
    imageSize = images.side();
  }

  public static Batches of(ResizedImages images) {
    return new Batches(images);
  }

  /** Side of the square given to the network, cut from the resized one: at most as large. */
  public Batches imageSize(int imageSize) {
    this.imageSize = imageSize;
    return this;
  }

  /**
   * Images in a batch; the last one of an epoch holds what is left. Without shuffling, a batch may
   * be larger than the data and then holds all of it; with shuffling, that is taken for a mistake.
   */
  public Batches batchSize(int batchSize) {
    this.batchSize = batchSize;
    return this;
  }

  /** Whether each epoch has an order of its own, drawn from the seed and the epoch. */
  public Batches shuffle(boolean shuffle) {
    this.shuffle = shuffle;
    return this;
  }

  /** Decides order and augmentation. */
  public Batches seed(long seed) {
    this.seed = seed;
    return this;
  }

  public Batches augment(Augment augment) {
    this.augment = augment;
    return this;
  }

  /**
   * Whether each image comes as ten views, as in AlexNet's test (Krizhevsky et al. 2012, §4.1): the
   * crops in its upper left, upper right, lower left and lower right corner and its centre, then
   * the mirror images of these five. They need images larger than the image size and no
   * augmentation, none but {@link Augment#none}. A batch counts views: the batch size is rounded
   * down to whole images, at least one.
   */
  public Batches tenCrops(boolean tenCrops) {
    this.tenCrops = tenCrops;
    return this;
  }

  public Batches normalization(Normalization normalization) {
    this.normalization = normalization;
    return this;
  }

  /** Threads that decode ahead, while an epoch is open; half of the processors at first. */
  public Batches threads(int threads) {
    this.threads = threads;
    return this;
  }

  /** Batches made ahead, besides the one in use. */
  public Batches depth(int depth) {
    this.depth = depth;
    return this;
  }

  /**
   * Only one part of every batch, for a network that is trained together with replicas of it:
   * neighbouring images, of which the first parts have one more where they do not divide. What an
   * image looks like is not changed by it, but with mixup, whose pairs are within the part. The
   * parts' sizes differ by one image at most, and in the last batch of an epoch some may have none.
   *
   * @param index from 0
   * @param count of parts that a batch is divided into
   */
  public Batches part(int index, int count) {
    this.part = index;
    this.parts = count;
    return this;
  }

  /**
   * @throws IllegalArgumentException if an option is out of range or two of them do not fit
   */
  public BatchSource build() {
    require(imageSize >= 1, "image size must be positive, not " + imageSize);
    require(
        imageSize <= images.side(),
        "an image size of " + imageSize + " cannot be cut from images of " + images.side());
    require(batchSize >= 1, "batch size must be at least 1, not " + batchSize);
    int available = images.dataset().size();
    require(
        !shuffle || batchSize / views() <= available,
        "batch size "
            + batchSize
            + " is larger than the data: "
            + available
            + (tenCrops ? " images of " + views() + " views" : " images"));
    require(
        !tenCrops || imageSize < images.side(),
        "ten crops of " + imageSize + " need images that were resized to more");
    require(!tenCrops || augment == Augment.none(), "ten crops do not go with augmentation");
    require(
        parts >= 1 && part >= 0 && part < parts,
        "there is no part " + part + ", counted from 0, of " + parts);
    int imagesInBatch = Math.min(Math.max(1, batchSize / views()), available);
    require(
        imagesInBatch >= parts,
        "batches of " + imagesInBatch + " images cannot be divided into " + parts + " parts");
    require(threads >= 1, "prefetch threads must be at least 1, not " + threads);
    require(depth >= 1, "prefetch depth must be at least 1, not " + depth);
    require(
        normalization.fits(images.channels(), images.side()),
        "the normalisation is not for images of "
            + images.channels()
            + " channels resized to "
            + images.side());
    return new ImageBatches(this);
  }

  /** Of each image. */
  int views() {
    return tenCrops ? TenCrops.VIEWS : 1;
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }
}
