package io.alexnet.train;

import io.alexnet.batch.Batch;
import io.alexnet.batch.BatchSource;
import io.alexnet.tensor.Shape;
import java.util.List;

/** Another source but for what a test overrides. */
class ForwardingSource implements BatchSource {

  private final BatchSource source;

  ForwardingSource(BatchSource source) {
    this.source = source;
  }

  @Override
  public int size() {
    return source.size();
  }

  @Override
  public int batchSize() {
    return source.batchSize();
  }

  @Override
  public Shape imageShape() {
    return source.imageShape();
  }

  @Override
  public List<String> classNames() {
    return source.classNames();
  }

  @Override
  public Batches open(int epoch, int firstBatch) {
    Batches batches = source.open(epoch, firstBatch);
    return new Batches() {
      private int taken;

      @Override
      public Batch next() {
        return ForwardingSource.this.next(batches, taken++);
      }

      @Override
      public void close() {
        batches.close();
      }
    };
  }

  /**
   * The next batch, or null at the end of the epoch.
   *
   * @param taken how many were before it
   */
  Batch next(Batches batches, int taken) {
    return batches.next();
  }
}
