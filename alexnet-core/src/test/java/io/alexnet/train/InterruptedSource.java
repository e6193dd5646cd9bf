package io.alexnet.train;

import io.alexnet.batch.Batch;
import io.alexnet.batch.BatchSource;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;

/**
 * Another source whose consumer is interrupted while it waits for a batch, once some of the epoch
 * are taken: as the prefetching batches answer an interrupt.
 */
final class InterruptedSource extends ForwardingSource {

  private final BatchSource source;
  private final int after;

  InterruptedSource(BatchSource source, int after) {
    super(source);
    this.source = source;
    this.after = after;
  }

  @Override
  public Batches open(int epoch, int firstBatch) {
    Batches batches = source.open(epoch, firstBatch);
    return new Batches() {
      private int taken;

      @Override
      public Batch next() {
        if (taken++ == after) {
          Thread.currentThread().interrupt();
          throw new UncheckedIOException(new InterruptedIOException());
        }
        return batches.next();
      }

      @Override
      public void close() {
        batches.close();
      }
    };
  }
}
