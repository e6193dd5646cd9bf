package io.alexnet.examples.cli;

import io.alexnet.format.SafeTensors;
import io.alexnet.graph.Network;
import io.alexnet.tensor.Tensor;
import io.alexnet.train.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The network that came of a run, and how it wants its images. */
record TrainedNetwork(RunConfiguration configuration, Network network) implements AutoCloseable {

  /**
   * @throws Failure if there is no run, or none that has got so far
   */
  static TrainedNetwork open(Path run, int threads) {
    RunFolder folder = RunFolder.open(run);
    RunConfiguration configuration = folder.configuration();
    if (!Files.exists(folder.modelFile())) {
      throw new Failure(run + ": there is no model yet; finish the run with train --resume " + run);
    }
    Network network = Network.builder(configuration.graph()).threads(threads).build();
    try {
      Checkpoint.loadWeights(folder.modelFile(), network);
      network.weightsConstant(true);
    } catch (RuntimeException e) {
      network.close();
      throw e;
    }
    return new TrainedNetwork(configuration, network);
  }

  /** Writes the weights with the configuration and the mean image, all that prediction needs. */
  void write(Path file) throws IOException {
    Map<String, Tensor> tensors = network.state();
    tensors.putAll(configuration.tensors());
    SafeTensors.write(file, tensors, configuration.metadata());
  }

  @Override
  public void close() {
    network.close();
  }
}
