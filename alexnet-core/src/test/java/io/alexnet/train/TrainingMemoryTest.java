package io.alexnet.train;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.graph.Graph;
import io.alexnet.graph.Network;
import io.alexnet.graph.Plan;
import io.alexnet.layer.BatchNorm;
import io.alexnet.layer.Flatten;
import io.alexnet.optim.Adam;
import io.alexnet.optim.Optimizer;
import io.alexnet.optim.Sgd;
import io.alexnet.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrainingMemoryTest {

  @Test
  void isThePlansMemoryAndTheOptimisers() {
    try (Network network = Nets.alexNet(1, 1)) {
      network.freeze("conv1");
      Plan plan = network.plan(32, true);
      for (Optimizer optimizer : List.of(Sgd.momentum(0.9f), new Adam())) {
        long remembered =
            optimizer
                .bind(
                    network.parameters().stream().filter(p -> p.trainable()).toList(),
                    network.kernels(),
                    network.team())
                .state()
                .values()
                .stream()
                .mapToLong(Tensor::size)
                .sum();
        TrainingMemory memory = TrainingMemory.of(network, 32, optimizer);
        assertEquals(4 * remembered, memory.optimizer());
        assertEquals(plan.totalBytes() + 4 * remembered, memory.bytes());
      }
    }
  }

  @Test
  void tooSmallAHeapIsToldWithTheBatchThatFits() {
    try (Network network = Nets.alexNet(1, 1)) {
      Sgd sgd = Sgd.momentum(0.9f);
      long heap = TrainingMemory.of(network, 100, sgd).bytes() / 7 * 8 + 8;
      assertDoesNotThrow(() -> TrainingMemory.require(network, 105, sgd, heap));
      var e =
          assertThrows(
              IllegalArgumentException.class,
              () -> TrainingMemory.require(network, 200, sgd, heap));
      assertTrue(e.getMessage().startsWith("training with batches of 200 needs "), e.getMessage());
      assertTrue(e.getMessage().contains("activations and their gradients"), e.getMessage());
      assertTrue(
          e.getMessage().contains("take batches of at most 100, or give java at least -Xmx"));
      e =
          assertThrows(
              IllegalArgumentException.class, () -> TrainingMemory.require(network, 128, sgd, 9));
      assertFalse(e.getMessage().contains("take batches"), "not even one image fits");
    }
  }

  @Test
  void fitSaysSoBeforeTheFirstStep() {
    // Batches are views of one array: the data themselves are no matter of the plan.
    int images = (int) Math.min(Runtime.getRuntime().maxMemory() / 4 / 8 / 16 / 16 / 2, 1 << 20);
    try (Network network = Nets.alexNet(1, 1)) {
      var e =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  Trainer.of(network)
                      .fit(
                          new ForwardingSource(new Examples(Nets.IMAGE, 10, 10, 6, 1)) {
                            @Override
                            public int size() {
                              return images;
                            }

                            @Override
                            public int batchSize() {
                              return images;
                            }
                          },
                          null,
                          1));
      assertTrue(e.getMessage().contains("take batches of at most "), e.getMessage());
    }
  }

  @Test
  void aBatchNormThatCannotLearnFromOneImageIsNotAsked() {
    Graph graph =
        Graph.of(Nets.IMAGE).then("flatten", new Flatten()).then("bn", BatchNorm.keras()).build();
    try (Network network = Nets.network(graph, 1, 1)) {
      var e =
          assertThrows(
              IllegalArgumentException.class,
              () -> TrainingMemory.require(network, 4, Sgd.plain(), 9));
      assertTrue(e.getMessage().startsWith("training with batches of 4 needs "), e.getMessage());
    }
    for (int largest : new int[] {0, 2, 3, 7}) {
      for (int below : new int[] {largest + 1, largest + 2, 100}) {
        int found = TrainingMemory.largestBatch(below, batch -> batch > 1 && batch <= largest);
        assertEquals(largest, found, "below " + below);
      }
    }
  }
}
