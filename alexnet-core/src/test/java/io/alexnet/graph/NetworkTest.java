package io.alexnet.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.init.Initializer;
import io.alexnet.kernels.Kernels;
import io.alexnet.kernels.ThreadTeam;
import io.alexnet.kernels.Window;
import io.alexnet.layer.Activation;
import io.alexnet.layer.Add;
import io.alexnet.layer.BatchNorm;
import io.alexnet.layer.Concat;
import io.alexnet.layer.Conv2d;
import io.alexnet.layer.Dense;
import io.alexnet.layer.Dropout;
import io.alexnet.layer.Flatten;
import io.alexnet.layer.GlobalAveragePool2d;
import io.alexnet.layer.LocalResponseNorm;
import io.alexnet.layer.MaxPool2d;
import io.alexnet.layer.Parameter;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkTest {

  /** Every kind of layer, groups, overlapping pools, a residual and a concatenation. */
  static Graph mixed() {
    Graph.Builder b =
        Graph.of(Shape.of(3, 17, 17))
            .then("conv1", Conv2d.of(8, Window.square(5).stride(2).padding(2)))
            .then("relu1", Activation.relu())
            .then("norm1", LocalResponseNorm.paper())
            .then("pool1", MaxPool2d.of(Window.square(3).stride(2)));
    Node trunk = b.last();
    b.then("conv2", Conv2d.of(8, Window.square(3).padding(1)).groups(2));
    b.then("bn2", BatchNorm.keras()).then("relu2", Activation.relu());
    Node sum = b.node("sum", new Add(), b.last(), trunk);
    b.node("join", new Concat(), sum, trunk);
    return b.then("flatten", new Flatten())
        .then("fc3", Dense.of(16))
        .then("leaky3", Activation.leakyRelu(0.1f))
        .then("drop3", new Dropout(0.5f))
        .then("fc4", Dense.of(5))
        .build();
  }

  static Tensor random(Shape shape, String name) {
    Tensor tensor = Tensor.zeros(shape);
    RandomGenerator random = Initializer.stream(1, name);
    for (int i = 0; i < tensor.size(); i++) {
      tensor.array()[i] = (float) random.nextGaussian();
    }
    return tensor;
  }

  private static Network scalar(Graph graph) {
    return Network.builder(graph).seed(4).threads(1).kernels(Kernels.scalar()).build();
  }

  /** One step of plain gradient descent. */
  private static void step(Network network, int batch, long step) {
    Tensor images = random(network.inputShape().prepend(batch), "images " + step);
    Tensor outputGradient = random(network.outputShape().prepend(batch), "gradient " + step);
    network.forward(images, step);
    network.backward(outputGradient, false);
    for (Parameter parameter : network.parameters()) {
      for (int i = 0; i < parameter.value().size(); i++) {
        parameter.value().array()[i] -= 0.01f * parameter.gradient().array()[i];
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "simd"})
  void theSameBitsOnAnyNumberOfThreads(String provider) {
    Kernels kernels = provider.equals("simd") ? Kernels.simd() : Kernels.scalar();
    List<float[]> onOneThread = null;
    for (int threads = 1; threads <= 3; threads++) {
      try (Network network =
          Network.builder(mixed()).seed(9).threads(threads).kernels(kernels).build()) {
        for (int s = 0; s < 5; s++) {
          step(network, s == 3 ? 4 : 7, s);
        }
        List<float[]> state = network.state().values().stream().map(Tensor::toArray).toList();
        if (onOneThread == null) {
          onOneThread = state;
        }
        for (int i = 0; i < state.size(); i++) {
          assertArrayEquals(onOneThread.get(i), state.get(i), threads + " threads, tensor " + i);
        }
      }
    }
  }

  @Test
  void theSeedDecidesParametersAndMasks() {
    try (Network a = Network.builder(mixed()).seed(1).threads(1).build();
        Network same = Network.builder(mixed()).seed(1).threads(1).build();
        Network other = Network.builder(mixed()).seed(2).threads(1).build()) {
      Tensor images = random(a.inputShape().prepend(2), "images");
      float[] output = a.forward(images, 5).toArray();
      assertArrayEquals(output, same.forward(images, 5).toArray());
      other.state().forEach((name, tensor) -> tensor.copyFrom(a.state().get(name)));
      assertTrue(!Arrays.equals(output, other.forward(images, 5).toArray()));
      assertTrue(!Arrays.equals(output, a.forward(images, 6).toArray()));
    }
  }

  @Test
  void skippedInitialisersLeaveParametersZeroAndStateAsItBegins() {
    try (Network blank = Network.builder(mixed()).seed(1).threads(1).skipInitialization().build();
        Network drawn = Network.builder(mixed()).seed(1).threads(1).build()) {
      assertEquals(drawn.state().keySet(), blank.state().keySet());
      Set<String> learnt =
          blank.parameters().stream().map(Parameter::name).collect(Collectors.toSet());
      blank
          .state()
          .forEach(
              (name, value) ->
                  assertArrayEquals(
                      learnt.contains(name)
                          ? new float[value.size()]
                          : drawn.state().get(name).toArray(),
                      value.toArray(),
                      name));
    }
  }

  @Test
  void aBatchInPiecesInfersTheSameAsWhole() {
    try (Network network = scalar(mixed())) {
      Tensor images = random(network.inputShape().prepend(7), "images");
      Tensor whole = network.infer(images).copy();
      assertEquals(Shape.of(7, 5), whole.shape());
      for (int from = 0; from < 7; from += 3) {
        int to = Math.min(7, from + 3);
        // The rows of a batch do not meet in inference, but sums may be cut differently.
        assertArrayEquals(
            whole.slice(from, to).toArray(),
            network.infer(images.slice(from, to)).toArray(),
            1e-5f);
      }
    }
  }

  @Test
  void addAndConcatComputeWhatTheySay() {
    Graph.Builder b = Graph.of(Shape.of(2, 1, 2));
    Node relu = b.node("relu", Activation.relu(), b.input());
    Node sum = b.node("sum", new Add(), b.input(), relu, b.input());
    b.node("join", new Concat(), sum, b.input(), relu);
    try (Network network = scalar(b.build())) {
      Tensor images = Tensor.of(new float[] {1, -2, 3, -4, -5, 6, -7, 8}, 2, 2, 1, 2);
      float[] expected = {
        3, -4, 9, -8, 1, -2, 3, -4, 1, 0, 3, 0, -10, 18, -14, 24, -5, 6, -7, 8, 0, 6, 0, 8
      };
      assertArrayEquals(expected, network.infer(images).toArray());
      assertArrayEquals(expected, network.forward(images, 0).toArray());
    }
  }

  @Test
  void globalAveragePoolIsTheMeanOfEachChannel() {
    Graph graph = Graph.of(Shape.of(2, 2, 2)).then("pool", new GlobalAveragePool2d()).build();
    try (Network network = scalar(graph)) {
      Tensor images = Tensor.of(new float[] {1, 2, 3, 6, -4, 0, 0, 2}, 1, 2, 2, 2);
      assertEquals(Shape.of(1, 2), network.infer(images).shape());
      assertArrayEquals(new float[] {3, -0.5f}, network.infer(images).toArray());
    }
  }

  @Test
  void theImagesAreLeftAsTheyAre() {
    Graph graph =
        Graph.of(Shape.of(4))
            .then("relu", Activation.relu())
            .then("drop", new Dropout(0.5f))
            .then("flat", new Flatten())
            .build();
    try (Network network = scalar(graph)) {
      Tensor images = random(Shape.of(3, 4), "images");
      float[] before = images.toArray();
      network.infer(images);
      network.forward(images, 0);
      Tensor outputGradient = random(Shape.of(3, 4), "gradient");
      float[] gradientBefore = outputGradient.toArray();
      network.backward(outputGradient, false);
      assertArrayEquals(before, images.toArray());
      assertArrayEquals(gradientBefore, outputGradient.toArray());
    }
  }

  @Test
  void itsOwnOutputIsNoInput() {
    Graph.Builder b = Graph.of(Shape.of(3, 8, 8));
    for (int i = 1; i <= 3; i++) {
      b.then("conv" + i, Conv2d.of(3, Window.square(3).padding(1)));
    }
    try (Network network = Network.of(b.build(), 1)) {
      Tensor once = network.infer(Tensor.zeros(2, 3, 8, 8));
      var e = assertThrows(IllegalArgumentException.class, () -> network.infer(once));
      assertTrue(e.getMessage().contains("own output"), e.getMessage());
      network.infer(once.copy());
    }
  }

  @Test
  void aViewIntoALargerTensorIsABatchToo() {
    try (Network network = scalar(mixed())) {
      Tensor images = random(network.inputShape().prepend(6), "images");
      Tensor part = images.slice(2, 5);
      Tensor copy = part.copy();
      assertArrayEquals(network.forward(copy, 1).toArray(), network.forward(part, 1).toArray());
    }
  }

  @Test
  void dropoutDoesNothingInInference() {
    Graph graph = Graph.of(Shape.of(100)).then("drop", new Dropout(0.5f)).build();
    try (Network network = scalar(graph)) {
      Tensor images = random(Shape.of(2, 100), "images");
      assertArrayEquals(images.toArray(), network.infer(images).toArray());
      int dropped = 0;
      float[] y = network.forward(images, 0).toArray();
      for (int i = 0; i < y.length; i++) {
        dropped += y[i] == 0 ? 1 : 0;
        assertTrue(y[i] == 0 || y[i] == 2 * images.array()[i]);
      }
      assertEquals(100, dropped, 35); // five standard deviations of 200 coins
    }
  }

  @Test
  void batchNormRemembersWhatItSaw() {
    Graph graph = Graph.of(Shape.of(1)).then("bn", new BatchNorm(0.9f, 1e-5f)).build();
    try (Network network = scalar(graph)) {
      network.forward(Tensor.of(new float[] {1, 3}, 2, 1), 0);
      // Batch mean 2; unbiased variance 2.
      assertEquals(0.1f * 2, network.state().get("bn.running_mean").get(0), 1e-6);
      assertEquals(0.9f + 0.1f * 2, network.state().get("bn.running_var").get(0), 1e-6);
      network.state().get("bn.running_mean").fill(3);
      network.state().get("bn.running_var").fill(4);
      assertEquals(-0.5f, network.infer(Tensor.of(new float[] {2}, 1, 1)).get(0, 0), 1e-5);
    }
  }

  @Test
  void batchNormCannotTrainOnOneValue() {
    Graph graph = Graph.of(Shape.of(3)).then("bn", BatchNorm.keras()).build();
    try (Network network = scalar(graph)) {
      var thrown =
          assertThrows(
              IllegalArgumentException.class, () -> network.forward(Tensor.zeros(1, 3), 0));
      assertEquals(
          "layer 'bn': batch norm cannot train on a batch of one image of one pixel, whose deviation"
              + " is 0: choose a batch size of at least 2 that leaves no single image for an epoch's"
              + " last batch",
          thrown.getMessage());
      network.infer(Tensor.zeros(1, 3));
    }
  }

  @Test
  void gradientsAccumulateWhenAsked() {
    try (Network network = scalar(mixed())) {
      Tensor images = random(network.inputShape().prepend(3), "images");
      Tensor outputGradient = random(network.outputShape().prepend(3), "gradient");
      network.forward(images, 1);
      network.backward(outputGradient, false);
      List<float[]> once = network.parameters().stream().map(p -> p.gradient().toArray()).toList();
      network.forward(images, 1);
      network.backward(outputGradient, true);
      for (int i = 0; i < once.size(); i++) {
        float[] twice = network.parameters().get(i).gradient().toArray();
        for (int k = 0; k < twice.length; k++) {
          // The second pass may sum onto what is there term by term.
          assertEquals(2 * once.get(i)[k], twice[k], 1e-4 * (1 + Math.abs(twice[k])));
        }
      }
      network.forward(images, 1);
      network.backward(outputGradient, false);
      for (int i = 0; i < once.size(); i++) {
        assertArrayEquals(once.get(i), network.parameters().get(i).gradient().toArray());
      }
    }
  }

  @Test
  void backwardFollowsItsOwnForward() {
    try (Network network = scalar(mixed())) {
      Tensor images = random(network.inputShape().prepend(2), "images");
      Tensor gradient = Tensor.zeros(2, 5);
      assertThrows(IllegalStateException.class, () -> network.backward(gradient, false));
      network.forward(images, 0);
      network.infer(images);
      assertThrows(IllegalStateException.class, () -> network.backward(gradient, false));
      network.forward(images, 0);
      network.backward(gradient, false);
      assertThrows(IllegalStateException.class, () -> network.backward(gradient, false));
      assertThrows(IllegalStateException.class, network::inputGradient);
    }
  }

  @Test
  void wrongShapesAreNamed() {
    try (Network network = scalar(mixed())) {
      assertEquals(
          "the network takes images of shape batch×3×17×17, not 2×3×16×17",
          assertThrows(
                  IllegalArgumentException.class,
                  () -> network.forward(Tensor.zeros(2, 3, 16, 17), 0))
              .getMessage());
      assertEquals(
          "the network takes images of shape batch×3×17×17, not 3×17×17",
          assertThrows(IllegalArgumentException.class, () -> network.infer(Tensor.zeros(3, 17, 17)))
              .getMessage());
      network.forward(Tensor.zeros(2, 3, 17, 17), 0);
      assertEquals(
          "the output's gradient must be of shape 2×5, not 3×5",
          assertThrows(
                  IllegalArgumentException.class, () -> network.backward(Tensor.zeros(3, 5), false))
              .getMessage());
    }
  }

  @Test
  void frozenLayersAreLeftOutOfTheBackwardPass() {
    try (Network network = scalar(mixed())) {
      step(network, 2, 0);
      Plan whole = network.plan(2, true);
      for (Parameter parameter : network.parameters()) {
        parameter.trainable(parameter.name().startsWith("fc"));
        parameter.gradient().fill(Float.NaN);
      }
      assertTrue(network.plan(2, true).bufferBytes() < whole.bufferBytes());
      Tensor images = random(network.inputShape().prepend(2), "images");
      Tensor outputGradient = random(network.outputShape().prepend(2), "gradient");
      network.forward(images, 1);
      network.backward(outputGradient, false);
      for (Parameter parameter : network.parameters()) {
        assertEquals(
            parameter.trainable(), !Float.isNaN(parameter.gradient().array()[0]), parameter.name());
      }
      assertTrue(network.summary().contains("Trainable params: 4,197\n"), network.summary());
      network.parameters().forEach(p -> p.trainable(true));
      step(network, 2, 1);
      assertNotEquals(Float.NaN, network.parameters().get(0).gradient().array()[0]);
    }
  }

  @Test
  void stateIsEveryTensorByName() {
    try (Network network = scalar(mixed())) {
      assertEquals(
          List.of(
              "conv1.weight",
              "conv1.bias",
              "conv2.weight",
              "conv2.bias",
              "bn2.weight",
              "bn2.bias",
              "bn2.running_mean",
              "bn2.running_var",
              "fc3.weight",
              "fc3.bias",
              "fc4.weight",
              "fc4.bias"),
          List.copyOf(network.state().keySet()));
      assertSame(network.parameters().get(0).value(), network.state().get("conv1.weight"));
    }
  }

  @Test
  void aTeamThatIsHandedInStaysOpen() {
    try (ThreadTeam team = new ThreadTeam(2)) {
      Network first = Network.builder(mixed()).team(team).build();
      first.infer(Tensor.zeros(first.inputShape().prepend(1)));
      first.close();
      team.run(2, (piece, worker) -> {});
    }
    Network owner = Network.builder(mixed()).threads(2).build();
    owner.close();
    assertThrows(
        IllegalStateException.class,
        () -> owner.infer(Tensor.zeros(owner.inputShape().prepend(1))));
  }

  @Test
  void keepsTheOutputsThatAreAskedFor() {
    Tensor images = random(Shape.of(2, 3, 17, 17), "images");
    List<String> all = mixed().layers().stream().map(Node::name).toList();
    try (Network network = scalar(mixed());
        Network plain = scalar(mixed())) {
      network.keepOutputs(all);
      float[] output = network.infer(images).toArray();
      assertArrayEquals(plain.infer(images).toArray(), output, "keeping changes no bit");
      assertArrayEquals(output, network.output("fc4").toArray());
      for (String layer : all) { // one at a time: nothing else stays that it could have written to
        plain.keepOutputs(List.of(layer));
        plain.infer(images);
        assertArrayEquals(plain.output(layer).toArray(), network.output(layer).toArray(), layer);
      }
      Tensor before = network.output("conv1");
      Tensor after = network.output("relu1");
      for (int i = 0; i < before.size(); i++) {
        assertEquals(
            Math.max(0, before.array()[before.offset() + i]), after.array()[after.offset() + i]);
      }
      assertEquals(Shape.of(2, 8, 9, 9), before.shape());
    }
  }

  @Test
  void theLastLayersOutputIsAlwaysThere() {
    Tensor images = random(Shape.of(2, 3, 17, 17), "images");
    try (Network network = scalar(mixed())) {
      assertThrows(IllegalStateException.class, () -> network.output("fc4"));
      float[] output = network.infer(images).toArray();
      assertArrayEquals(output, network.output("fc4").toArray());
      network.keepOutputs(List.of("conv1"));
      network.infer(images);
      assertArrayEquals(output, network.output("fc4").toArray());
    }
  }

  @Test
  void saysWhyThereIsNoOutputOfALayer() {
    Tensor images = random(Shape.of(2, 3, 17, 17), "images");
    try (Network network = scalar(mixed())) {
      assertThrows(IllegalArgumentException.class, () -> network.keepOutputs(List.of("conv9")));
      network.keepOutputs(List.of("conv1"));
      assertThrows(IllegalStateException.class, () -> network.output("conv1"));
      network.infer(images);
      assertThrows(IllegalArgumentException.class, () -> network.output("relu1"));
      network.forward(images, 0);
      assertThrows(IllegalArgumentException.class, () -> network.output("conv1"));
      network.backward(Tensor.zeros(2, 5), false);
      assertThrows(IllegalStateException.class, () -> network.output("relu1"));
    }
  }

  @Test
  void activationsAreThereUntilTheBackwardPass() {
    Tensor images = random(Shape.of(2, 3, 17, 17), "images");
    Graph graph =
        Graph.of(Shape.of(3, 17, 17))
            .then("conv1", Conv2d.of(8, Window.square(5)))
            .then("relu1", Activation.relu())
            .then("norm1", LocalResponseNorm.paper())
            .then("flatten", new Flatten())
            .then("fc2", Dense.of(5))
            .build();
    try (Network network = scalar(graph)) {
      network.keepOutputs(List.of("relu1"));
      float[] logits = network.infer(images).toArray();
      float[] expected = network.output("relu1").toArray();
      network.keepOutputs(List.of());
      network.forward(images, 0);
      assertArrayEquals(expected, network.output("relu1").toArray());
      assertArrayEquals(logits, network.output("fc2").toArray());
    }
  }

  @Test
  void findsTheFirstLayerWhoseNumbersAreNotFinite() {
    Tensor images = random(Shape.of(2, 3, 17, 17), "images");
    Tensor gradient = random(Shape.of(2, 5), "gradient");
    try (Network network = scalar(mixed())) {
      assertNull(network.firstNonFiniteOutput(images, 0));
      assertNull(network.firstNonFiniteGradient(gradient));

      network.parameters("conv2.bias").get(0).value().array()[3] = Float.POSITIVE_INFINITY;
      assertEquals("conv2", network.firstNonFiniteOutput(images, 0));
      assertThrows(
          IllegalStateException.class, () -> network.firstNonFiniteGradient(gradient), "half done");

      network.parameters("conv2.bias").get(0).value().array()[3] = 0;
      gradient.array()[7] = Float.NaN;
      assertNull(network.firstNonFiniteOutput(images, 0));
      assertEquals("fc4", network.firstNonFiniteGradient(gradient));

      // What overflows on its way: finite times finite.
      gradient.array()[7] = 1e20f;
      network.parameters("fc4.weight").get(0).value().fill(1e7f);
      network.parameters("fc3.weight").get(0).value().fill(1e12f);
      network.forward(images, 0);
      assertNull(network.firstNonFiniteOutput(images, 0));
      assertEquals("fc3", network.firstNonFiniteGradient(gradient));
    }
  }

  @Test
  void aReplicaInfersWithTheSameValuesAndIsNotTrained() {
    Tensor images = random(Shape.of(2, 3, 17, 17), "images");
    try (Network network = Network.builder(mixed()).threads(1).build()) {
      network.weightsConstant(true);
      float[] expected = network.infer(images).toArray();
      long prepared = network.preparedWeightsBytes();
      try (Network replica = network.replica(2)) {
        assertArrayEquals(expected, replica.infer(images).toArray());
        assertEquals(prepared, replica.preparedWeightsBytes(), "prepared once for both");
        assertSame(network.parameters().get(0), replica.parameters().get(0));
        replica.weightsConstant(false);
        assertThrows(IllegalStateException.class, () -> replica.forward(images, 0));
      }
      assertArrayEquals(expected, network.infer(images).toArray());
    }
  }

  /** A service meets every batch size; the last images of each must not stay. */
  @Test
  void imagesOfBatchSizesLongUnusedAreLetGo() throws InterruptedException {
    Graph graph =
        Graph.of(Shape.of(3, 16, 16)).then("conv", Conv2d.of(4, Window.square(3))).build();
    try (Network network = Network.builder(graph).threads(1).seed(1).build()) {
      network.infer(Tensor.zeros(12, 3, 16, 16));
      List<WeakReference<float[]>> images = new ArrayList<>();
      for (int batch = 1; batch <= 8; batch++) {
        Tensor batchOfImages = Tensor.zeros(batch, 3, 16, 16);
        images.add(new WeakReference<>(batchOfImages.array()));
        network.infer(batchOfImages);
        network.infer(Tensor.zeros(12, 3, 16, 16)); // in use all along
      }
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (images.stream().filter(image -> image.get() != null).count() > 3
          && System.nanoTime() < end) {
        System.gc();
        Thread.sleep(10);
      }
      List<Integer> held = new ArrayList<>();
      for (int batch = 1; batch <= 8; batch++) {
        if (images.get(batch - 1).get() != null) {
          held.add(batch);
        }
      }
      assertEquals(List.of(6, 7, 8), held, "beside the 12");
    }
  }
}
