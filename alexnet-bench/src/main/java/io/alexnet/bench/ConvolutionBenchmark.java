package io.alexnet.bench;

import io.alexnet.kernels.ConvAlgorithm;
import io.alexnet.kernels.ConvShape;
import io.alexnet.kernels.Convolution;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/**
 * AlexNet's five convolutions in their three passes. GFLOP/s are those of the direct method, so an
 * algorithm that needs fewer multiplications may pass the peak. The scalar provider takes up to a
 * minute for a batch of 64: give it {@code -p batch=4}.
 */
public class ConvolutionBenchmark extends KernelBenchmark {

  @Param public AlexNetLayer layer;

  @Param("64")
  public int batch;

  @Param("AUTO")
  public ConvAlgorithm algorithm;

  private ConvShape shape;
  private float[] x;
  private float[] weights;
  private float[] bias;
  private float[] y;
  private Convolution.Forward forward;
  private Convolution.BackwardData backwardData;
  private Convolution.BackwardWeights backwardWeights;
  private float[] workspace;

  /** Backward passes overwrite one operand's array with the other's gradient: sizes are alike. */
  @Override
  protected void prepare() {
    shape = layer.shape(batch);
    forward = kernels.convolutionForward(shape, algorithm);
    backwardData = kernels.convolutionBackwardData(shape, algorithm);
    backwardWeights = kernels.convolutionBackwardWeights(shape, algorithm);
    workspace = workspaceFor(forward, backwardData, backwardWeights);
    x = uniform(batch * shape.channels() * shape.height() * shape.width());
    weights = uniform(shape.filters() * shape.weightsPerFilter());
    bias = uniform(shape.filters());
    y = uniform(batch * shape.filters() * shape.outHeight() * shape.outWidth());
  }

  @Benchmark
  public float[] forward(Work work) {
    forward.run(team, workspace, x, 0, weights, 0, bias, 0, y, 0);
    work.flops(shape.flops());
    return y;
  }

  @Benchmark
  public float[] backwardData(Work work) {
    backwardData.run(team, workspace, y, 0, weights, 0, x, 0);
    work.flops(shape.flops());
    return x;
  }

  @Benchmark
  public float[] backwardWeights(Work work) {
    backwardWeights.run(team, workspace, x, 0, y, 0, weights, 0, bias, 0, false);
    work.flops(shape.flops());
    return weights;
  }
}
