package io.alexnet.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.kernels.ConvAlgorithm;
import io.alexnet.kernels.ConvPass;
import io.alexnet.kernels.Kernels;
import io.alexnet.kernels.Window;
import io.alexnet.layer.Activation;
import io.alexnet.layer.Conv2d;
import io.alexnet.layer.ConvolutionChoice;
import io.alexnet.layer.Dense;
import io.alexnet.layer.Flatten;
import io.alexnet.layer.MaxPool2d;
import io.alexnet.layer.Parameter;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class ConvolutionChoiceTest {

  private static final int BATCH = 8;

  /** AlexNet's kinds of convolution: strided, 5×5 in groups, 3×3. */
  private static Graph graph() {
    return Graph.of(Shape.of(3, 35, 35))
        .then("conv1", Conv2d.of(16, Window.square(11).stride(2)))
        .then("relu1", Activation.relu())
        .then("conv2", Conv2d.of(32, Window.square(5).padding(2)).groups(2))
        .then("relu2", Activation.relu())
        .then("pool2", MaxPool2d.of(Window.square(3).stride(2)))
        .then("conv3", Conv2d.of(32, Window.square(3).padding(1)))
        .then("relu3", Activation.relu())
        .then("flatten", new Flatten())
        .then("fc4", Dense.of(5))
        .build();
  }

  private static Network network(ConvolutionChoice choice) {
    return Network.builder(graph())
        .seed(3)
        .threads(2)
        .kernels(Kernels.simd())
        .convolutions(choice)
        .build();
  }

  /** Ten steps of gradient descent on half the squared distance to 1; the losses. */
  private static float[] losses(Network network) {
    Tensor images = NetworkTest.random(network.inputShape().prepend(BATCH), "images");
    float[] losses = new float[10];
    for (int s = 0; s < losses.length; s++) {
      Tensor gradient = network.forward(images, s).copy();
      for (int i = 0; i < gradient.size(); i++) {
        float off = gradient.array()[i] - 1;
        losses[s] += off * off / 2 / gradient.size();
        gradient.array()[i] = off / gradient.size();
      }
      network.backward(gradient, false);
      for (Parameter parameter : network.parameters()) {
        for (int i = 0; i < parameter.value().size(); i++) {
          parameter.value().array()[i] -= 0.05f * parameter.gradient().array()[i];
        }
      }
    }
    return losses;
  }

  private static Map<String, ConvAlgorithm> mixed() {
    return Map.of(
        ConvolutionChoice.key("conv2", ConvPass.FORWARD), ConvAlgorithm.WINOGRAD,
        ConvolutionChoice.key("conv2", ConvPass.BACKWARD_DATA), ConvAlgorithm.IMPLICIT_GEMM,
        ConvolutionChoice.key("conv3", ConvPass.BACKWARD_WEIGHTS), ConvAlgorithm.LOOPS);
  }

  private static ConvAlgorithm planned(Network network, String layer, ConvPass pass) {
    return network.plan(BATCH, true).convolutions().stream()
        .filter(c -> c.layer().equals(layer) && c.pass() == pass)
        .findFirst()
        .orElseThrow()
        .algorithm();
  }

  @Test
  void directAndWinogradLearnTheSame() {
    try (Network direct = network(ConvolutionChoice.DIRECT);
        Network winograd = network(ConvolutionChoice.WINOGRAD)) {
      float[] expected = losses(direct);
      float[] actual = losses(winograd);
      assertTrue(expected[9] < 0.9f * expected[0], "it learns");
      for (int s = 0; s < expected.length; s++) {
        // Winograd's relative error is about 1e-5 a pass, and ten steps add theirs up.
        assertEquals(expected[s], actual[s], 1e-3f * expected[s], "step " + s);
      }
      assertFalse(Arrays.equals(expected, actual), "two algorithms");
    }
  }

  @Test
  void eachRulePlansWhatItSays() {
    try (Network direct = network(ConvolutionChoice.DIRECT);
        Network winograd = network(ConvolutionChoice.WINOGRAD);
        Network auto = network(ConvolutionChoice.AUTO)) {
      assertTrue(
          direct.plan(BATCH, true).convolutions().stream()
              .allMatch(c -> c.algorithm() == ConvAlgorithm.IMPLICIT_GEMM));
      for (PlannedConvolution c : winograd.plan(BATCH, true).convolutions()) {
        assertEquals(
            c.layer().equals("conv1")
                ? Kernels.simd().plan(c.shape(), c.pass())
                : ConvAlgorithm.WINOGRAD,
            c.algorithm(),
            c.toString());
      }
      for (PlannedConvolution c : auto.plan(BATCH, true).convolutions()) {
        assertEquals(Kernels.simd().plan(c.shape(), c.pass()), c.algorithm(), c.toString());
      }
    }
  }

  @Test
  void theSameMapGivesTheSameBits() {
    ConvolutionChoice choice = ConvolutionChoice.tuned(mixed());
    ConvolutionChoice again = ConvolutionChoice.ofText(choice.toText());
    assertEquals(choice, again);
    try (Network a = network(choice);
        Network b = network(again)) {
      assertEquals(ConvAlgorithm.WINOGRAD, planned(a, "conv2", ConvPass.FORWARD));
      assertEquals(ConvAlgorithm.IMPLICIT_GEMM, planned(a, "conv2", ConvPass.BACKWARD_DATA));
      assertEquals(ConvAlgorithm.LOOPS, planned(a, "conv3", ConvPass.BACKWARD_WEIGHTS));
      assertArrayEquals(losses(a), losses(b));
    }
  }

  @Test
  void tuningMeasuresEveryPassAndLeavesTheValuesAlone() {
    try (Network tuned = network(ConvolutionChoice.AUTO)) {
      List<float[]> before = tuned.state().values().stream().map(Tensor::toArray).toList();
      ConvolutionChoice choice = tuned.tuneConvolutions(BATCH);
      List<float[]> after = tuned.state().values().stream().map(Tensor::toArray).toList();
      for (int i = 0; i < before.size(); i++) {
        assertArrayEquals(before.get(i), after.get(i));
      }
      assertEquals(choice, tuned.convolutions());
      assertEquals("tune", choice.name());
      List<PlannedConvolution> planned = tuned.plan(BATCH, true).convolutions();
      assertEquals(planned.size(), choice.algorithms().size());
      for (PlannedConvolution c : planned) {
        assertEquals(
            choice.algorithms().get(ConvolutionChoice.key(c.layer(), c.pass())), c.algorithm());
      }
      try (Network given = network(ConvolutionChoice.ofText(choice.toText()))) {
        assertArrayEquals(losses(tuned), losses(given));
      }
    }
  }

  @Test
  void thePlanTellsCostsAndTheBoundOfTheWorkspace() {
    try (Network network = network(ConvolutionChoice.WINOGRAD)) {
      Plan plan = network.plan(BATCH, true);
      List<PlannedConvolution> planned = plan.convolutions();
      assertEquals(8, planned.size(), "three passes of each, but no gradient of the images");
      assertEquals(1, planned.stream().mapToDouble(PlannedConvolution::share).sum(), 1e-9);
      long most = planned.stream().mapToLong(PlannedConvolution::workspaceBytes).max().orElse(0);
      long sum = planned.stream().mapToLong(PlannedConvolution::workspaceBytes).sum();
      assertTrue(plan.workspaceBytes() >= most && plan.workspaceBytes() < sum, plan.toString());
      for (PlannedConvolution c : planned) {
        boolean fewer = c.algorithm() == ConvAlgorithm.WINOGRAD;
        assertEquals(fewer, c.multiplyAdds() < c.shape().flops() / 2, c.toString());
        assertNotEquals(0, c.multiplyAdds());
      }
      String text = plan.convolutionSummary();
      assertTrue(text.contains("conv2") && text.contains("BACKWARD_WEIGHTS"), text);
      assertTrue(text.contains("shared by all layers"), text);
      assertEquals(3, network.plan(BATCH, false).convolutions().size());
    }
  }

  @Test
  void whatTheKernelsLackIsComputedAsByAuto() {
    try (Network scalar =
        Network.builder(graph())
            .threads(1)
            .kernels(Kernels.scalar())
            .convolutions(ConvolutionChoice.WINOGRAD)
            .build()) {
      assertEquals(ConvAlgorithm.LOOPS, planned(scalar, "conv2", ConvPass.FORWARD));
    }
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    refuses("'conv2' is not a layer and a pass", () -> tunedOf("conv2"));
    refuses("no convolution 'fc4'", () -> network(tunedOf("fc4.forward")));
    refuses("no convolution 'conv9'", () -> network(tunedOf("conv9.backward_data")));
    refuses("'fastest' is none of auto", () -> ofText("rule", "fastest"));
    refuses(
        "'FFT' of conv1.forward is no algorithm",
        () -> ConvolutionChoice.ofText(Map.of("rule", "tune", "conv1.forward", "FFT")));
  }

  private static ConvolutionChoice tunedOf(String key) {
    return ConvolutionChoice.tuned(Map.of(key, ConvAlgorithm.WINOGRAD));
  }

  private static ConvolutionChoice ofText(String key, String value) {
    return ConvolutionChoice.ofText(Map.of(key, value));
  }

  private static void refuses(String message, Executable made) {
    String told = assertThrows(IllegalArgumentException.class, made).getMessage();
    assertTrue(told.contains(message), told);
  }

  @Test
  void infersTheSameFromConstantWeights() {
    for (ConvolutionChoice choice : List.of(ConvolutionChoice.DIRECT, ConvolutionChoice.WINOGRAD)) {
      try (Network network = network(choice)) {
        Tensor images = NetworkTest.random(network.inputShape().prepend(BATCH), "images");
        float[] inferred = network.infer(images).toArray();
        network.weightsConstant(true);
        float[] expected = network.infer(images).toArray();
        assertSameConvolutions(choice, inferred, expected);
        assertArrayEquals(expected, network.infer(images).toArray());
        assertThrows(IllegalStateException.class, () -> network.forward(images, 0));
        for (Parameter parameter : network.parameters()) {
          if (parameter.name().startsWith("conv") && parameter.name().endsWith("weight")) {
            parameter.value().array()[0] += 1;
          }
        }
        assertArrayEquals(expected, network.infer(images).toArray());
        network.weightsConstant(true);
        assertFalse(Arrays.equals(expected, network.infer(images).toArray()));

        network.weightsConstant(false);
        losses(network);
        float[] trained = network.infer(images).toArray();
        assertFalse(Arrays.equals(expected, trained));
        network.weightsConstant(true);
        assertSameConvolutions(choice, trained, network.infer(images).toArray());
      }
    }
  }

  /** Winograd's may take tiles of another size, as preparing constant weights costs nothing. */
  private static void assertSameConvolutions(
      ConvolutionChoice choice, float[] expected, float[] actual) {
    if (choice == ConvolutionChoice.DIRECT) {
      assertArrayEquals(expected, actual);
    } else {
      assertArrayEquals(expected, actual, 1e-5f);
    }
  }
}
