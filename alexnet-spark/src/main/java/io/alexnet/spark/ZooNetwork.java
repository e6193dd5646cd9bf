package io.alexnet.spark;

import io.alexnet.graph.Graph;
import io.alexnet.init.Initializer;
import io.alexnet.zoo.AlexNet;
import io.alexnet.zoo.CudaConvNet;
import io.alexnet.zoo.SmallAlexNet;

/** The networks that have a name, as on the command line, and what suits each. */
enum ZooNetwork {
  ALEXNET(227, 227.0 / 256, 0.5, Augmentation.PAPER),
  ALEXNET_UNGROUPED(227, 227.0 / 256, 0.5, Augmentation.PAPER),
  ALEXNET_TORCHVISION(224, 227.0 / 256, 0.5, Augmentation.PAPER),
  ALEXNET_BN(224, 227.0 / 256, 0.4, Augmentation.NONE),
  CUDA_CONVNET(24, 0.75, 0, Augmentation.CROP), // out of CIFAR-10's 32
  FOUR_LAYERS(32, 227.0 / 256, 0, Augmentation.NONE),
  SMALL(32, 227.0 / 256, 0.5, Augmentation.CROP);

  final int imageSize;
  final double dropout;
  final Augmentation augmentation;
  private final double cropShare;

  ZooNetwork(int imageSize, double cropShare, double dropout, Augmentation augmentation) {
    this.imageSize = imageSize;
    this.cropShare = cropShare;
    this.dropout = dropout;
    this.augmentation = augmentation;
  }

  /** Side of the square that images of this size are cut from at random. */
  int resizedSide(int imageSize) {
    return (int) Math.round(imageSize / cropShare);
  }

  /**
   * @throws IllegalArgumentException if the images are too small for the network
   */
  Graph graph(int imageSize, int classes, float dropout) {
    return switch (this) {
      // The paper's Gaussians take too long to leave the plateau at the start.
      case ALEXNET ->
          graph(AlexNet.paper().initializer(Initializer.heNormal()), imageSize, classes, dropout);
      case ALEXNET_UNGROUPED ->
          graph(
              AlexNet.ungrouped().initializer(Initializer.heNormal()), imageSize, classes, dropout);
      case ALEXNET_TORCHVISION -> graph(AlexNet.torchvision(), imageSize, classes, dropout);
      case ALEXNET_BN -> graph(AlexNet.kerasBatchNorm(), imageSize, classes, dropout);
      case CUDA_CONVNET ->
          CudaConvNet.fiveLayers(3, imageSize).classes(classes).dropout(dropout).graph();
      case FOUR_LAYERS ->
          CudaConvNet.fourLayers(3, imageSize).classes(classes).dropout(dropout).graph();
      case SMALL -> SmallAlexNet.of(3, imageSize).classes(classes).dropout(dropout).graph();
    };
  }

  private static Graph graph(AlexNet alexNet, int imageSize, int classes, float dropout) {
    return alexNet.imageSize(imageSize).classes(classes).dropout(dropout).graph();
  }
}
