package io.alexnet.train;

import io.alexnet.batch.BatchSource;
import io.alexnet.graph.Network;
import io.alexnet.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * What the replicas of a training tell each other, and when: the gradients of every step, or the
 * weights after some steps. Of a training without replicas, nothing.
 *
 * <p>Whether to stop, and whether numbers have gone wrong, they find out at the same exchange, so
 * that none waits for another that has left.
 */
final class Exchange {

  private final Replicas replicas; // null for none
  private final int every;

  /** What replicas take the mean of: all that a training changes, the optimiser's memory, too. */
  private final List<Tensor> state = new ArrayList<>();

  private boolean stopping;

  // of the epoch under way, when the replicas last agreed on them
  private long examples;
  private double lossSum;
  private long top1;

  /**
   * @param replicas null for none
   * @param every steps between averagings of the weights; 1 for gradients summed at every step
   */
  Exchange(Replicas replicas, int every) {
    this.replicas = replicas;
    this.every = every;
  }

  private boolean sumsGradients() {
    return replicas != null && every == 1;
  }

  private boolean averagesWeights() {
    return replicas != null && every > 1;
  }

  /** Whether the replicas agreed to stop. */
  boolean stopping() {
    return stopping;
  }

  /**
   * The data of all replicas' parts together.
   *
   * @throws IllegalArgumentException if only some replicas have validation data, or classes differ
   */
  TrainingData data(BatchSource train, BatchSource validation, String fingerprint) {
    TrainingData own = TrainingData.of(train, fingerprint);
    if (replicas == null) {
      return own;
    }
    double[][] all =
        replicas.sum(
            List.of(),
            own.size(),
            own.batchSize(),
            own.batches(),
            validation == null ? 0 : 1,
            own.classNames().hashCode());
    requireSame(all, 4, "have data of different classes, or in another order");
    requireSame(all, 3, "have validation data, or have not: give them to all or to none");
    return new TrainingData(
        (long) sum(all, 0),
        (int) sum(all, 1),
        (int) Arrays.stream(all).mapToDouble(part -> part[2]).max().orElseThrow(),
        own.classNames(),
        replicas.rank() == 0 ? fingerprint : ""); // the checkpoint's is the first replica's
  }

  /**
   * The training begins, or goes on, with these.
   *
   * @throws IllegalArgumentException if they are not the same in all replicas
   */
  void begin(Network network, Map<String, Tensor> optimizerState, TrainingState at) {
    if (replicas == null) {
      return;
    }
    state.addAll(network.learningState().values());
    state.addAll(optimizerState.values());
    List<Tensor> all = new ArrayList<>(network.state().values());
    all.addAll(optimizerState.values());
    double[][] told = replicas.sum(List.of(), at.step, hash(all));
    requireSame(told, 0, "stand at different steps: resume all from the same checkpoint");
    requireSame(
        told, 1, "have different weights: build all networks with the same seed, or load the same");
    agreedOn(at);
  }

  private static int hash(List<Tensor> tensors) {
    int hash = 1;
    for (Tensor tensor : tensors) {
      for (int i = tensor.offset(); i < tensor.offset() + tensor.size(); i++) {
        hash = 31 * hash + Float.floatToIntBits(tensor.array()[i]);
      }
    }
    return hash;
  }

  private void requireSame(double[][] all, int index, String difference) {
    for (int rank = 1; rank < all.length; rank++) {
      if (all[rank][index] != all[0][index]) {
        throw new IllegalArgumentException(
            "replicas 0 and %d of %d %s".formatted(rank, replicas.count(), difference));
      }
    }
  }

  private static double sum(double[][] all, int index) {
    return Arrays.stream(all).mapToDouble(own -> own[index]).sum();
  }

  /** How many examples' gradients make up a step, when every batch of it is full. */
  int batchSize(BatchSource train, TrainingData data) {
    return sumsGradients() ? data.batchSize() : train.batchSize();
  }

  /** A number for each replica's dropout masks, as one for the batch would give all the same. */
  long draw(long batch) {
    return replicas == null ? batch : batch * replicas.count() + replicas.rank();
  }

  /**
   * Makes the step's gradients those of all replicas.
   *
   * @param finding what has gone wrong here; null if nothing has
   * @return what has gone wrong, here or elsewhere; null if nothing has
   */
  DivergenceException.Finding afterBackward(
      TrainingStep step, TrainingState at, DivergenceException.Finding finding, boolean stop) {
    if (sumsGradients()) {
      double[][] all = step.sumOver(replicas, finding == null ? 0 : 1, stop ? 1 : 0);
      return agreed(all, TrainingStep.FIRST_FLAG, finding, step::findingInSum);
    }
    return averagesWeights() && finding != null ? average(at, finding, stop) : finding;
  }

  /**
   * Makes the weights those of all replicas, if it is time to.
   *
   * @param now whether it is, whatever the step
   * @return as {@link #afterBackward}
   */
  DivergenceException.Finding afterUpdate(TrainingState at, boolean now, boolean stop) {
    return averagesWeights() && (now || at.step % every == 0) ? average(at, null, stop) : null;
  }

  private DivergenceException.Finding average(
      TrainingState at, DivergenceException.Finding finding, boolean stop) {
    double[][] all =
        replicas.sum(
            state,
            at.examples - examples,
            at.lossSum - lossSum,
            at.top1 - top1,
            finding == null ? 0 : 1,
            stop ? 1 : 0);
    state.forEach(tensor -> scale(tensor, 1f / replicas.count()));
    at.examples = examples + (long) sum(all, 0);
    at.lossSum = lossSum + sum(all, 1);
    at.top1 = top1 + (long) sum(all, 2);
    agreedOn(at);
    return agreed(all, 3, finding, () -> null);
  }

  static void scale(Tensor tensor, float factor) {
    float[] array = tensor.array();
    for (int i = tensor.offset(); i < tensor.offset() + tensor.size(); i++) {
      array[i] *= factor;
    }
  }

  private DivergenceException.Finding agreed(
      double[][] all,
      int firstFlag,
      DivergenceException.Finding own,
      Supplier<DivergenceException.Finding> ofSum) {
    stopping = sum(all, firstFlag + 1) > 0;
    if (own != null) {
      return own;
    }
    return IntStream.range(0, all.length)
        .filter(rank -> all[rank][firstFlag] > 0)
        .mapToObj(DivergenceException.Finding::ofReplica)
        .findFirst()
        .orElseGet(ofSum);
  }

  /** The figures of the epoch under way are those of all replicas. */
  void agreedOn(TrainingState at) {
    examples = at.examples;
    lossSum = at.lossSum;
    top1 = at.top1;
  }

  /** The evaluation of all replicas' parts, from the one of this part. */
  Evaluation sum(Evaluation part) {
    return replicas == null ? part : part.sumOver(replicas);
  }
}
