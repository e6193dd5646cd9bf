package io.alexnet.bench;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * The multiply-adds of one core right before and after each iteration. A virtual machine's core may
 * be worth half as much a few seconds later, when its neighbour wakes up: a share of the peak means
 * something only beside the peak of that moment. It is the median of many short calls: their mean
 * was up to 6 % below what {@link PeakBenchmark} itself reaches.
 */
public final class PeakProfiler implements InternalProfiler {

  /** The result, in GFLOP/s. */
  static final String PEAK = "peak";

  private static final int CALLS = 60;

  /** Long enough for a clock, short enough that hundreds of calls warm it up. */
  private static final int ROUNDS = 100_000;

  /** Of each call before and after an iteration. */
  private final long[] nanos = new long[2 * CALLS];

  /** Whatever the sums are, they must be used. */
  private float sink;

  @Override
  public String getDescription() {
    return "multiply-adds of one core before and after each iteration";
  }

  @Override
  public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
    time(0);
  }

  @Override
  public Collection<? extends Result<?>> afterIteration(
      BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
    time(CALLS);
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    double gflops = PeakBenchmark.FLOPS * ROUNDS / sorted[CALLS];
    return List.of(new ScalarResult(PEAK, gflops, "GFLOP/s", AggregationPolicy.AVG));
  }

  private void time(int first) {
    for (int call = first; call < first + CALLS; call++) {
      long start = System.nanoTime();
      sink += PeakBenchmark.multiplyAdds(ROUNDS, 0.999f, 0.001f);
      nanos[call] = System.nanoTime() - start;
    }
  }
}
