package io.alexnet.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.alexnet.batch.BatchSource;
import io.alexnet.data.Batches;
import io.alexnet.data.ResizedImages;
import io.alexnet.data.image.Normalization;
import io.alexnet.data.source.Shapes;
import io.alexnet.format.Onnx;
import io.alexnet.graph.Graph;
import io.alexnet.graph.Network;
import io.alexnet.init.Initializer;
import io.alexnet.tensor.Tensor;
import io.alexnet.zoo.AlexNet;
import io.alexnet.zoo.CudaConvNet;
import io.alexnet.zoo.SmallAlexNet;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every network of the zoo sees the same in images in ONNX Runtime; most at their full size. */
class OnnxZooTest {

  private static final Initializer HE = Initializer.heUniform();

  @TempDir Path temporary;

  static Stream<Arguments> zoo() {
    return Stream.of(
        arguments("paper", AlexNet.paper().initializer(HE).graph()),
        arguments(
            "ungrouped",
            AlexNet.ungrouped()
                .initializer(HE)
                .classes(10)
                .poolRoundsUp(true)
                .imageSize(120)
                .graph()),
        arguments("torchvision", AlexNet.torchvision().initializer(HE).graph()),
        arguments("keras", AlexNet.kerasBatchNorm().initializer(HE).classes(17).graph()),
        arguments("small", SmallAlexNet.of(3, 32).graph()),
        arguments("cuda-convnet", CudaConvNet.fiveLayers(3, 24).graph()),
        arguments("four layers", CudaConvNet.fourLayers(3, 32).graph()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("zoo")
  void logitsAreTheSame(String name, Graph graph) throws Exception {
    Path file = temporary.resolve("network.onnx");
    Tensor images = shapes(2, graph.inputShape().dimension(1));
    float[] logits;
    try (Network network = Network.of(graph, 1)) {
      SplittableRandom random = new SplittableRandom(2);
      network.state().forEach((state, values) -> learn(state, values, random));
      Onnx.write(file, network, Map.of());
      logits = network.infer(images).toArray();
    }
    float largest = 0;
    for (float logit : logits) {
      largest = Math.max(largest, Math.abs(logit));
    }
    assertTrue(largest > 0.01, "logits up to " + largest);
    assertArrayEquals(logits, OnnxRuntime.logits(file, images), 1e-4f * largest);
    try (Network again = Onnx.read(file).network()) {
      assertArrayEquals(logits, again.infer(images).toArray(), 1e-6f * largest);
    }
    Files.delete(file);
  }

  /** As training would: biases are not 0, nor a batch norm's statistics those of its beginning. */
  private static void learn(String name, Tensor values, SplittableRandom random) {
    if (values.shape().rank() > 1) {
      return;
    }
    for (int i = 0; i < values.size(); i++) {
      values.array()[i] += (float) random.nextDouble(-0.1, 0.1);
    }
  }

  private static Tensor shapes(int count, int side) {
    BatchSource source =
        Batches.of(ResizedImages.of(Shapes.of(count, side, 1), side))
            .imageSize(side)
            .batchSize(count)
            .normalization(
                Normalization.perChannel(
                    new float[] {0.5f, 0.4f, 0.3f}, new float[] {0.2f, 0.3f, 0.25f}))
            .build();
    try (BatchSource.Batches batches = source.open(0, 0)) {
      return batches.next().images().copy();
    }
  }
}
