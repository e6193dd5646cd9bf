package io.alexnet.bench;

import io.alexnet.kernels.Dense;
import io.alexnet.kernels.DenseShape;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** AlexNet's three fully connected layers in their three passes. */
public class DenseBenchmark extends KernelBenchmark {

  /** Inputs × outputs of fc6, fc7 and fc8. */
  @Param({"9216x4096", "4096x4096", "4096x1000"})
  public String size;

  @Param({"64", "128"})
  public int batch;

  private DenseShape shape;
  private Dense.Forward forward;
  private Dense.BackwardData backwardData;
  private Dense.BackwardWeights backwardWeights;
  private float[] workspace;
  private float[] x;
  private float[] weights;
  private float[] bias;
  private float[] y;
  private float[] dy;
  private float[] dx;
  private float[] dWeights;
  private float[] dBias;

  @Override
  protected void prepare() {
    String[] sizes = size.split("x");
    int inputs = Integer.parseInt(sizes[0]);
    int outputs = Integer.parseInt(sizes[1]);
    shape = new DenseShape(batch, inputs, outputs);
    forward = kernels.denseForward(shape);
    backwardData = kernels.denseBackwardData(shape);
    backwardWeights = kernels.denseBackwardWeights(shape);
    workspace = workspaceFor(forward, backwardData, backwardWeights);
    x = uniform(batch * inputs);
    weights = uniform(outputs * inputs);
    bias = uniform(outputs);
    y = new float[batch * outputs];
    dy = uniform(batch * outputs);
    dx = new float[batch * inputs];
    dWeights = new float[outputs * inputs];
    dBias = new float[outputs];
  }

  @Benchmark
  public float[] forward(Work work) {
    forward.run(team, workspace, x, 0, weights, 0, bias, 0, y, 0);
    work.flops(shape.flops());
    return y;
  }

  @Benchmark
  public float[] backwardData(Work work) {
    backwardData.run(team, workspace, dy, 0, weights, 0, dx, 0);
    work.flops(shape.flops());
    return dx;
  }

  @Benchmark
  public float[] backwardWeights(Work work) {
    backwardWeights.run(team, workspace, x, 0, dy, 0, dWeights, 0, dBias, 0, false);
    work.flops(shape.flops());
    return dWeights;
  }
}
