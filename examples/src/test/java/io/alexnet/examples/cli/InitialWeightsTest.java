package io.alexnet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.alexnet.graph.Network;
import io.alexnet.init.Initializer;
import io.alexnet.layer.Parameter;
import io.alexnet.tensor.Tensor;
import java.util.List;
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

  @ParameterizedTest
  @EnumSource(
      value = ModelName.class,
      names = {"CUDA_CONVNET", "FOUR_LAYERS", "SMALL"})
  void allWeightsOfTheNetworkAreDrawnSo(ModelName model) {
    Recipe recipe = Recipe.of(model, DataSource.Kind.CIFAR10);
    recipe.initializer = "gaussian:0.25";
    try (Network network = Network.of(model.graph(3, 10, recipe), 7)) {
      List<Parameter> weights = network.parameters("*.weight");
      assertTrue(weights.size() >= 4, "of every layer: " + weights.size());
      for (Parameter weight : weights) {
        Tensor drawn = Tensor.zeros(weight.value().shape());
        Initializer.gaussian(0.25f)
            .fill(drawn, 1, 1, Initializer.stream(network.seed(), weight.name()));
        assertArrayEquals(drawn.toArray(), weight.value().toArray(), weight.name());
      }
    }
  }
}
