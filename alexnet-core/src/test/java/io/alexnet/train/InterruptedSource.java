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

  private final int after;

  InterruptedSource(BatchSource source, int after) {
    super(source);
    this.after = after;
  }

  @Override
  Batch next(Batches batches, int taken) {
    if (taken == after) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new InterruptedIOException());
    }
    return super.next(batches, taken);
  }
}
