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
 *
 * <p>Where an image has several {@linkplain BatchSource#views views}, the probabilities that the
 * softmax makes of the logits are averaged over them (Krizhevsky et al. 2012, §4.1), and the image
 * counts as one example whose logits are the logarithms of the averages: its cross-entropy is −log
 * of the averaged probability of its label. Behind a last layer that is a {@link
 * io.alexnet.layer.Softmax} the outputs are the probabilities already, of which the least counts as
 * the smallest normal float, about 10⁻³⁸. With another loss the outputs themselves are averaged.
 */
public final class Evaluator {

  /**
   * Told of each example of an evaluation, in the order of the source's epoch 0: that of the data
   * only if the source does not shuffle.
   */
  public interface ExampleListener {

    /**
     * @param example from 0
     * @param label its class
     * @param probabilities of the classes, averaged over the example's views; with a loss that is
     *     not of probabilities the network's outputs. An array of its own.
     */
    void onExample(int example, int label, double[] probabilities);
  }

  private final Network network;
  private final BoundLosses losses;
  private final boolean crossEntropy;
  private final boolean endsInSoftmax;

  /** With the softmax cross-entropy as its loss. */
  public Evaluator(Network network) {
    this(network, new SoftmaxCrossEntropy());
  }

  public Evaluator(Network network, Loss loss) {
    this.network = network;
    this.losses = new BoundLosses(network, loss);
    this.crossEntropy = loss instanceof SoftmaxCrossEntropy;
    this.endsInSoftmax = network.graph().endsInSoftmax();
  }

  /**
   * Every example of the source's epoch 0, the remainder of the last batch included. Takes 4 bytes
   * of memory for each pair of classes.
   *
   * @throws IllegalArgumentException if the source is empty or does not fit the network, or there
   *     is no memory for so many classes
   * @throws IllegalStateException if the source ends before it said it would; what it throws
   *     itself, as for an image that cannot be read, is handed on
   */
  public Evaluation evaluate(BatchSource source) {
    return evaluate(source, null);
  }

  /**
   * The same, and what the network makes of every single example.
   *
   * @param listener null for nobody
   * @throws IllegalArgumentException as {@link #evaluate(BatchSource)}
   */
  public Evaluation evaluate(BatchSource source, ExampleListener listener) {
    DataCheck.source(source, "data", network);
    requireMemory(network, Runtime.getRuntime().maxMemory());
    return evaluate(source, () -> false, listener);
  }

  /** For the table of which classes are taken for which. */
  static void requireMemory(Network network, long heap) {
    long classes = network.outputShape().size();
    long bytes = Integer.BYTES * classes * classes;
    if (bytes > heap / 2) {
      throw new IllegalArgumentException(
          "evaluating %d classes takes a table of %d MB, and the JVM may take %d MB: give it more with -Xmx"
              .formatted(classes, bytes / 1_000_000, heap / 1_000_000));
    }
  }

  /** Null if {@code stopped} said so before the end. */
  Evaluation evaluate(BatchSource source, BooleanSupplier stopped, ExampleListener listener) {
    int classes = network.outputShape().size();
    int views = source.views();
    double lossSum = 0;
    int top1 = 0;
    int top5 = 0;
    int example = 0;
    int[] examples = new int[classes];
    int[][] confusion = new int[classes][classes];
    try (BatchSource.Batches batches = source.open(0, 0)) {
      for (int done = 0; done < source.batches(); done++) {
        Batch batch = stopped.getAsBoolean() ? null : next(batches, stopped);
        if (batch == null) {
          return null;
        }
        DataCheck.labels(batch, classes);
        Tensor logits = logits(network.infer(batch.images()), views);
        int[] labels = everyNth(batch.labels(), views);
        lossSum += losses.forBatch(labels.length).loss().compute(logits, labels, 1, null);
        for (int n = 0; n < labels.length; n++) {
          int row = logits.offset() + n * classes;
          int label = labels[n];
          int rank = Ranking.rank(logits.array(), row, classes, label);
          top1 += rank < 1 ? 1 : 0;
          top5 += rank < Math.min(5, classes) ? 1 : 0;
          examples[label]++;
          int predicted = Ranking.first(logits.array(), row, classes);
          if (predicted >= 0) {
            confusion[label][predicted]++;
          }
          if (listener != null) {
            listener.onExample(example++, label, probabilities(logits, n));
          }
        }
      }
    }
    return new Evaluation(source.classNames(), lossSum, top1, top5, examples, confusion);
  }

  /** A row for each example; those of single views are the network's own, if they are logits. */
  private Tensor logits(Tensor outputs, int views) {
    boolean probabilities = crossEntropy && endsInSoftmax;
    if (views == 1 && !probabilities) {
      return outputs;
    }
    int examples = outputs.shape().dimension(0) / views;
    int classes = outputs.shape().dimension(1);
    Tensor logits = Tensor.zeros(examples, classes);
    for (int n = 0; n < examples; n++) {
      double[] average =
          crossEntropy && !probabilities
              ? ViewAverage.ofSoftmax(outputs, n, views)
              : ViewAverage.ofOutputs(outputs, n, views);
      for (int c = 0; c < classes; c++) {
        double logit =
            probabilities ? Math.log(Math.max(average[c], Float.MIN_NORMAL)) : average[c];
        logits.set((float) logit, n, c);
      }
    }
    return logits;
  }

  private double[] probabilities(Tensor logits, int example) {
    if (!crossEntropy) {
      return ViewAverage.ofOutputs(logits, example, 1);
    }
    double[] probabilities = ViewAverage.ofSoftmax(logits, example, 1);
    for (int c = 0; c < probabilities.length; c++) {
      probabilities[c] = Math.exp(probabilities[c]);
    }
    return probabilities;
  }

  private static int[] everyNth(int[] labels, int views) {
    if (views == 1) {
      return labels;
    }
    int[] first = new int[labels.length / views];
    for (int n = 0; n < first.length; n++) {
      first[n] = labels[n * views];
    }
    return first;
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
