package io.alexnet.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.kernels.Window;
import io.alexnet.layer.Activation;
import io.alexnet.layer.Add;
import io.alexnet.layer.BatchNorm;
import io.alexnet.layer.Concat;
import io.alexnet.layer.Conv2d;
import io.alexnet.layer.Dense;
import io.alexnet.layer.Flatten;
import io.alexnet.layer.LocalResponseNorm;
import io.alexnet.layer.MaxPool2d;
import io.alexnet.layer.Softmax;
import io.alexnet.tensor.Shape;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;

class GraphTest {

  private static final Shape IMAGE = Shape.of(3, 8, 8);

  private static void assertRefused(String message, Executable work) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, work).getMessage());
  }

  @Test
  void shapesAreInferredAlongAChain() {
    Graph graph =
        Graph.of(IMAGE)
            .then("conv", Conv2d.of(5, Window.square(3).stride(2).padding(1)))
            .then("pool", MaxPool2d.of(Window.square(2)))
            .then("flat", new Flatten())
            .then("fc", Dense.of(7))
            .build();
    assertEquals(IMAGE, graph.inputShape());
    assertEquals(Shape.of(5, 4, 4), graph.layers().get(0).shape());
    assertEquals(Shape.of(5, 3, 3), graph.layers().get(1).shape());
    assertEquals(Shape.of(45), graph.layers().get(2).shape());
    assertEquals(Shape.of(7), graph.outputShape());
  }

  @Test
  void branchesMeetInAddAndConcat() {
    Graph.Builder b = Graph.of(IMAGE);
    Node left = b.node("left", Conv2d.of(4, Window.square(1)), b.input());
    Node right = b.node("right", Conv2d.of(4, Window.square(1)), b.input());
    Node sum = b.node("sum", new Add(), left, right);
    b.node("join", new Concat(), sum, left, b.input());
    Graph graph = b.build();
    assertEquals(Shape.of(4, 8, 8), sum.shape());
    assertEquals(Shape.of(11, 8, 8), graph.outputShape());
    assertTrue(
        graph.summary().contains("join (Concat)    (None, 11, 8, 8)         0   sum, left, input"),
        graph.summary());
  }

  @Test
  void errorsNameTheLayer() {
    Graph.Builder b = Graph.of(IMAGE);
    assertRefused(
        "layer 'conv': convolution: a window of 11×11 does not fit into the padded input of 8×8",
        () -> b.then("conv", Conv2d.of(4, Window.square(11))));
    assertRefused(
        "layer 'conv': convolution: 3 channels and 4 filters do not divide into 2 groups",
        () -> b.then("conv", Conv2d.of(4, Window.square(3)).groups(2)));
    assertRefused(
        "layer 'pool': pooling: a window of 9×9 does not fit into the padded input of 8×8",
        () -> b.then("pool", MaxPool2d.of(Window.square(9))));
    assertRefused(
        "layer 'fc': dense needs a vector of features, not an input of shape 3×8×8: put a Flatten"
            + " before it",
        () -> b.then("fc", Dense.of(4)));
    assertRefused(
        "layer 'softmax': softmax needs a vector of features, not an input of shape 3×8×8",
        () -> b.then("softmax", new Softmax()));
    Graph.Builder flat = Graph.of(Shape.of(5));
    assertRefused(
        "layer 'norm': needs an input of channels×height×width, not of shape 5",
        () -> flat.then("norm", LocalResponseNorm.paper()));
    Graph.Builder matrix = Graph.of(Shape.of(5, 4));
    assertRefused(
        "layer 'bn': batch norm needs channels×height×width or a vector of features, not 5×4",
        () -> matrix.then("bn", BatchNorm.keras()));
  }

  @Test
  void joiningUnequalShapesIsRefused() {
    Graph.Builder b = Graph.of(IMAGE);
    Node small = b.node("small", Conv2d.of(3, Window.square(3)), b.input());
    assertRefused(
        "layer 'sum': add needs inputs of one shape, not 3×6×6 and 3×8×8",
        () -> b.node("sum", new Add(), small, b.input()));
    assertRefused(
        "layer 'join': concat needs inputs that differ in channels only, not 3×6×6 and 3×8×8",
        () -> b.node("join", new Concat(), small, b.input()));
    assertRefused(
        "layer 'sum': add takes two or more inputs, not 1", () -> b.node("sum", new Add(), small));
    assertRefused(
        "layer 'relu': takes one input, not 2",
        () -> b.node("relu", Activation.relu(), small, b.input()));
    assertRefused("layer 'relu': takes one input, not 0", () -> b.node("relu", Activation.relu()));
  }

  /** 257 times 2²⁴ features, of which 2²⁴ are left where an int begins anew. */
  @Test
  void moreFeaturesThanAnArrayHoldsAreNotJoined() {
    Graph.Builder b = Graph.of(Shape.of(1 << 24));
    Node[] many = Collections.nCopies(257, b.input()).toArray(Node[]::new);
    assertRefused(
        "layer 'join': 2147483647 has more elements than a Java array can hold",
        () -> b.node("join", new Concat(), many));
  }

  @Test
  void parametersThatNoArrayHoldsAreRefused() {
    Graph.Builder b = Graph.of(Shape.of(150528));
    assertRefused(
        "layer 'fc6': 20000×150528 has more elements than a Java array can hold",
        () -> b.then("fc6", Dense.of(20000)));
  }

  @Test
  @Timeout(60)
  void manyStarsAreOne() {
    Graph graph = Graph.of(Shape.of(2)).then("a".repeat(40), Dense.of(2)).build();
    assertThrows(IllegalArgumentException.class, () -> graph.parameterNames("*".repeat(40) + "x"));
    assertEquals(2, graph.parameterNames("a***a").size());
  }

  @Test
  void namesAreUnique() {
    Graph.Builder b = Graph.of(IMAGE).then("relu", Activation.relu());
    assertRefused(
        "layer 'relu': there is one of this name already", () -> b.then("relu", Activation.relu()));
    assertRefused(
        "layer 'input': there is one of this name already",
        () -> b.then("input", Activation.relu()));
    assertRefused("a layer needs a name", () -> b.then(" ", Activation.relu()));
  }

  @Test
  void inputsMustBeOfThisGraph() {
    Graph.Builder other = Graph.of(IMAGE).then("elsewhere", Activation.relu());
    Node stranger = other.last();
    Graph.Builder b = Graph.of(IMAGE).then("elsewhere", Activation.relu());
    assertRefused(
        "layer 'tanh': its input 'elsewhere' is not a node of this graph",
        () -> b.node("tanh", Activation.tanh(), stranger));
    assertRefused(
        "layer 'tanh': its input null is not a node of this graph",
        () -> b.node("tanh", Activation.tanh(), (Node) null));
  }

  @Test
  void everyLayerLeadsToTheOutput() {
    Graph.Builder b = Graph.of(IMAGE).then("relu", Activation.relu());
    b.node("aside", Activation.tanh(), b.input());
    b.node("out", Activation.tanh(), b.input());
    assertRefused("layer 'aside': does not lead to the output 'out'", b::build);
    assertRefused("a graph needs at least one layer", () -> Graph.of(IMAGE).build());
  }
}
