package io.alexnet.bench;

import io.alexnet.predict.Predictor;
import io.alexnet.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;

/**
 * One image at a time through a {@link Predictor}: by one caller with as many threads as the
 * parameter says, which {@link InferenceBenchmark} at batch 1 is to be compared with, and by two
 * callers with a thread each.
 */
public class PredictorBenchmark extends NetworkBenchmark {

  private Predictor forOne;
  private Predictor forTwo;

  @Override
  protected int batch() {
    return 1;
  }

  @Override
  protected void prepare() {
    forOne = Predictor.builder(network).workspaces(1).threads(threads).build();
    forTwo = Predictor.builder(network).workspaces(2).threads(1).build();
  }

  @TearDown(Level.Trial)
  public final void closePredictors() {
    forOne.close();
    forTwo.close();
  }

  @Benchmark
  public Tensor oneCaller(Work work) {
    work.images++;
    return forOne.predict(images);
  }

  @Benchmark
  @Threads(2)
  public Tensor twoCallers(Work work) {
    work.images++;
    return forTwo.predict(images);
  }
}
