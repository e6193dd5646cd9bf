package io.alexnet.train;

import io.alexnet.graph.Network;
import io.alexnet.loss.Loss;
import io.alexnet.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** One loss, prepared for each batch size that comes up: in most epochs two. */
final class BoundLosses {

  record Entry(int batch, Loss.Bound loss, Tensor dLogits) {}

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
    Entry entry =
        new Entry(
            batch,
            loss.bind(network.kernels(), network.team(), batch, network.outputShape().size()),
            Tensor.zeros(network.outputShape().prepend(batch)));
    entries.add(entry);
    return entry;
  }
}
