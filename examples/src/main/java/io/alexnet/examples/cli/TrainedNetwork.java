package io.alexnet.examples.cli;

import io.alexnet.data.predict.ImageClassifier;
import io.alexnet.format.SafeTensors;
import io.alexnet.graph.Network;
import io.alexnet.graph.Node;
import io.alexnet.predict.Predictor;
import io.alexnet.tensor.Tensor;
import io.alexnet.train.Checkpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The network that came of a run, and how it wants its images. */
record TrainedNetwork(RunConfiguration configuration, Network network) implements AutoCloseable {

  /**
   * @throws Failure if there is no run, or none that has got so far
   */
  static TrainedNetwork open(Path run, int threads) {
    RunFolder folder = RunFolder.open(run);
    RunConfiguration configuration = folder.configuration();
    Path weights = folder.weights();
    if (weights == null) {
      throw new Failure(
          run + ": there is no model yet; finish the run with train --resume " + Quoted.of(run));
    }
    Network network =
        Network.builder(configuration.graph()).threads(threads).skipInitialization().build();
    try {
      Checkpoint.loadWeights(weights, network);
      network.weightsConstant(true);
    } catch (Throwable t) {
      network.close(); // nobody else can
      throw t;
    }
    return new TrainedNetwork(configuration, network);
  }

  /**
   * @param predictor of this network
   */
  ImageClassifier classifier(Predictor predictor, int crops) {
    ImageClassifier classifier =
        ImageClassifier.of(predictor, configuration.preprocessing(), configuration.classNames());
    return crops == 10 ? classifier.tenCrops() : classifier;
  }

  /**
   * The network's layer of this name.
   *
   * @throws Failure if there is none; the message names the nearest
   */
  Node layer(String name) {
    List<String> names = network.graph().layers().stream().map(Node::name).toList();
    if (!names.contains(name)) {
      throw new Failure("--layer " + Nearest.complaint(name, names));
    }
    return network.graph().layer(name);
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
