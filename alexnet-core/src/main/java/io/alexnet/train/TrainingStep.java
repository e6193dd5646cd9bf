package io.alexnet.train;

import io.alexnet.batch.Batch;
import io.alexnet.graph.Network;
import io.alexnet.graph.Node;
import io.alexnet.kernels.Arithmetic;
import io.alexnet.layer.Parameter;
import io.alexnet.loss.Loss;
import io.alexnet.optim.GradientNorm;
import io.alexnet.optim.Optimizer;
import io.alexnet.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * One step: forward, loss and backward for each of its batches, then clipping and the optimiser.
 * Allocates nothing once every batch size has come up, if the network is trained alone.
 */
final class TrainingStep {

  /** In the numbers of {@link #sumOver}, where those begin that its caller has added. */
  static final int FIRST_FLAG = 3;

  private final Network network;
  private final BoundLosses losses;
  private final float clipValue;
  private final float clipNorm;
  private final Optimizer.Bound optimizer;
  private final int batchSize;
  private final int classes;

  /** What batches change before the optimiser does: batch norm's running statistics. */
  private final List<Tensor> statistics;

  private final float[][] statisticsBefore;

  private final List<Tensor> gradients;

  private final Arithmetic image;
  private final GradientNorm norm;
  private final Clamp clamp = new Clamp();
  private final DeadUnits deadUnits;

  private double gradientNorm;
  private int examples;
  private double lossSum;
  private int top1;

  /**
   * @param clipValue infinite not to clip, as {@code clipNorm}
   * @param batchSize of all batches but the last of an epoch, all replicas' parts together
   */
  TrainingStep(
      Network network,
      Loss loss,
      float clipValue,
      float clipNorm,
      Optimizer.Bound optimizer,
      DeadUnits deadUnits,
      int batchSize) {
    this.network = network;
    this.losses = new BoundLosses(network, loss);
    this.clipValue = clipValue;
    this.clipNorm = clipNorm;
    this.optimizer = optimizer;
    this.deadUnits = deadUnits;
    this.batchSize = batchSize;
    image = network.kernels().arithmetic(network.inputShape().size());
    norm = new GradientNorm(network.parameters(), network.kernels(), network.team());
    this.classes = network.outputShape().size();
    Map<String, Tensor> state = network.learningState();
    network.parameters().forEach(parameter -> state.remove(parameter.name()));
    this.statistics = List.copyOf(state.values());
    this.statisticsBefore = new float[statistics.size()][];
    Arrays.setAll(statisticsBefore, i -> new float[statistics.get(i).size()]);
    gradients = new ArrayList<>();
    for (Parameter parameter : network.parameters()) {
      if (parameter.trainable()) {
        gradients.add(parameter.gradient());
      }
    }
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
   * Adds a batch's gradients, each example weighing 1/batchSize, unless they are not numbers.
   *
   * @param draw decides the dropout masks
   * @param index of the batch in its epoch
   * @return what is no longer a number; null if all is well
   */
  DivergenceException.Finding add(Batch batch, long draw, int index) {
    DataCheck.labels(batch, classes);
    int imageSize = network.inputShape().size();
    Tensor images = batch.images();
    network.requireInput(images);
    for (int n = 0; n < batch.size(); n++) {
      double squares =
          image.squaredNorm(network.team(), images.array(), images.offset() + n * imageSize);
      if (!Double.isFinite(squares)) {
        return DivergenceException.Finding.ofImage(n);
      }
    }
    Tensor logits = network.forward(images, draw);
    deadUnits.look(batch.size(), index);
    int[] labels = batch.mainLabels();
    for (int n = 0; n < batch.size(); n++) {
      int row = logits.offset() + n * classes;
      top1 += Ranking.rank(logits.array(), row, classes, labels[n]) == 0 ? 1 : 0;
    }
    BoundLosses.Entry bound = losses.forBatch(batch.size());
    lossSum += bound.compute(logits, batch, 1f / batchSize);
    if (!Double.isFinite(lossSum)) {
      return DivergenceException.Finding.of("the loss is " + lossSum, origin(batch, draw));
    }
    network.backward(bound.dLogits(), examples > 0);
    gradientNorm = norm.value();
    if (!Double.isFinite(gradientNorm)) {
      String what = "the gradient of '" + firstNonFiniteGradient() + "' is not finite";
      return DivergenceException.Finding.of(what, origin(batch, draw));
    }
    examples += batch.size();
    return null;
  }

  /**
   * Makes the step one of all replicas: sums of gradients, examples and figures, means of batch
   * norm's statistics.
   *
   * @param flags further numbers of this replica's
   * @return every replica's examples, loss sum and top-1, then its flags
   */
  double[][] sumOver(Replicas replicas, double... flags) {
    if (examples == 0) {
      gradients.forEach(gradient -> gradient.fill(0));
    }
    double[] own = Arrays.copyOf(new double[] {examples, lossSum, top1}, FIRST_FLAG + flags.length);
    System.arraycopy(flags, 0, own, FIRST_FLAG, flags.length);
    double[][] all = replicas.sumGradients(gradients, own);
    if (!statistics.isEmpty()) {
      replicas.sum(statistics);
      statistics.forEach(statistic -> Exchange.scale(statistic, 1f / replicas.count()));
    }
    examples = 0;
    lossSum = 0;
    top1 = 0;
    for (double[] each : all) {
      examples += (int) each[0];
      lossSum += each[1];
      top1 += (int) each[2];
    }
    gradientNorm = norm.value();
    return all;
  }

  /** What is wrong with the sum of gradients that were all numbers; null if all is well. */
  DivergenceException.Finding findingInSum() {
    return Double.isFinite(gradientNorm)
        ? null
        : DivergenceException.Finding.of(
            "the replicas' gradients of '" + firstNonFiniteGradient() + "' have no finite sum",
            null);
  }

  /** In the order of the backward pass. */
  private String firstNonFiniteGradient() {
    String first = null;
    for (Parameter parameter : network.parameters()) {
      if (parameter.trainable() && !parameter.gradient().isFinite()) {
        first = parameter.name();
      }
    }
    return first;
  }

  /** Where numbers stop to be finite, found by computing the batch again; null if they do not. */
  private String origin(Batch batch, long draw) {
    abandon(); // batch norm has learnt from what is to be found
    for (Map.Entry<String, Tensor> entry : network.state().entrySet()) {
      if (!entry.getValue().isFinite()) {
        return "'" + entry.getKey() + "' held NaN or infinite numbers before";
      }
    }
    String layer = network.firstNonFiniteOutput(batch.images(), draw);
    if (layer != null) {
      return "layer '" + layer + "' was the first to give such numbers, in the forward pass";
    }
    List<Node> layers = network.graph().layers();
    Tensor logits = network.output(layers.get(layers.size() - 1).name());
    BoundLosses.Entry bound = losses.forBatch(batch.size());
    bound.compute(logits, batch, 1f / batchSize);
    if (!bound.dLogits().isFinite()) {
      return "every layer's output was finite, the loss and its gradient were not";
    }
    layer = network.firstNonFiniteGradient(bound.dLogits());
    return layer == null
        ? null
        : "layer '" + layer + "' was the first to give such numbers, in the backward pass";
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
    float scale = (float) gradientScale();
    if (clipValue < Float.POSITIVE_INFINITY) {
      for (int i = 0; i < gradients.size(); i++) {
        clamp.run(network.team(), gradients.get(i), clipValue / scale);
      }
    }
    if (clipNorm < Float.POSITIVE_INFINITY) {
      boolean clamped = clipValue < Float.POSITIVE_INFINITY;
      double length = (clamped ? norm.value() : gradientNorm) * scale;
      if (length > clipNorm) {
        scale = (float) (scale * (clipNorm / length));
      }
    }
    optimizer.update(step, rate, scale);
  }

  /** From the gradients as they lie there to their mean over the step's examples. */
  double gradientScale() {
    return (double) batchSize / examples;
  }

  /** Euclidean, of the mean gradient over the step's examples, before any clipping. */
  double gradientNorm() {
    return gradientNorm * gradientScale();
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
