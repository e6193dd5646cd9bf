package io.alexnet.bench;

import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The two limits of one core: multiply-adds in registers, and a stream through memory. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "--add-modules",
      "jdk.incubator.vector",
      "-XX:+IgnoreUnrecognizedVMOptions",
      "-XX:+UseTransparentHugePages"
    })
public class PeakBenchmark {

  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  /** Enough to hide a latency of up to six cycles on two units, few enough for 16 registers. */
  private static final int SUMS = 12;

  private static final int ROUNDS = 100_000;

  /** Operations of a round of {@link #multiplyAdds}. */
  static final double FLOPS = 2.0 * SUMS * SPECIES.length();

  private float factor = 0.999f;
  private float term = 0.001f;
  private final float[] from = new float[1 << 26];
  private final float[] to = new float[1 << 26];

  @Benchmark
  public float multiplyAdd(Work work) {
    work.flops(FLOPS * ROUNDS);
    return multiplyAdds(ROUNDS, factor, term);
  }

  /** Twelve independent chains x ← x·factor + term. */
  static float multiplyAdds(int rounds, float factor, float term) {
    FloatVector f = FloatVector.broadcast(SPECIES, factor);
    FloatVector t = FloatVector.broadcast(SPECIES, term);
    FloatVector x0 = t;
    FloatVector x1 = t.add(1);
    FloatVector x2 = t.add(2);
    FloatVector x3 = t.add(3);
    FloatVector x4 = t.add(4);
    FloatVector x5 = t.add(5);
    FloatVector x6 = t.add(6);
    FloatVector x7 = t.add(7);
    FloatVector x8 = t.add(8);
    FloatVector x9 = t.add(9);
    FloatVector x10 = t.add(10);
    FloatVector x11 = t.add(11);
    for (int i = 0; i < rounds; i++) {
      x0 = x0.fma(f, t);
      x1 = x1.fma(f, t);
      x2 = x2.fma(f, t);
      x3 = x3.fma(f, t);
      x4 = x4.fma(f, t);
      x5 = x5.fma(f, t);
      x6 = x6.fma(f, t);
      x7 = x7.fma(f, t);
      x8 = x8.fma(f, t);
      x9 = x9.fma(f, t);
      x10 = x10.fma(f, t);
      x11 = x11.fma(f, t);
    }
    FloatVector sum = x0.add(x1).add(x2.add(x3)).add(x4.add(x5)).add(x6.add(x7));
    return sum.add(x8.add(x9)).add(x10.add(x11)).lane(0);
  }

  /** A copy of 256 MiB: read once, written once. */
  @Benchmark
  public float[] memory(Work work) {
    System.arraycopy(from, 0, to, 0, from.length);
    work.floats(2.0 * from.length);
    return to;
  }
}
