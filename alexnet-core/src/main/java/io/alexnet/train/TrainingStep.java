package io.alexnet.train;

import io.alexnet.batch.Batch;
import io.alexnet.graph.Network;
import io.alexnet.loss.Loss;
import io.alexnet.optim.GradientClipping;
import io.alexnet.optim.Optimizer;
import io.alexnet.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * One step: forward, loss and backward for each of its batches, then clipping and the optimiser.
 * Allocates nothing once every batch size has come up.
 */
final class TrainingStep {

  private final Network network;
  private final BoundLosses losses;
  private final GradientClipping firstClipping;
  private final GradientClipping secondClipping;
  private final Optimizer.Bound optimizer;
  private final int batchSize;
  private final int classes;

  /** What batches change before the optimiser does: batch norm's running statistics. */
  private final List<Tensor> statistics;

  private final float[][] statisticsBefore;

  private int examples;
  private double lossSum;
  private int top1;

  /**
   * @param batchSize of all batches but the last of an epoch
   */
  TrainingStep(
      Network network,
      Loss loss,
      GradientClipping firstClipping,
      GradientClipping secondClipping,
      Optimizer.Bound optimizer,
      int batchSize) {
    this.network = network;
    this.losses = new BoundLosses(network, loss);
    this.firstClipping = firstClipping;
    this.secondClipping = secondClipping;
    this.optimizer = optimizer;
    this.batchSize = batchSize;
    this.classes = network.outputShape().size();
    Map<String, Tensor> state = network.state();
    network.parameters().forEach(parameter -> state.remove(parameter.name()));
    this.statistics = List.copyOf(state.values());
    this.statisticsBefore = new float[statistics.size()][];
    Arrays.setAll(statisticsBefore, i -> new float[statistics.get(i).size()]);
  }

  void begin() {
    for (int i = 0; i < statisticsBefore.length; i++) {
      Tensor tensor = statistics.get(i);
      System.arraycopy(tensor.array(), tensor.offset(), statisticsBefore[i], 0, tensor.size());
    }
    examples = 0;
    lossSum = 0;
    top1 = 0;
  }

  /**
   * Adds a batch's gradients, each example weighing 1/batchSize, unless the loss is not finite.
   *
   * @param draw decides the dropout masks
   * @return whether the loss is finite
   */
  boolean add(Batch batch, long draw) {
    DataCheck.labels(batch, classes);
    Tensor logits = network.forward(batch.images(), draw);
    int[] labels = batch.mainLabels();
    for (int n = 0; n < batch.size(); n++) {
      int row = logits.offset() + n * classes;
      top1 += Ranking.rank(logits.array(), row, classes, labels[n]) == 0 ? 1 : 0;
    }
    BoundLosses.Entry bound = losses.forBatch(batch.size());
    lossSum += bound.compute(logits, batch, 1f / batchSize);
    if (!Double.isFinite(lossSum)) {
      return false;
    }
    network.backward(bound.dLogits(), examples > 0);
    examples += batch.size();
    return true;
  }

  /** Leaves the network as it was before {@link #begin}, for the step to be taken anew. */
  void abandon() {
    for (int i = 0; i < statisticsBefore.length; i++) {
      Tensor tensor = statistics.get(i);
      System.arraycopy(statisticsBefore[i], 0, tensor.array(), tensor.offset(), tensor.size());
    }
  }

  /**
   * Moves the parameters along the mean gradient of all examples that were added.
   *
   * @param step of the optimiser, from 1
   */
  void finish(long step, float rate) {
    float scale = secondClipping.clip(firstClipping.clip((float) gradientScale()));
    optimizer.update(step, rate, scale);
  }

  /** From the gradients as they lie there to their mean over the step's examples. */
  double gradientScale() {
    return (double) batchSize / examples;
  }

  int examples() {
    return examples;
  }

  double lossSum() {
    return lossSum;
  }

  int top1() {
    return top1;
  }
}
