package io.alexnet.bench;

import io.alexnet.loss.Loss;
import io.alexnet.loss.SoftmaxCrossEntropy;
import io.alexnet.optim.Optimizer;
import io.alexnet.optim.Sgd;
import io.alexnet.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** A whole training step: forward, loss, backward, and SGD with momentum and weight decay. */
public class TrainingStepBenchmark extends NetworkBenchmark {

  @Param("64")
  public int batch;

  private long step;
  private int[] labels;
  private Tensor dLogits;
  private Loss.Bound loss;
  private Optimizer.Bound optimizer;

  @Override
  protected int batch() {
    return batch;
  }

  @Override
  protected void prepare() {
    int classes = network.outputShape().size();
    labels = new int[batch];
    for (int n = 0; n < batch; n++) {
      labels[n] = n % classes;
    }
    dLogits = Tensor.zeros(network.outputShape().prepend(batch));
    loss = new SoftmaxCrossEntropy().bind(network.kernels(), network.team(), batch, classes);
    optimizer =
        Sgd.momentum(0.9f)
            .weightDecay(5e-4f)
            .bind(network.parameters(), network.kernels(), network.team());
  }

  @Benchmark
  public double step(Work work) {
    Tensor logits = network.forward(images, step);
    double sum = loss.compute(logits, labels, 1f / batch, dLogits);
    network.backward(dLogits, false);
    optimizer.update(++step, 0.001f, 1); // small, as the weights are to stay finite for hours
    work.images += batch;
    return sum;
  }
}
