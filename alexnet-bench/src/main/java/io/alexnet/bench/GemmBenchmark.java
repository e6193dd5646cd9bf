package io.alexnet.bench;

import io.alexnet.kernels.Gemm;
import io.alexnet.kernels.GemmShape;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** C = A·B at the sizes that AlexNet's convolutions would have as matrix products. */
public class GemmBenchmark extends KernelBenchmark {

  /** m × k × n: filters, weights of a filter, output pixels of conv1 … conv5. */
  @Param({"96x363x3025", "256x2400x729", "384x2304x169", "384x3456x169", "256x3456x169"})
  public String size;

  private Gemm gemm;
  private float[] workspace;
  private float[] a;
  private float[] b;
  private float[] c;

  @Override
  protected void prepare() {
    String[] sizes = size.split("x");
    int m = Integer.parseInt(sizes[0]);
    int k = Integer.parseInt(sizes[1]);
    int n = Integer.parseInt(sizes[2]);
    gemm = kernels.gemm(new GemmShape(m, n, k, false, false));
    workspace = workspaceFor(gemm);
    a = uniform(m * k);
    b = uniform(k * n);
    c = new float[m * n];
  }

  @Benchmark
  public float[] multiply(Work work) {
    gemm.run(team, workspace, a, 0, b, 0, c, 0, false);
    work.flops(gemm.shape().flops());
    return c;
  }
}
