package io.alexnet.train;

import io.alexnet.batch.Batch;
import io.alexnet.batch.BatchSource;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** One replica's rows of every batch of a source. */
final class PartOfBatches implements BatchSource {

  private final BatchSource whole;
  private final int rank;
  private final int count;

  PartOfBatches(BatchSource whole, int rank, int count) {
    this.whole = whole;
    this.rank = rank;
    this.count = count;
  }

  private int from(int batchSize) {
    return rank * (batchSize / count) + Math.min(rank, batchSize % count);
  }

  private int to(int batchSize) {
    return from(batchSize) + batchSize / count + (rank < batchSize % count ? 1 : 0);
  }

  private int length(int batchSize) {
    return to(batchSize) - from(batchSize);
  }

  @Override
  public int size() {
    return (whole.batches() - 1) * batchSize() + length(whole.lastBatchSize());
  }

  @Override
  public int batchSize() {
    return length(whole.batchSize());
  }

  @Override
  public Shape imageShape() {
    return whole.imageShape();
  }

  @Override
  public List<String> classNames() {
    return whole.classNames();
  }

  /** Each another, as where a replica has a data set of its own. */
  @Override
  public String fingerprint() {
    return "of replica " + rank;
  }

  @Override
  public Batches open(int epoch, int firstBatch) {
    Batches batches = whole.open(epoch, firstBatch);
    return new Batches() {
      @Override
      public Batch next() {
        Batch batch = batches.next();
        if (batch == null || length(batch.size()) == 0) {
          return null;
        }
        Tensor images = batch.images().slice(from(batch.size()), to(batch.size()));
        int[] labels = Arrays.copyOfRange(batch.labels(), from(batch.size()), to(batch.size()));
        return new Batch(images, labels);
      }

      @Override
      public void close() {
        batches.close();
      }
    };
  }
}
