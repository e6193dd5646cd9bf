package io.alexnet.bench;

import io.alexnet.kernels.ChannelLrn;
import io.alexnet.kernels.LrnShape;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** The paper's local response normalisation, behind conv1 and conv2. */
public class LrnBenchmark extends KernelBenchmark {

  /** Channels × pixels. */
  @Param({"96x3025", "256x729"})
  public String size;

  @Param("64")
  public int batch;

  private float[] x;
  private float[] dy;
  private float[] y;
  private ChannelLrn.Forward forward;
  private ChannelLrn.Backward backward;

  @Override
  protected void prepare() {
    int channels = Integer.parseInt(size.split("x")[0]);
    int pixels = Integer.parseInt(size.split("x")[1]);
    LrnShape shape = new LrnShape(batch, channels, pixels, 5, 1e-4f, 0.75f, 2);
    x = uniform(batch * channels * pixels);
    dy = uniform(x.length);
    y = new float[x.length];
    forward = kernels.lrnForward(shape);
    backward = kernels.lrnBackward(shape);
  }

  @Benchmark
  public float[] forward(Work work) {
    forward.run(team, x, 0, y, 0);
    work.floats(2.0 * x.length);
    return y;
  }

  @Benchmark
  public float[] backward(Work work) {
    backward.run(team, x, 0, dy, 0, y, 0);
    work.floats(3.0 * x.length);
    return y;
  }
}
