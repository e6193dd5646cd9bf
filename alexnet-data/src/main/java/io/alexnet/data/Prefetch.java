package io.alexnet.data;

import io.alexnet.batch.Batch;
import io.alexnet.batch.BatchSource;
import io.alexnet.tensor.Tensor;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.util.Arrays;

/**
 * One epoch of batches, made ahead by threads of its own.
 *
 * <p>The threads take one image after the other, in the epoch's order, and write it to its place in
 * a ring of batches; whoever writes the last image of a batch mixes it, if it is to be mixed. What
 * an image looks like depends on its index and the epoch alone, so it does not matter which thread
 * writes it, nor when. The ring is the only bound: a thread that is a whole ring ahead waits until
 * the consumer gives a batch back.
 */
final class Prefetch implements BatchSource.Batches {

  private static final int NONE = Integer.MAX_VALUE;

  private final ImageBatches source;
  private final int[] order;
  private final int epoch;
  private final int views;
  private final int batchSize;
  private final int batches;
  private final int firstBatch;
  private final Batch[] ring;
  private final Thread[] threads;

  // Guarded by this object's monitor, as is what the ring's slots hold at present.
  private final int[] unwritten;
  private final boolean[] whole;
  private int nextImage;
  private int running;
  private int nextBatch;
  private int released;
  private boolean closed;
  private int failedImage = NONE;
  private Throwable failure;

  /**
   * @param order the images' indices, in the order of this epoch
   * @param depth batches made ahead, besides the one in use
   */
  Prefetch(ImageBatches source, int[] order, int epoch, int firstBatch, int threads, int depth) {
    this.source = source;
    this.order = order;
    this.epoch = epoch;
    this.firstBatch = firstBatch;
    views = source.views();
    // From here on in images, each of which is one piece of work with all its views.
    batchSize = source.batchSize() / views;
    batches = source.batches();
    nextImage = firstBatch * batchSize;
    nextBatch = firstBatch;
    released = firstBatch;
    ring = new Batch[Math.min(depth, batches - firstBatch - 1) + 1];
    unwritten = new int[ring.length];
    whole = new boolean[ring.length];
    for (int slot = 0; slot < ring.length; slot++) {
      Tensor images = Tensor.zeros(source.imageShape().prepend(batchSize * views));
      ring[slot] = new Batch(images, new int[batchSize * views]);
      unwritten[slot] = size(firstBatch + slot);
    }
    this.threads = new Thread[ring.length == 0 ? 0 : threads];
    for (int i = 0; i < this.threads.length; i++) {
      this.threads[i] = new Thread(this::work, "alexnet-prefetch-" + (i + 1));
      this.threads[i].setDaemon(true);
    }
    try {
      for (Thread thread : this.threads) {
        thread.start();
      }
    } catch (Throwable t) { // the system has no more threads
      close(); // nobody else can
      throw t;
    }
  }

  private int slot(int batch) {
    return (batch - firstBatch) % ring.length;
  }

  private int size(int batch) {
    return Math.min(batchSize, order.length - batch * batchSize);
  }

  private void work() {
    float[] table = null;
    for (int image; (image = claim()) < order.length; ) {
      Throwable thrown = null;
      try {
        table = table == null ? new float[256] : table; // here, where it is told if it fails
        write(image, table);
        if (isLastOfItsBatch(image)) {
          mix(image / batchSize);
        }
      } catch (Throwable t) {
        thrown = t;
      }
      done(image, thrown);
    }
  }

  /** The next image to write, as a place in the order; the order's length if none is left. */
  private synchronized int claim() {
    while (!closed && failure == null && nextImage < order.length) {
      if (nextImage / batchSize < released + ring.length) {
        running++;
        return nextImage++;
      }
      try {
        wait();
      } catch (InterruptedException e) {
        // Nobody's business but close()'s, which sets a flag.
      }
    }
    return order.length;
  }

  private void write(int image, float[] table) {
    Batch batch = ring[slot(image / batchSize)];
    int place = image % batchSize;
    int index = order[image];
    int imageSize = batch.images().size() / batchSize;
    Arrays.fill(batch.labels(), place * views, (place + 1) * views, source.label(index));
    source.write(
        index, epoch, batch.images().array(), batch.images().offset() + place * imageSize, table);
  }

  private synchronized boolean isLastOfItsBatch(int image) {
    return --unwritten[slot(image / batchSize)] == 0;
  }

  /** By the thread that wrote the last of its images, all others being through with it. */
  private void mix(int batch) {
    int slot = slot(batch);
    Batch mixed = source.mix(ring[slot], size(batch), epoch, batch);
    synchronized (this) {
      ring[slot] = mixed;
      whole[slot] = true;
    }
  }

  private synchronized void done(int image, Throwable thrown) {
    running--;
    if (thrown != null && image < failedImage) {
      failedImage = image;
      failure = thrown;
    }
    if (whole[slot(image / batchSize)] || failure != null) {
      notifyAll();
    }
  }

  @Override
  public Batch next() {
    Batch next;
    try {
      next = take();
    } catch (Throwable t) {
      close();
      throw t;
    }
    if (next == null) {
      close();
    }
    return next;
  }

  private synchronized Batch take() {
    if (nextBatch > released) {
      release();
    }
    if (nextBatch == batches) {
      return null;
    }
    requireOpen();
    int slot = slot(nextBatch);
    // After a failure all images at work are waited for: those before it are whole then, and of
    // several failures the first in order is thrown, not the first in time.
    while (!closed && (failure == null ? !whole[slot] : running > 0)) {
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new UncheckedIOException(
            new InterruptedIOException("interrupted while waiting for batch " + nextBatch));
      }
    }
    requireOpen(); // still: another thread may have closed it, and no more is written
    if (failedImage / batchSize == nextBatch) {
      Prefetch.<RuntimeException>rethrow(failure);
    }
    Batch full = ring[slot];
    int size = size(nextBatch++);
    return size == batchSize
        ? full
        : new Batch(
            full.images().slice(0, size * views),
            Arrays.copyOf(full.labels(), size * views),
            Arrays.copyOf(full.partnerLabels(), size * views),
            full.share());
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the batches of this epoch are closed");
    }
  }

  private void release() {
    int next = released + ring.length;
    if (next < batches) {
      unwritten[slot(released)] = size(next);
      whole[slot(released)] = false;
    }
    released++;
    notifyAll();
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> void rethrow(Throwable thrown) throws T {
    throw (T) thrown;
  }

  /** Ends the threads, after the image that each is at, and waits for them. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    boolean interrupted = false;
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
