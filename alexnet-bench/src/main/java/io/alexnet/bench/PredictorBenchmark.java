package io.alexnet.bench;

import io.alexnet.predict.Predictor;
import io.alexnet.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;

/**
 * One image at a time through a {@link Predictor}: by one caller with all threads, which {@link
 * InferenceBenchmark} at batch 1 is to be compared with, and by two callers with a thread each.
 */
public class PredictorBenchmark extends NetworkBenchmark {

  private Predictor predictor;

  @Override
  protected int batch() {
    return 1;
  }

  @Override
  protected void prepare() {
    predictor = Predictor.builder(network).workspaces(2).threads(threads).build();
  }

  @TearDown(Level.Trial)
  public final void closePredictor() {
    predictor.close();
  }

  @Benchmark
  public Tensor oneCaller(Work work) {
    work.images++;
    return predictor.predict(images);
  }

  @Benchmark
  @Threads(2)
  public Tensor twoCallers(Work work) {
    work.images++;
    return predictor.predict(images);
  }
}
