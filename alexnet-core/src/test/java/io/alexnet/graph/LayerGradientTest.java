package io.alexnet.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.alexnet.kernels.Kernels;
import io.alexnet.kernels.Window;
import io.alexnet.layer.Activation;
import io.alexnet.layer.AdaptiveAveragePool2d;
import io.alexnet.layer.Add;
import io.alexnet.layer.AveragePool2d;
import io.alexnet.layer.BatchNorm;
import io.alexnet.layer.Concat;
import io.alexnet.layer.Conv2d;
import io.alexnet.layer.Dense;
import io.alexnet.layer.Dropout;
import io.alexnet.layer.Flatten;
import io.alexnet.layer.GlobalAveragePool2d;
import io.alexnet.layer.Layer;
import io.alexnet.layer.LayerClasses;
import io.alexnet.layer.LocalResponseNorm;
import io.alexnet.layer.MaxPool2d;
import io.alexnet.layer.Softmax;
import io.alexnet.tensor.Shape;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every layer's gradients against differences, on both providers. */
class LayerGradientTest {

  private static final Shape IMAGE = Shape.of(6, 7, 9);
  private static final Shape VECTOR = Shape.of(11);

  private static Graph alone(Shape input, Layer layer) {
    return Graph.of(input).then("layer", layer).build();
  }

  /**
   * Amid layers that keep nothing of it, so that what the layer does not ask to keep is overwritten
   * before its backward pass.
   */
  private static Graph between(Layer layer) {
    return Graph.of(Shape.of(3, 6, 7))
        .then("before", Conv2d.of(4, Window.square(3).padding(1)))
        .then("layer", layer)
        .then("pool", AveragePool2d.of(Window.square(2)))
        .then("after", Conv2d.of(4, Window.square(3).padding(1)))
        .then("norm", new LocalResponseNorm(3, 0.5f, 0.75f, 1))
        .build();
  }

  static Stream<Arguments> cases() {
    return Stream.of(
            graph("conv", alone(IMAGE, Conv2d.of(5, Window.square(3)))),
            graph(
                "conv, stride, padding, groups",
                alone(IMAGE, Conv2d.of(4, Window.square(3).stride(2).padding(1)).groups(2))),
            graph("conv, dilation", alone(IMAGE, Conv2d.of(4, Window.square(2).dilation(2)))),
            graph("conv without bias", alone(IMAGE, Conv2d.of(4, Window.of(1, 3)).withoutBias())),
            graph("conv between", between(Conv2d.of(4, Window.square(3).padding(1)))),
            graph("dense", alone(VECTOR, Dense.of(5))),
            graph("dense without bias", alone(VECTOR, Dense.of(7).withoutBias())),
            graph("max pool", alone(IMAGE, MaxPool2d.of(Window.square(2).stride(2)))),
            graph("max pool, overlapping", alone(IMAGE, MaxPool2d.of(Window.square(3).stride(2)))),
            graph(
                "max pool, rounding up",
                alone(Shape.of(2, 6, 8), new MaxPool2d(Window.square(3).stride(2), true))),
            graph("max pool between", between(MaxPool2d.of(Window.square(3).stride(2)))),
            graph("average pool", alone(IMAGE, AveragePool2d.of(Window.square(3).stride(2)))),
            graph(
                "average pool, padding",
                alone(
                    IMAGE, new AveragePool2d(Window.square(3).stride(2).padding(1), true, false))),
            graph("adaptive pool", alone(IMAGE, new AdaptiveAveragePool2d(3, 4))),
            graph("adaptive pool, enlarging", alone(IMAGE, new AdaptiveAveragePool2d(8, 10))),
            graph("global pool", alone(IMAGE, new GlobalAveragePool2d())),
            graph("lrn", alone(IMAGE, new LocalResponseNorm(5, 0.5f, 0.75f, 2))),
            graph("lrn, other power", alone(IMAGE, new LocalResponseNorm(3, 0.5f, 0.5f, 1))),
            graph("lrn between", between(new LocalResponseNorm(3, 0.5f, 0.75f, 1))),
            graph("batch norm of images", alone(IMAGE, BatchNorm.keras())),
            graph("batch norm of vectors", alone(VECTOR, BatchNorm.pytorch())),
            graph("batch norm between", between(BatchNorm.keras())),
            graph("relu", alone(IMAGE, Activation.relu())),
            graph("relu between", between(Activation.relu())),
            graph("leaky relu", alone(IMAGE, Activation.leakyRelu(0.1f))),
            graph("leaky relu between", between(Activation.leakyRelu(0.1f))),
            graph("tanh", alone(IMAGE, Activation.tanh())),
            graph("tanh between", between(Activation.tanh())),
            graph("sigmoid", alone(IMAGE, Activation.sigmoid())),
            graph("sigmoid between", between(Activation.sigmoid())),
            graph("softmax", alone(VECTOR, new Softmax())),
            graph(
                "softmax between",
                Graph.of(VECTOR)
                    .then("before", Dense.of(6))
                    .then("softmax", new Softmax())
                    .then("drop", new Dropout(0.3f))
                    .then("after", Dense.of(3))
                    .build()),
            graph("dropout", alone(IMAGE, new Dropout(0.4f))),
            graph("dropout between", between(new Dropout(0.4f))),
            graph("flatten", alone(IMAGE, new Flatten())),
            graph(
                "flatten between",
                Graph.of(IMAGE)
                    .then("before", Conv2d.of(2, Window.square(3)))
                    .then("flatten", new Flatten())
                    .then("tanh", Activation.tanh())
                    .then("drop", new Dropout(0.3f))
                    .then("after", Dense.of(3))
                    .build()),
            graph("residual", residual()),
            graph("add of itself", addOfItself()),
            graph("add of three, shared", addOfThree()),
            graph("concat", concat()),
            graph("small AlexNet", smallPaperNet()),
            graph("small batch-norm net", smallBatchNormNet()))
        .flatMap(
            named ->
                Stream.of(Kernels.scalar(), Kernels.simd())
                    .map(kernels -> Arguments.of(named, Named.of(kernels.name(), kernels))));
  }

  private static Named<Graph> graph(String name, Graph graph) {
    return Named.of(name, graph);
  }

  private static Conv2d same(int filters) {
    return Conv2d.of(filters, Window.square(3).padding(1));
  }

  private static Graph residual() {
    Graph.Builder b = Graph.of(Shape.of(3, 5, 6)).then("stem", same(4));
    Node trunk = b.then("relu", Activation.leakyRelu(0.2f)).last();
    b.then("conv1", same(4)).then("tanh", Activation.tanh()).then("conv2", same(4));
    b.node("sum", new Add(), b.last(), trunk);
    return b.then("out", Activation.sigmoid()).build();
  }

  private static Graph addOfItself() {
    Graph.Builder b = Graph.of(Shape.of(2, 4, 4)).then("conv", same(3));
    b.node("sum", new Add(), b.last(), b.last());
    return b.then("out", same(2)).build();
  }

  private static Graph addOfThree() {
    Graph.Builder b = Graph.of(Shape.of(2, 4, 4));
    Node trunk = b.then("conv", same(3)).then("tanh", Activation.tanh()).last();
    Node left = b.node("left", Activation.sigmoid(), trunk);
    Node right = b.node("right", same(3), trunk);
    Node sum = b.node("sum", new Add(), trunk, left, right);
    b.node("product", new Add(), sum, left, trunk);
    return b.then("out", same(2)).build();
  }

  private static Graph concat() {
    Graph.Builder b = Graph.of(Shape.of(2, 4, 5));
    Node trunk = b.then("conv", same(3)).last();
    Node left = b.node("left", Activation.tanh(), trunk);
    Node right = b.node("right", same(2), trunk);
    b.node("join", new Concat(), left, right, trunk);
    Node joined = b.then("mix", Conv2d.of(4, Window.square(1))).last();
    b.node("joinedAgain", new Concat(), joined, joined, b.input());
    return b.then("flat", new Flatten()).then("out", Dense.of(3)).build();
  }

  /** The paper's order of layers with its groups and overlapping pools, and an LRN that bites. */
  private static Graph smallPaperNet() {
    LocalResponseNorm lrn = new LocalResponseNorm(5, 0.1f, 0.75f, 2);
    return Graph.of(Shape.of(3, 19, 19))
        .then("conv1", Conv2d.of(6, Window.square(5).stride(2)))
        .then("relu1", Activation.leakyRelu(0.3f))
        .then("norm1", lrn)
        .then("pool1", MaxPool2d.of(Window.square(3).stride(2)))
        .then("conv2", Conv2d.of(8, Window.square(3).padding(1)).groups(2))
        .then("relu2", Activation.leakyRelu(0.3f))
        .then("norm2", lrn)
        .then("pool2", MaxPool2d.of(Window.square(3).stride(2)))
        .then("conv3", Conv2d.of(6, Window.square(3).padding(1)).groups(2))
        .then("relu3", Activation.leakyRelu(0.3f))
        .then("flatten", new Flatten())
        .then("fc6", Dense.of(10))
        .then("relu6", Activation.leakyRelu(0.3f))
        .then("drop6", new Dropout(0.5f))
        .then("fc8", Dense.of(4))
        .build();
  }

  private static Graph smallBatchNormNet() {
    return Graph.of(Shape.of(3, 12, 12))
        .then("conv1", Conv2d.of(5, Window.square(3)).withoutBias())
        .then("bn1", BatchNorm.keras())
        .then("tanh1", Activation.tanh())
        .then("pool1", AveragePool2d.of(Window.square(2).stride(2)))
        .then("flatten", new Flatten())
        .then("fc2", Dense.of(8))
        .then("tanh2", Activation.tanh())
        .then("drop2", new Dropout(0.4f))
        .then("bn2", BatchNorm.keras())
        .then("fc3", Dense.of(3))
        .build();
  }

  @Test
  void everyLayerOfTheLibraryIsTried() {
    Set<String> tried =
        cases()
            .map(arguments -> (Graph) ((Named<?>) arguments.get()[0]).getPayload())
            .flatMap(graph -> graph.layers().stream())
            .map(node -> node.layer().getClass().getName())
            .collect(Collectors.toSet());
    assertEquals(LayerClasses.names(), tried);
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("cases")
  void gradientsAgreeWithDifferences(Graph graph, Kernels kernels) {
    GradientCheck.of(graph, 3).kernels(kernels).run();
  }
}
