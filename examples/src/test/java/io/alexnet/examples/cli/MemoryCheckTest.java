package io.alexnet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;

import io.alexnet.data.ResizedImages;
import io.alexnet.data.source.Shapes;
import io.alexnet.graph.Graph;
import io.alexnet.graph.Network;
import io.alexnet.layer.BatchNorm;
import io.alexnet.layer.Flatten;
import io.alexnet.tensor.Shape;
import org.junit.jupiter.api.Test;

class MemoryCheckTest {

  /** Batch norm of features is refused for a batch of one, so nothing may be planned with one. */
  @Test
  void asksForNoOtherBatchSize() {
    Recipe recipe = Recipe.of(ModelName.SMALL, DataSource.parse("shapes").kind());
    ResizedImages images = RunConfiguration.resized(Shapes.of(10, 16, 1), 3, recipe);
    Graph graph =
        Graph.of(Shape.of(3, 16, 16))
            .then("flatten", new Flatten())
            .then("bn", BatchNorm.keras())
            .build();
    try (Network network = Network.builder(graph).threads(1).build()) {
      assertDoesNotThrow(() -> MemoryCheck.require(network, recipe, images));
    }
  }
}
