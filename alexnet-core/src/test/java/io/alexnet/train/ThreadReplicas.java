package io.alexnet.train;

import io.alexnet.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Replicas in the threads of one program. */
final class ThreadReplicas {

  /** What a replica's thread does. */
  interface Work<T> {
    T run(Replicas replicas) throws Exception;
  }

  private final int count;
  private final CyclicBarrier barrier;
  private final List<List<Tensor>> tensors = new ArrayList<>();
  private final double[][] numbers;

  private ThreadReplicas(int count) {
    this.count = count;
    barrier = new CyclicBarrier(count);
    numbers = new double[count][];
    for (int i = 0; i < count; i++) {
      tensors.add(null);
    }
  }

  /** What all threads gave, by rank; throws what the first to fail threw. */
  static <T> List<T> run(int count, Work<T> work) throws Exception {
    ThreadReplicas all = new ThreadReplicas(count);
    ExecutorService threads = Executors.newFixedThreadPool(count);
    try {
      List<Future<T>> futures = new ArrayList<>();
      for (int rank = 0; rank < count; rank++) {
        Replica replica = all.new Replica(rank);
        futures.add(threads.submit(() -> all.orBreak(work, replica)));
      }
      List<T> results = new ArrayList<>();
      Exception failure = null;
      for (Future<T> future : futures) {
        try {
          results.add(future.get());
        } catch (ExecutionException e) {
          Exception cause = (Exception) e.getCause();
          if (failure == null || failure.getCause() instanceof BrokenBarrierException) {
            failure = cause;
          }
        }
      }
      if (failure != null) {
        throw failure;
      }
      return results;
    } finally {
      threads.shutdownNow();
    }
  }

  private <T> T orBreak(Work<T> work, Replica replica) throws Exception {
    try {
      return work.run(replica);
    } catch (Exception | Error e) {
      barrier.reset(); // the others shall not wait for ever
      throw e;
    }
  }

  private final class Replica implements Replicas {

    private final int rank;

    Replica(int rank) {
      this.rank = rank;
    }

    @Override
    public int rank() {
      return rank;
    }

    @Override
    public int count() {
      return count;
    }

    @Override
    public double[][] sum(List<Tensor> own, double... ownNumbers) {
      tensors.set(rank, own);
      numbers[rank] = ownNumbers;
      await();
      double[][] all = numbers.clone();
      List<float[]> sums = new ArrayList<>();
      for (int i = 0; i < own.size(); i++) {
        float[] sum = new float[own.get(i).size()];
        for (List<Tensor> each : tensors) {
          Tensor tensor = each.get(i);
          for (int j = 0; j < sum.length; j++) {
            sum[j] += tensor.array()[tensor.offset() + j];
          }
        }
        sums.add(sum);
      }
      await();
      for (int i = 0; i < own.size(); i++) {
        System.arraycopy(
            sums.get(i), 0, own.get(i).array(), own.get(i).offset(), own.get(i).size());
      }
      await();
      return all;
    }

    private void await() {
      try {
        barrier.await();
      } catch (InterruptedException | BrokenBarrierException e) {
        throw new IllegalStateException("another replica has failed", e);
      }
    }
  }
}
