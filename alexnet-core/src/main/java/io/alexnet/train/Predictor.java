package io.alexnet.train;

import io.alexnet.batch.Batch;
import io.alexnet.batch.BatchSource;
import io.alexnet.graph.Network;
import io.alexnet.tensor.Tensor;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Runs a network over a whole source in inference and gives the probabilities of the classes. Uses
 * the network, so by one thread at a time and not during a training step.
 */
public final class Predictor {

  private final Network network;

  public Predictor(Network network) {
    this.network = network;
  }

  /**
   * The probabilities of every example of the source's epoch 0, in its order: the softmax of the
   * network's outputs, or the outputs themselves if its last layer is a {@link
   * io.alexnet.layer.Softmax}; of several views their mean. A NaN among an example's logits makes
   * all its probabilities NaN.
   *
   * @param probabilities receives an array of its own for each example, [classes], which adds up to
   *     1 but for rounding; the source's labels are not looked at
   * @throws IllegalArgumentException if the source is empty or does not fit the network
   */
  public void predict(BatchSource source, Consumer<double[]> probabilities) {
    DataCheck.source(source, "data", network);
    boolean softmax = !ViewAverage.endsInSoftmax(network);
    int views = source.views();
    try (BatchSource.Batches batches = source.open(0, 0)) {
      for (int done = 0; done < source.batches(); done++) {
        Batch batch = Evaluator.next(batches, () -> false);
        Tensor outputs = network.infer(batch.images());
        for (int n = 0; n < batch.size() / views; n++) {
          probabilities.accept(
              softmax
                  ? Arrays.stream(ViewAverage.ofSoftmax(outputs, n, views)).map(Math::exp).toArray()
                  : ViewAverage.ofOutputs(outputs, n, views));
        }
      }
    }
  }
}
