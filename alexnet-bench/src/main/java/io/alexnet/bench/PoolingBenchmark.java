package io.alexnet.bench;

import io.alexnet.kernels.PoolShape;
import io.alexnet.kernels.Pooling;
import io.alexnet.kernels.Window;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** AlexNet's overlapping 3×3/2 pooling, behind conv1, conv2 and conv5. */
public class PoolingBenchmark extends KernelBenchmark {

  /** Channels × height (and width) of the input. */
  @Param({"96x55", "256x27", "256x13"})
  public String size;

  @Param("64")
  public int batch;

  private float[] x;
  private float[] y;
  private int[] argmax;
  private Pooling.MaxForward maxForward;
  private Pooling.MaxBackward maxBackward;
  private Pooling.AverageForward averageForward;
  private Pooling.AverageBackward averageBackward;

  @Override
  protected void prepare() {
    int channels = Integer.parseInt(size.split("x")[0]);
    int side = Integer.parseInt(size.split("x")[1]);
    Window window = Window.square(3).stride(2);
    PoolShape shape = new PoolShape(batch, channels, side, side, window, false, true);
    x = uniform(batch * channels * side * side);
    y = new float[batch * channels * shape.outHeight() * shape.outWidth()];
    argmax = new int[y.length];
    maxForward = kernels.maxPoolForward(shape);
    maxBackward = kernels.maxPoolBackward(shape);
    averageForward = kernels.averagePoolForward(shape);
    averageBackward = kernels.averagePoolBackward(shape);
    maxForward.run(team, x, 0, y, 0, argmax);
  }

  @Benchmark
  public float[] maxForward(Work work) {
    maxForward.run(team, x, 0, y, 0, argmax);
    work.floats(x.length + 2.0 * y.length);
    return y;
  }

  @Benchmark
  public float[] maxBackward(Work work) {
    maxBackward.run(team, y, 0, argmax, x, 0);
    work.floats(x.length + 2.0 * y.length);
    return x;
  }

  @Benchmark
  public float[] averageForward(Work work) {
    averageForward.run(team, x, 0, y, 0);
    work.floats(x.length + (double) y.length);
    return y;
  }

  @Benchmark
  public float[] averageBackward(Work work) {
    averageBackward.run(team, y, 0, x, 0);
    work.floats(x.length + (double) y.length);
    return x;
  }
}
