package io.alexnet.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.alexnet.kernels.Kernel;
import io.alexnet.kernels.Kernels;
import io.alexnet.kernels.Window;
import io.alexnet.layer.BatchNorm;
import io.alexnet.layer.Conv2d;
import io.alexnet.layer.Parameter;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FreezeTest {

  private static Network network(Kernels kernels) {
    return Network.builder(NetworkTest.mixed()).seed(4).threads(1).kernels(kernels).build();
  }

  private static Tensor images(int batch) {
    return NetworkTest.random(NetworkTest.mixed().inputShape().prepend(batch), "images");
  }

  private static void step(Network network, int batch, long step) {
    network.forward(images(batch), step);
    network.backward(
        NetworkTest.random(network.outputShape().prepend(batch), "gradient " + step), false);
  }

  /** A provider that counts the runs of each kind of kernel. */
  private static Kernels counting(Kernels kernels, Map<String, Integer> runs) {
    return proxy(
        Kernels.class,
        kernels,
        (method, result) ->
            result instanceof Kernel
                ? proxy(
                    method.getReturnType(),
                    result,
                    (run, nothing) -> {
                      if (run.getName().equals("run")) {
                        runs.merge(method.getName(), 1, Integer::sum);
                      }
                      return nothing;
                    })
                : result);
  }

  private interface After {
    Object result(java.lang.reflect.Method method, Object result);
  }

  private static <T> T proxy(Class<T> type, Object target, After after) {
    return type.cast(
        Proxy.newProxyInstance(
            FreezeTest.class.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              try {
                return after.result(method, method.invoke(target, arguments));
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "conv1;      conv1.weight conv1.bias",
        "conv?.bias; conv1.bias conv2.bias",
        "*2;         conv2.weight conv2.bias bn2.weight bn2.bias",
        "fc4.*;      fc4.weight fc4.bias"
      })
  void aPatternPicksLayersOrParameters(String pattern, String expected) {
    assertEquals(List.of(expected.split(" ")), NetworkTest.mixed().parameterNames(pattern));
  }

  @ParameterizedTest
  @ValueSource(strings = {"fc9", "conv", "relu1", "", ".*", "conv1\\E.*"})
  void aPatternThatPicksNothingIsRefused(String pattern) {
    try (Network network = network(Kernels.scalar())) {
      var e = assertThrows(IllegalArgumentException.class, () -> network.freeze("fc3", pattern));
      assertEquals(
          "no layer with parameters matches '"
              + pattern
              + "': there are conv1, conv2, bn2, fc3, fc4",
          e.getMessage());
    }
  }

  @Test
  void kernelsThatNoFrozenLayerNeedsDoNotRun() {
    Map<String, Integer> all = new TreeMap<>();
    Map<String, Integer> few = new TreeMap<>();
    try (Network network = network(counting(Kernels.scalar(), all))) {
      step(network, 3, 0);
    }
    try (Network network = network(counting(Kernels.scalar(), few))) {
      network.freeze("conv*", "bn2");
      step(network, 3, 0);
    }
    assertEquals(2, all.get("convolutionBackwardWeights"));
    assertEquals(2, all.get("denseBackwardData"));
    for (String gone :
        List.of(
            "convolutionBackwardWeights",
            "convolutionBackwardData",
            "batchNormTraining",
            "batchNormBackward",
            "maxPoolBackward",
            "lrnBackward")) {
      assertEquals(true, all.containsKey(gone), gone);
      assertNull(few.get(gone), gone);
    }
    assertEquals(1, few.get("denseBackwardData"), "of fc4, for fc3");
    assertEquals(2, few.get("denseBackwardWeights"));
    assertEquals(all.get("convolutionForward"), few.get("convolutionForward"));
    assertEquals(all.get("dropout"), few.get("dropout"));
  }

  @Test
  void aFrozenLayerAmidOthersMakesOnlyItsInputGradient() {
    Map<String, Integer> runs = new TreeMap<>();
    try (Network network = network(counting(Kernels.scalar(), runs))) {
      network.freeze("conv2", "fc3");
      step(network, 3, 0);
      assertEquals(1, runs.get("convolutionBackwardWeights"), "of conv1");
      assertEquals(1, runs.get("convolutionBackwardData"), "of conv2");
      assertEquals(1, runs.get("denseBackwardWeights"), "of fc4");
      assertEquals(2, runs.get("denseBackwardData"));
    }
  }

  @Test
  void aFrozenBatchNormGoesByItsRunningStatisticsAndKeepsThem() {
    Graph graph =
        Graph.of(Shape.of(3, 6, 6))
            .then("conv", Conv2d.of(4, Window.square(3)))
            .then("bn", BatchNorm.keras())
            .build();
    try (Network network = Network.builder(graph).seed(4).threads(1).build()) {
      Tensor images = NetworkTest.random(network.inputShape().prepend(3), "images");
      network.forward(images, 0); // moves them from their zeros and ones
      Tensor mean = network.state().get("bn.running_mean");
      Tensor variance = network.state().get("bn.running_var");
      float[] meanBefore = mean.toArray();
      float[] varianceBefore = variance.toArray();
      network.freeze("bn");
      float[] inferred = network.infer(images).toArray();
      assertArrayEquals(inferred, network.forward(images, 1).toArray());
      assertArrayEquals(meanBefore, mean.toArray());
      assertArrayEquals(varianceBefore, variance.toArray());
      network.thaw("bn");
      assertFalse(Arrays.equals(inferred, network.forward(images, 2).toArray()));
      assertFalse(Arrays.equals(meanBefore, mean.toArray()));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "simd"})
  void gradientsGoThroughFrozenLayers(String provider) {
    GradientCheck.of(NetworkTest.mixed(), 3)
        .kernels(provider.equals("simd") ? Kernels.simd() : Kernels.scalar())
        .freeze("conv2.weight", "bn2", "fc3")
        .run();
  }

  @Test
  void theLearningRateFactorComesBesideTheLayersOwnMultiplier() {
    try (Network network = network(Kernels.scalar())) {
      Parameter parameter = network.parameters("fc4.weight").get(0);
      float own = parameter.learningRateMultiplier();
      parameter.learningRateFactor(0.5f);
      parameter.learningRateFactor(0.1f); // in place of the former, not times it
      assertEquals(own * 0.1f, parameter.learningRateMultiplier());
      for (float wrong : new float[] {-1, Float.NaN, Float.POSITIVE_INFINITY}) {
        assertThrows(IllegalArgumentException.class, () -> parameter.learningRateFactor(wrong));
      }
    }
  }

  @Test
  void onlyWhatIsThawedLearnsAgain() {
    try (Network network = network(Kernels.scalar())) {
      network.freeze("*");
      assertThrows(IllegalArgumentException.class, () -> network.thaw("*", "typo"));
      assertFalse(network.parameters().stream().anyMatch(Parameter::trainable));
      network.thaw("conv1.bias", "fc*");
      assertEquals(
          List.of("conv1.bias", "fc3.weight", "fc3.bias", "fc4.weight", "fc4.bias"),
          network.parameters().stream().filter(Parameter::trainable).map(Parameter::name).toList());
    }
  }

  @Test
  void aPatternThatPicksNothingFreezesNothing() {
    try (Network network = network(Kernels.best())) {
      assertThrows(IllegalArgumentException.class, () -> network.freeze("*", "typo"));
      assertFalse(network.parameters().stream().anyMatch(p -> !p.trainable()));
    }
  }
}
