package io.alexnet.bench;

import io.alexnet.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** From images to logits, for one image and for a batch, with weights that stay as they are. */
public class InferenceBenchmark extends NetworkBenchmark {

  @Param({"1", "64"})
  public int batch;

  @Override
  protected int batch() {
    return batch;
  }

  @Override
  protected void prepare() {
    network.weightsConstant(true);
  }

  @Benchmark
  public Tensor infer(Work work) {
    work.images += batch;
    return network.infer(images);
  }
}
