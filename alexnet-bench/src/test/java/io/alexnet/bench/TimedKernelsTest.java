package io.alexnet.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.graph.Graph;
import io.alexnet.graph.Network;
import io.alexnet.graph.Node;
import io.alexnet.kernels.Kernels;
import io.alexnet.layer.Conv2d;
import io.alexnet.layer.Dense;
import io.alexnet.layer.Flatten;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whether each kernel's time goes to its layer. */
class TimedKernelsTest {

  private static final int BATCH = 2;

  /** Sizes that leave a pixel or two for the dense layers, which else have the most weights. */
  @ParameterizedTest
  @CsvSource({
    "ALEXNET, 67",
    "ALEXNET_UNGROUPED, 67",
    "ALEXNET_BN, 224",
    "CUDA_CONVNET, 12",
    "SMALL, 12"
  })
  void everyLayerOfATrainingStepHasItsRow(StepBreakdown.Model model, int size) {
    Graph graph = model.graph(size, true);
    TimedKernels timed = new TimedKernels(Kernels.best());
    try (Network network = network(graph, timed)) {
      timed.follow(graph, true);
      network.forward(images(network), 0);
      timed.beginBackward();
      network.backward(Tensor.zeros(network.outputShape().prepend(BATCH)), false);
      timed.endStep();
    }
    List<TimedKernels.Row> rows = timed.rows(0);
    assertEquals(namesWithoutFlatten(graph), rows.stream().map(TimedKernels.Row::layer).toList());
    assertEquals(
        namesOfLayersThatMultiply(graph),
        rows.stream()
            .filter(row -> row.costs().values().stream().anyMatch(cost -> cost.flops() > 0))
            .map(TimedKernels.Row::layer)
            .collect(Collectors.toSet()));
    for (TimedKernels.Row row : rows) {
      assertTrue(row.costs().containsKey(TimedKernels.Phase.FORWARD), row.layer());
    }
  }

  /** What happens when a kind of kernel is not known to be a layer's first. */
  @Test
  void aLayerWithoutKernelsIsAnError() {
    Graph followed = Graph.of(Shape.of(4)).then("a", Dense.of(3)).then("b", Dense.of(2)).build();
    Graph run = Graph.of(Shape.of(4)).then("a", Dense.of(3)).build();
    TimedKernels timed = new TimedKernels(Kernels.scalar());
    try (Network network = network(run, timed)) {
      timed.follow(followed, true);
      network.forward(images(network), 0);
      assertTrue(
          assertThrows(IllegalStateException.class, timed::endStep).getMessage().contains("b"));
    }
  }

  private static Network network(Graph graph, TimedKernels timed) {
    return Network.builder(graph)
        .threads(1)
        .kernels(timed.kernels())
        .skipInitialization() // drawing takes longer than the step
        .build();
  }

  private static Tensor images(Network network) {
    return Tensor.zeros(network.inputShape().prepend(BATCH));
  }

  private static List<String> namesWithoutFlatten(Graph graph) {
    return graph.layers().stream()
        .filter(node -> !(node.layer() instanceof Flatten))
        .map(Node::name)
        .toList();
  }

  private static Set<String> namesOfLayersThatMultiply(Graph graph) {
    return graph.layers().stream()
        .filter(node -> node.layer() instanceof Conv2d || node.layer() instanceof Dense)
        .map(Node::name)
        .collect(Collectors.toSet());
  }
}
