package io.alexnet.bench;

import io.alexnet.kernels.Kernel;
import io.alexnet.kernels.Kernels;
import io.alexnet.kernels.ThreadTeam;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What the benchmarks of all kernel families share: the provider, the team and the settings. */
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
      "-Xmx6g",
      "-XX:+IgnoreUnrecognizedVMOptions",
      "-XX:+UseTransparentHugePages"
    })
public abstract class KernelBenchmark {

  @Param({"scalar", "simd"})
  public String provider;

  @Param("1")
  public int threads;

  protected Kernels kernels;
  protected ThreadTeam team;

  private final Random random = new Random(1);

  /** Makes the kernels and their operands. */
  protected abstract void prepare();

  /** The only set-up method: JMH does not run a superclass's before a subclass's. */
  @Setup(Level.Trial)
  public final void openTeam() {
    kernels =
        switch (provider) {
          case "scalar" -> Kernels.scalar();
          case "simd" -> Kernels.simd();
          default ->
              throw new IllegalArgumentException("provider is scalar or simd, not " + provider);
        };
    team = new ThreadTeam(threads);
    prepare();
  }

  @TearDown(Level.Trial)
  public final void closeTeam() {
    team.close();
  }

  float[] workspaceFor(Kernel... some) {
    long largest = 0;
    for (Kernel kernel : some) {
      largest = Math.max(largest, kernel.workspace(threads));
    }
    return new float[Math.toIntExact(largest)];
  }

  /** Uniform in −1 … 1: without zeros and denormals, which cost other than the rest. */
  float[] uniform(int length) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = 2 * random.nextFloat() - 1;
    }
    return values;
  }
}
