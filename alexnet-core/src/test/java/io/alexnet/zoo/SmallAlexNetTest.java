package io.alexnet.zoo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.graph.Node;
import io.alexnet.layer.Dropout;
import io.alexnet.tensor.Shape;
import org.junit.jupiter.api.Test;

class SmallAlexNetTest {

  @Test
  void imagesHaveALeastSize() {
    assertEquals(Shape.of(10), SmallAlexNet.of(1, 11).graph().outputShape());
    assertEquals(Shape.of(10), SmallAlexNet.of(1, 8).overlappingPools(false).graph().outputShape());
    assertRefused("layer 'pool4'", SmallAlexNet.of(1, 10));
    assertRefused("layer 'pool4'", SmallAlexNet.of(1, 7).overlappingPools(false));
  }

  private static void assertRefused(String message, SmallAlexNet network) {
    var thrown = assertThrows(IllegalArgumentException.class, network::graph);
    assertTrue(thrown.getMessage().contains(message), thrown.getMessage());
  }

  @Test
  void withoutDropoutThereIsNoLayerOfIt() {
    assertEquals(1, dropouts(SmallAlexNet.of(3, 32)));
    assertEquals(0, dropouts(SmallAlexNet.of(3, 32).dropout(0)));
    assertRefused("", SmallAlexNet.of(3, 32).dropout(1));
  }

  private static long dropouts(SmallAlexNet network) {
    return network.graph().layers().stream()
        .map(Node::layer)
        .filter(Dropout.class::isInstance)
        .count();
  }
}
