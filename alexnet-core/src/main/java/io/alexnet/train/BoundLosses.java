package io.alexnet.train;

import io.alexnet.batch.Batch;
import io.alexnet.graph.Network;
import io.alexnet.loss.Loss;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** One loss, prepared for each batch size that comes up: in most epochs two. */
final class BoundLosses {

  record Entry(int batch, Loss.Bound loss, Tensor dLogits, Tensor dPartner) {

    /**
     * The losses of all examples, and in {@link #dLogits} scale · their gradient. Any loss of a
     * mixture is that of the label and that of the partner's, each by its share (Zhang et al.
     * 2018).
     */
    double compute(Tensor logits, Batch examples, float scale) {
      float share = examples.share();
      double own = loss.compute(logits, examples.labels(), share * scale, dLogits);
      if (share == 1) {
        return own;
      }
      float rest = 1 - share;
      double partner = loss.compute(logits, examples.partnerLabels(), rest * scale, dPartner);
      float[] sum = dLogits.array();
      float[] added = dPartner.array();
      for (int i = 0; i < dLogits.size(); i++) {
        sum[dLogits.offset() + i] += added[dPartner.offset() + i];
      }
      return share * own + rest * partner;
    }
  }

  private final Network network;
  private final Loss loss;
  private final List<Entry> entries = new ArrayList<>();

  BoundLosses(Network network, Loss loss) {
    this.network = network;
    this.loss = loss;
  }

  Entry forBatch(int batch) {
    for (int i = 0; i < entries.size(); i++) {
      if (entries.get(i).batch == batch) {
        return entries.get(i);
      }
    }
    Shape logits = network.outputShape().prepend(batch);
    Entry entry =
        new Entry(
            batch,
            loss.bind(network.kernels(), network.team(), batch, network.outputShape().size()),
            Tensor.zeros(logits),
            Tensor.zeros(logits));
    entries.add(entry);
    return entry;
  }
}
