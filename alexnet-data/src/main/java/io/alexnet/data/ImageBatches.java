package io.alexnet.data;

import io.alexnet.batch.Batch;
import io.alexnet.batch.BatchSource;
import io.alexnet.batch.Fingerprint;
import io.alexnet.data.image.Augment;
import io.alexnet.data.image.Distortion;
import io.alexnet.data.image.Normalization;
import io.alexnet.data.random.SplitMix64;
import io.alexnet.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/** The batches that {@link Batches} describes; each epoch is run by {@link Prefetch}. */
final class ImageBatches implements BatchSource {

  private final ResizedImages images;
  private final Dataset dataset;
  private final int imageSize;
  private final int views;

  /** Images, not views, of all parts together. */
  private final int wholeBatch;

  private final int part;
  private final int parts;
  private final boolean shuffle;
  private final long seed;
  private final Augment augment;
  private final Normalization normalization;
  private final int threads;
  private final int depth;

  ImageBatches(io.alexnet.data.Batches options) {
    images = options.images;
    dataset = images.dataset();
    imageSize = options.imageSize;
    views = options.views();
    wholeBatch = Math.min(Math.max(1, options.batchSize / views), dataset.size());
    part = options.part;
    parts = options.parts;
    shuffle = options.shuffle;
    seed = options.seed;
    augment = options.augment;
    normalization = options.normalization;
    threads = options.threads;
    depth = options.depth;
  }

  @Override
  public int size() {
    int full = dataset.size() / wholeBatch;
    int images = full * ofPart(wholeBatch) + ofPart(dataset.size() - full * wholeBatch);
    return Math.multiplyExact(images, views);
  }

  @Override
  public int views() {
    return views;
  }

  @Override
  public int batchSize() {
    return views * ofPart(wholeBatch);
  }

  @Override
  public Shape imageShape() {
    return Shape.of(images.channels(), imageSize, imageSize);
  }

  @Override
  public List<String> classNames() {
    return dataset.classNames();
  }

  /**
   * Of every image's file name, without its folder, and label, of the seed and the sizes: the same
   * when the data were moved, and of every part. The files are not read.
   */
  @Override
  public String fingerprint() {
    Fingerprint fingerprint = new Fingerprint().add(shuffle ? "shuffled" : "in order").add(seed);
    fingerprint.add(images.side()).add(imageShape().toString()).add(views);
    for (int i = 0; i < dataset.size(); i++) {
      String name = dataset.name(i);
      int folder = Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\'));
      fingerprint.add(name.substring(folder + 1)).add(dataset.label(i));
    }
    return fingerprint.text();
  }

  @Override
  public BatchSource.Batches open(int epoch, int firstBatch) {
    if (epoch < 0) {
      throw new IllegalArgumentException("epoch must not be negative: " + epoch);
    }
    Objects.checkIndex(firstBatch, batches() + 1);
    return new Prefetch(this, order(epoch), epoch, firstBatch, threads, depth);
  }

  /** The images' indices in the order of this epoch: of this part. */
  private int[] order(int epoch) {
    int[] order = IntStream.range(0, dataset.size()).toArray();
    if (shuffle) {
      SplitMix64.of(seed, epoch).shuffle(order);
    }
    if (parts == 1) {
      return order;
    }
    int length = 0;
    for (int from = 0; from < order.length; from += wholeBatch) {
      int size = Math.min(wholeBatch, order.length - from);
      System.arraycopy(order, from + start(part, size), order, length, ofPart(size));
      length += ofPart(size);
    }
    return Arrays.copyOf(order, length);
  }

  /** Parts that are not smaller for a larger batch: else one may need a batch more than others. */
  private int start(int part, int size) {
    return part * (size / parts) + Math.min(part, size % parts);
  }

  /** Images of this part in a batch of this size. */
  private int ofPart(int size) {
    return start(part + 1, size) - start(part, size);
  }

  int label(int index) {
    return dataset.label(index);
  }

  /**
   * Writes one image: all its views, one behind the other.
   *
   * @param table scratch space of 256 floats
   */
  void write(int index, int epoch, float[] target, int offset, float[] table) {
    int side = images.side();
    int channels = images.channels();
    byte[] pixels = images.pixels(index);
    for (int view = 0; view < views; view++) {
      Distortion distortion =
          views == 1
              ? augment.draw(seed, epoch, index, side, imageSize, channels)
              : TenCrops.view(view, side, imageSize, channels);
      int at = offset + view * imageShape().size();
      normalization.write(pixels, side, channels, distortion, imageSize, target, at, table);
    }
  }

  /** A batch whose first {@code size} images are written, mixed if augmentation does so. */
  Batch mix(Batch batch, int size, int epoch, int number) {
    return augment.hasMixup()
        ? Mixup.mix(batch, size, augment.drawShare(seed, epoch, number))
        : batch;
  }
}
