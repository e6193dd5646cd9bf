package io.alexnet.bench;

import io.alexnet.kernels.Softmax;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** Softmax over the classes of ImageNet, plain and fused with its loss. */
public class SoftmaxBenchmark extends KernelBenchmark {

  @Param("1000")
  public int classes;

  @Param("128")
  public int batch;

  private float[] x;
  private float[] y;
  private float[] dy;
  private float[] dx;
  private float[] losses;
  private int[] labels;
  private Softmax.Forward forward;
  private Softmax.Backward backward;
  private Softmax.CrossEntropy crossEntropy;

  @Override
  protected void prepare() {
    x = uniform(batch * classes);
    dy = uniform(x.length);
    y = new float[x.length];
    dx = new float[x.length];
    losses = new float[batch];
    labels = new int[batch];
    for (int n = 0; n < batch; n++) {
      labels[n] = n % classes;
    }
    forward = kernels.softmaxForward(batch, classes);
    backward = kernels.softmaxBackward(batch, classes);
    crossEntropy = kernels.softmaxCrossEntropy(batch, classes);
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

  @Benchmark
  public float[] crossEntropy(Work work) {
    crossEntropy.run(team, x, 0, labels, 0, 1f / batch, losses, dx, 0);
    work.floats(2.0 * x.length);
    return dx;
  }
}
