package io.alexnet.kernels;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A fixed team of threads that runs the pieces of one task at a time: the caller and {@code size −
 * 1} daemon threads that the team owns until it is closed.
 *
 * <p>Pieces are handed out in order to whoever is free, so which thread runs a piece is not
 * determined; a task whose pieces write disjoint places, each in an order of its own, gives the
 * same bits on any team.
 *
 * <p>A team serves one caller at a time: {@link #run} refuses to be called from two threads at once
 * or from within a piece.
 */
public final class ThreadTeam implements AutoCloseable {

  /** The body of a task. */
  @FunctionalInterface
  public interface Task {
    /**
     * @param piece from 0 to pieces − 1
     * @param worker who runs it, from 0 to size − 1: the index of a private slice of scratch space
     */
    void run(int piece, int worker);
  }

  /**
   * How long a worker looks for the next task before it parks. A training step starts hundreds of
   * tasks a few microseconds apart, and waking a parked thread costs 50 µs.
   */
  private static final long SPIN_NANOS = 50_000;

  /** As the next piece: there is none. */
  private static final long OVER = Integer.MAX_VALUE;

  private final Thread[] workers;

  /**
   * The number of the round, one for each task, in the high half and the next piece in the low one.
   * Whoever moves it on by compare-and-set owns the piece, and knows that task and pieces, read
   * before, were of that round.
   */
  private final AtomicLong ticket = new AtomicLong(OVER);

  /**
   * Pieces, not threads, are waited for: a worker that the system gives no processor would hold up
   * a task that the others have long done.
   */
  private final AtomicInteger unfinished = new AtomicInteger();

  private volatile Task task;
  private volatile int pieces;
  private volatile boolean closed;
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  /** Held while a task runs. */
  private final ReentrantLock inUse = new ReentrantLock();

  private volatile Thread caller;

  /**
   * @param size threads in all, the caller's included; at least 1
   */
  public ThreadTeam(int size) {
    if (size < 1) {
      throw new IllegalArgumentException("threads must be at least 1, not " + size);
    }
    workers = new Thread[size - 1];
    for (int i = 0; i < workers.length; i++) {
      int worker = i + 1;
      workers[i] = new Thread(() -> work(worker), "alexnet-team-" + worker);
      workers[i].setDaemon(true);
    }
    try {
      for (Thread worker : workers) {
        worker.start();
      }
    } catch (Throwable t) { // the system has no more threads
      close(); // nobody else can
      throw t;
    }
  }

  public int size() {
    return workers.length + 1;
  }

  /**
   * Runs pieces 0 … pieces − 1 and returns when all are done. If a piece throws, the pieces not yet
   * begun are skipped and the first exception is thrown here.
   *
   * @throws IllegalStateException if the team is closed or runs a task already
   */
  public void run(int pieces, Task task) {
    if (inUse.isHeldByCurrentThread() || !inUse.tryLock()) {
      throw new IllegalStateException(
          "the thread team runs a task already: give each concurrent caller a team of its own");
    }
    try {
      if (closed) {
        throw new IllegalStateException("the thread team is closed");
      }
      if (pieces <= 1 || workers.length == 0) {
        for (int piece = 0; piece < pieces; piece++) {
          task.run(piece, 0);
        }
      } else {
        runTogether(pieces, task);
      }
    } finally {
      inUse.unlock();
    }
  }

  private void runTogether(int pieces, Task task) {
    this.task = task;
    this.pieces = pieces;
    caller = Thread.currentThread();
    unfinished.set(pieces);
    ticket.set((round() + 1) << 32);
    for (Thread worker : workers) {
      LockSupport.unpark(worker);
    }
    claim(0);
    awaitPieces();
    // Before the fields change again, lest a late worker takes a piece of the next task for one of
    // this.
    endRound();
    this.task = null;
    Throwable thrown = failure.getAndSet(null);
    if (thrown != null) {
      ThreadTeam.<RuntimeException>rethrow(thrown);
    }
  }

  private long round() {
    return ticket.get() >>> 32;
  }

  /** Returns the next piece, which now will not be run. */
  private int endRound() {
    return (int) ticket.getAndUpdate(t -> t | OVER);
  }

  private void claim(int worker) {
    while (true) {
      long current = ticket.get();
      int piece = (int) current;
      Task body = task;
      if (piece >= pieces) {
        return;
      }
      if (ticket.compareAndSet(current, current + 1)) {
        int done = 1;
        try {
          body.run(piece, worker);
        } catch (Throwable t) {
          failure.compareAndSet(null, t);
          done += Math.max(0, pieces - endRound());
        }
        if (unfinished.addAndGet(-done) == 0 && worker != 0) {
          LockSupport.unpark(caller);
        }
      }
    }
  }

  private void awaitPieces() {
    long start = System.nanoTime();
    while (unfinished.get() > 0) {
      if (System.nanoTime() - start < SPIN_NANOS) {
        Thread.onSpinWait();
      } else {
        LockSupport.park(this);
      }
    }
  }

  private void work(int worker) {
    long seen = 0;
    while (awaitRoundAfter(seen)) {
      seen = round();
      claim(worker);
    }
  }

  private boolean awaitRoundAfter(long seen) {
    long start = System.nanoTime();
    while (round() == seen) {
      if (closed) {
        return false;
      }
      if (System.nanoTime() - start < SPIN_NANOS) {
        Thread.onSpinWait();
      } else {
        LockSupport.park(this);
        Thread.interrupted(); // means nothing here, and would keep it from parking again
      }
    }
    return true;
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> void rethrow(Throwable thrown) throws T {
    throw (T) thrown;
  }

  /**
   * Ends the team's threads and waits for them, first for a task that another thread is running.
   * Closing twice is harmless.
   *
   * @throws IllegalStateException if called from within a piece, whose end it would wait for
   */
  @Override
  public void close() {
    if (inUse.isHeldByCurrentThread() || List.of(workers).contains(Thread.currentThread())) {
      throw new IllegalStateException("a thread team cannot be closed by a piece of its own task");
    }
    inUse.lock();
    try {
      closed = true;
    } finally {
      inUse.unlock();
    }
    boolean interrupted = false;
    for (Thread worker : workers) {
      LockSupport.unpark(worker);
      while (worker.isAlive()) {
        try {
          worker.join();
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
