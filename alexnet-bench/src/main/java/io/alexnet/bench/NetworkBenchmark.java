package io.alexnet.bench;

import io.alexnet.graph.Network;
import io.alexnet.tensor.Tensor;
import io.alexnet.zoo.AlexNet;
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

/**
 * What the benchmarks of the whole ungrouped AlexNet share: 1000 classes, images of 227×227 pixels
 * of noise, in one batch that is used again and again.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 10)
@Measurement(iterations = 3, time = 10)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "--add-modules",
      "jdk.incubator.vector",
      "-Xmx6g",
      "-XX:+IgnoreUnrecognizedVMOptions",
      "-XX:+UseTransparentHugePages"
    })
public abstract class NetworkBenchmark {

  @Param({"true", "false"})
  public boolean lrn;

  @Param("1")
  public int threads;

  protected Network network;
  protected Tensor images;

  /** Of this benchmark's parameters. */
  protected abstract int batch();

  /** Makes what a benchmark needs besides network and images. */
  protected void prepare() {}

  /** The only set-up method: JMH does not run a superclass's before a subclass's. */
  @Setup(Level.Trial)
  public final void openNetwork() {
    network = Network.builder(AlexNet.ungrouped().lrn(lrn).graph()).threads(threads).build();
    images = Tensor.zeros(network.inputShape().prepend(batch()));
    Random random = new Random(1);
    for (int i = 0; i < images.size(); i++) {
      images.array()[i] = (float) random.nextGaussian();
    }
    prepare();
  }

  @TearDown(Level.Trial)
  public final void closeNetwork() {
    network.close();
  }
}
