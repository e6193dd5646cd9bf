package io.alexnet.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.alexnet.batch.Fingerprint;
import io.alexnet.data.image.Augment;
import io.alexnet.data.source.Shapes;
import io.alexnet.graph.Graph;
import io.alexnet.graph.Network;
import io.alexnet.kernels.Kernels;
import io.alexnet.optim.Sgd;
import io.alexnet.tensor.Tensor;
import io.alexnet.train.Trainer;
import io.alexnet.zoo.AlexNet;
import io.alexnet.zoo.CudaConvNet;
import io.alexnet.zoo.SmallAlexNet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every network of the zoo learns to the same bits on any number of threads, with augmentation and
 * batches prepared ahead by as many. The log has a fingerprint of each, to compare JDKs by.
 */
class SameBitsTest {

  private static final Logger LOG = LoggerFactory.getLogger(SameBitsTest.class);
  private static final int CLASSES = 8;

  private static Graph graph(String network) {
    return switch (network) {
      case "paper" -> AlexNet.paper().classes(CLASSES).imageSize(67).graph();
      case "ungrouped" -> AlexNet.ungrouped().classes(CLASSES).imageSize(67).graph();
      case "torchvision" -> AlexNet.torchvision().classes(CLASSES).imageSize(67).graph();
      case "kerasBatchNorm" -> AlexNet.kerasBatchNorm().classes(CLASSES).imageSize(215).graph();
      case "fiveLayers" -> CudaConvNet.fiveLayers(3, 24).classes(CLASSES).graph();
      case "fourLayers" -> CudaConvNet.fourLayers(3, 32).classes(CLASSES).graph();
      default -> SmallAlexNet.of(3, 28).classes(CLASSES).graph();
    };
  }

  /** Of weights and statistics after so many steps of batches of two. */
  private static String trained(Graph graph, Kernels kernels, int threads, int steps) {
    int size = graph.inputShape().dimension(1);
    ResizedImages images = ResizedImages.of(Shapes.of(2 * steps, size + 8, 1), size + 4);
    try (Network network =
        Network.builder(graph).kernels(kernels).threads(threads).seed(1).build()) {
      Trainer.of(network)
          .optimizer(Sgd.momentum(0.9f).weightDecay(5e-4f))
          .learningRate(0.001f)
          .clipNorm(5)
          .fit(
              Batches.of(images)
                  .imageSize(size)
                  .batchSize(2)
                  .shuffle(true)
                  .seed(1)
                  .augment(Augment.paper().brightness(0.1).cutout(0.2).mixup(0.4))
                  .threads(threads)
                  .build(),
              null,
              1);
      Fingerprint fingerprint = new Fingerprint();
      for (Tensor tensor : network.state().values()) {
        fingerprint.add(tensor.array(), tensor.offset(), tensor.size());
      }
      return fingerprint.text();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "paper, simd, 3",
    "ungrouped, simd, 3",
    "torchvision, simd, 3",
    "kerasBatchNorm, simd, 2",
    "fiveLayers, simd, 4",
    "fourLayers, simd, 4",
    "small, simd, 4",
    "paper, scalar, 1",
    "ungrouped, scalar, 1",
    "torchvision, scalar, 1",
    "kerasBatchNorm, scalar, 1",
    "fiveLayers, scalar, 3",
    "fourLayers, scalar, 3",
    "small, scalar, 3"
  })
  void onAnyNumberOfThreads(String name, String provider, int steps) {
    Kernels kernels = provider.equals("simd") ? Kernels.simd() : Kernels.scalar();
    Graph graph = graph(name);
    String expected = trained(graph, kernels, 1, steps);
    LOG.info("{} {} after {} steps: {}", name, kernels.name(), steps, expected);
    for (int threads : new int[] {2, 8}) {
      assertEquals(
          expected, trained(graph, kernels, threads, steps), threads + " threads against 1");
    }
  }
}
