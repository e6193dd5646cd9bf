package io.alexnet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.alexnet.graph.Node;
import io.alexnet.init.Initializer;
import io.alexnet.layer.Conv2d;
import io.alexnet.layer.Dense;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class InitialWeightsTest {

  static Stream<Arguments> forms() {
    return Stream.of(
        arguments("model", Optional.empty()),
        arguments("glorot", Optional.of(Initializer.glorotUniform())),
        arguments("he", Optional.of(Initializer.heNormal())),
        arguments("gaussian:0.01", Optional.of(Initializer.gaussian(0.01f))),
        arguments("gaussian:1e-4", Optional.of(Initializer.gaussian(1e-4f))));
  }

  @ParameterizedTest
  @MethodSource("forms")
  void readsEveryForm(String text, Optional<Initializer> expected) {
    assertEquals(expected, InitialWeights.of(text));
  }

  /** By what the layers say: to draw the millions of weights would take seconds. */
  @ParameterizedTest
  @EnumSource(ModelName.class)
  void allWeightsOfTheNetworkAreDrawnSo(ModelName model) {
    Recipe recipe = Recipe.of(model, DataSource.Kind.CIFAR10);
    recipe.initializer = "gaussian:0.25";
    Map<String, Initializer> initializers = new LinkedHashMap<>();
    for (Node node : model.graph(3, 10, recipe).layers()) {
      if (node.layer() instanceof Conv2d conv) {
        initializers.put(node.name(), conv.weight().initializer());
      } else if (node.layer() instanceof Dense dense) {
        initializers.put(node.name(), dense.weight().initializer());
      }
    }
    assertTrue(initializers.size() >= 4, "of every layer: " + initializers);
    initializers.forEach(
        (name, initializer) -> assertEquals(Initializer.gaussian(0.25f), initializer, name));
  }
}
