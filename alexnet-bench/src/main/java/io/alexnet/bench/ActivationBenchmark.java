package io.alexnet.bench;

import io.alexnet.kernels.Activation;
import io.alexnet.kernels.ActivationFunction;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** The activation functions over the output of conv1. */
public class ActivationBenchmark extends KernelBenchmark {

  @Param public ActivationFunction function;

  @Param("64")
  public int batch;

  private float[] x;
  private float[] y;
  private float[] dy;
  private float[] dx;
  private Activation.Forward forward;
  private Activation.Backward backward;

  @Override
  protected void prepare() {
    x = uniform(batch * 96 * 55 * 55);
    dy = uniform(x.length);
    y = new float[x.length];
    dx = new float[x.length];
    forward = kernels.activationForward(function, 0.01f, x.length);
    backward = kernels.activationBackward(function, 0.01f, x.length);
    forward.run(team, x, 0, y, 0);
  }

  @Benchmark
  public float[] forward(Work work) {
    forward.run(team, x, 0, y, 0);
    work.floats(2.0 * x.length);
    return y;
  }

  @Benchmark
  public float[] backward(Work work) {
    backward.run(team, y, 0, dy, 0, dx, 0);
    work.floats(3.0 * x.length);
    return dx;
  }
}
