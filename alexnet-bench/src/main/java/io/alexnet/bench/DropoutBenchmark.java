package io.alexnet.bench;

import io.alexnet.kernels.Dropout;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** Dropout behind fc6 and fc7. */
public class DropoutBenchmark extends KernelBenchmark {

  @Param("128")
  public int batch;

  private long step;
  private float[] x;
  private float[] y;
  private Dropout dropout;

  @Override
  protected void prepare() {
    x = uniform(batch * 4096);
    y = new float[x.length];
    dropout = kernels.dropout(x.length, 0.5f);
  }

  @Benchmark
  public float[] run(Work work) {
    dropout.run(team, Dropout.key(1, step++, 6), x, 0, y, 0);
    work.floats(2.0 * x.length);
    return y;
  }
}
