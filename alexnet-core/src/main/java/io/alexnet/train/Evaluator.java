package io.alexnet.train;

import io.alexnet.batch.Batch;
import io.alexnet.batch.BatchSource;
import io.alexnet.graph.Network;
import io.alexnet.loss.Loss;
import io.alexnet.loss.SoftmaxCrossEntropy;
import io.alexnet.tensor.Tensor;
import java.util.function.BooleanSupplier;

/**
 * Runs a network over a whole source in inference and counts. Uses the network, so by one thread at
 * a time and not during a training step.
 */
public final class Evaluator {

  private final Network network;
  private final BoundLosses losses;

  /** With the softmax cross-entropy as its loss. */
  public Evaluator(Network network) {
    this(network, new SoftmaxCrossEntropy());
  }

  public Evaluator(Network network, Loss loss) {
    this.network = network;
    this.losses = new BoundLosses(network, loss);
  }

  /**
   * Every example of the source's epoch 0, the remainder of the last batch included.
   *
   * @throws IllegalArgumentException if the source is empty or does not fit the network
   */
  public Evaluation evaluate(BatchSource source) {
    DataCheck.source(source, "data", network);
    return evaluate(source, () -> false);
  }

  /** Null if {@code stopped} said so before the end. */
  Evaluation evaluate(BatchSource source, BooleanSupplier stopped) {
    int classes = network.outputShape().size();
    double lossSum = 0;
    int top1 = 0;
    int top5 = 0;
    int[] examples = new int[classes];
    int[][] confusion = new int[classes][classes];
    try (BatchSource.Batches batches = source.open(0, 0)) {
      for (int done = 0; done < source.batches(); done++) {
        Batch batch = stopped.getAsBoolean() ? null : next(batches, stopped);
        if (batch == null) {
          return null;
        }
        DataCheck.labels(batch, classes);
        Tensor logits = network.infer(batch.images());
        lossSum += losses.forBatch(batch.size()).loss().compute(logits, batch.labels(), 1, null);
        for (int n = 0; n < batch.size(); n++) {
          int row = logits.offset() + n * classes;
          int label = batch.labels()[n];
          int rank = Ranking.rank(logits.array(), row, classes, label);
          top1 += rank < 1 ? 1 : 0;
          top5 += rank < Math.min(5, classes) ? 1 : 0;
          examples[label]++;
          int predicted = Ranking.first(logits.array(), row, classes);
          if (predicted >= 0) {
            confusion[label][predicted]++;
          }
        }
      }
    }
    return new Evaluation(source.classNames(), lossSum, top1, top5, examples, confusion);
  }

  /**
   * The next batch; null if {@code stopped} says so while the source waits: it may answer an
   * interrupt with an exception of its own.
   */
  static Batch next(BatchSource.Batches batches, BooleanSupplier stopped) {
    Batch batch;
    try {
      batch = batches.next();
    } catch (RuntimeException e) {
      if (stopped.getAsBoolean()) {
        return null;
      }
      throw e;
    }
    if (batch == null) {
      throw new IllegalStateException("the data ended before the last batch that they promised");
    }
    return batch;
  }
}
