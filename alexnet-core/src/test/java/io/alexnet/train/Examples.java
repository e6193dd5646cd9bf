package io.alexnet.train;

import io.alexnet.batch.Batch;
import io.alexnet.batch.BatchSource;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A small source of learnable examples in memory: noise with a bright patch whose place tells the
 * class. Shuffled by the epoch; its batches use their arrays again, as the port allows.
 */
final class Examples implements BatchSource {

  private final Shape imageShape;
  private final int batchSize;
  private final int classes;
  private final float[][] images;
  private final int[] labels;

  Examples(Shape imageShape, int size, int batchSize, int classes, long seed) {
    this.imageShape = imageShape;
    this.batchSize = batchSize;
    this.classes = classes;
    this.images = new float[size][imageShape.size()];
    this.labels = new int[size];
    Random random = new Random(seed);
    int patch = imageShape.size() / classes;
    for (int i = 0; i < size; i++) {
      labels[i] = random.nextInt(classes);
      for (int j = 0; j < images[i].length; j++) {
        images[i][j] = (float) random.nextGaussian() * 0.3f + (j / patch == labels[i] ? 1 : 0);
      }
    }
  }

  /** Makes every loss with this example NaN. */
  void poison(int index) {
    images[index][0] = Float.NaN;
  }

  int label(int index) {
    return labels[index];
  }

  void label(int index, int label) {
    labels[index] = label;
  }

  @Override
  public int size() {
    return images.length;
  }

  @Override
  public int batchSize() {
    return batchSize;
  }

  @Override
  public Shape imageShape() {
    return imageShape;
  }

  @Override
  public List<String> classNames() {
    List<String> names = new ArrayList<>();
    for (int c = 0; c < classes; c++) {
      names.add("class " + c);
    }
    return names;
  }

  @Override
  public Batches open(int epoch, int firstBatch) {
    int[] order = new int[size()];
    Random random = new Random(epoch);
    for (int i = 0; i < order.length; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    int remainder = size() % batchSize;
    Batch full = empty(batchSize);
    Batch last = remainder == 0 ? full : empty(remainder);
    return new Batches() {
      private int batch = firstBatch;

      @Override
      public Batch next() {
        if (batch >= batches()) {
          return null;
        }
        Batch next = batch == batches() - 1 ? last : full;
        for (int n = 0; n < next.size(); n++) {
          int example = order[batch * batchSize + n];
          System.arraycopy(
              images[example], 0, next.images().array(), n * imageShape.size(), imageShape.size());
          next.labels()[n] = labels[example];
        }
        batch++;
        return next;
      }

      @Override
      public void close() {}
    };
  }

  private Batch empty(int size) {
    return new Batch(Tensor.zeros(imageShape.prepend(size)), new int[size]);
  }
}
