package io.alexnet.examples.cli;

import io.alexnet.graph.Graph;
import io.alexnet.zoo.AlexNet;
import io.alexnet.zoo.CudaConvNet;
import io.alexnet.zoo.SmallAlexNet;

/** The networks that {@code --model} names. */
enum ModelName {
  ALEXNET,
  ALEXNET_UNGROUPED,
  ALEXNET_TORCHVISION,
  ALEXNET_BN,
  CUDA_CONVNET,
  FOUR_LAYERS,
  SMALL;

  /**
   * @throws IllegalArgumentException if the images are too small for the network
   */
  Graph graph(int channels, int classes, Recipe recipe) {
    return switch (this) {
      case ALEXNET -> graph(AlexNet.paper(), channels, classes, recipe);
      case ALEXNET_UNGROUPED -> graph(AlexNet.ungrouped(), channels, classes, recipe);
      case ALEXNET_TORCHVISION -> graph(AlexNet.torchvision(), channels, classes, recipe);
      case ALEXNET_BN -> graph(AlexNet.kerasBatchNorm(), channels, classes, recipe);
      case CUDA_CONVNET ->
          graph(CudaConvNet.fiveLayers(channels, recipe.imageSize), classes, recipe);
      case FOUR_LAYERS ->
          graph(CudaConvNet.fourLayers(channels, recipe.imageSize), classes, recipe);
      case SMALL -> graph(SmallAlexNet.of(channels, recipe.imageSize), classes, recipe);
    };
  }

  private static Graph graph(CudaConvNet net, int classes, Recipe recipe) {
    InitialWeights.of(recipe.initializer).ifPresent(net::initializer);
    return net.classes(classes)
        .activation(recipe.activation.layer())
        .lrn(recipe.lrn)
        .overlappingPools(recipe.overlappingPools)
        .dropout(recipe.dropout)
        .graph();
  }

  private static Graph graph(SmallAlexNet small, int classes, Recipe recipe) {
    InitialWeights.of(recipe.initializer).ifPresent(small::initializer);
    return small
        .classes(classes)
        .activation(recipe.activation.layer())
        .lrn(recipe.lrn)
        .overlappingPools(recipe.overlappingPools)
        .dropout(recipe.dropout)
        .graph();
  }

  private static Graph graph(AlexNet alexNet, int channels, int classes, Recipe recipe) {
    InitialWeights.of(recipe.initializer).ifPresent(alexNet::initializer);
    return alexNet
        .imageSize(recipe.imageSize)
        .channels(channels)
        .classes(classes)
        .activation(recipe.activation.layer())
        .lrn(recipe.lrn)
        .overlappingPools(recipe.overlappingPools)
        .dropout(recipe.dropout)
        .graph();
  }

  @Override
  public String toString() {
    return Choice.label(this);
  }
}
