package io.alexnet.peers;

import io.alexnet.graph.Graph;
import io.alexnet.graph.Network;
import io.alexnet.init.Initializer;
import io.alexnet.loss.Loss;
import io.alexnet.loss.SoftmaxCrossEntropy;
import io.alexnet.optim.Optimizer;
import io.alexnet.optim.Sgd;
import io.alexnet.predict.Predictor;
import io.alexnet.tensor.Tensor;
import io.alexnet.zoo.AlexNet;

/**
 * This library. A training step is forward, loss, backward and update; inference is by a {@link
 * Predictor}.
 */
final class AlexNetEngine implements Engine {

  private final Task task;
  private final Network network;
  private final Tensor images;
  private final int[] labels;
  private final Tensor dLogits;
  private final Loss.Bound loss;
  private final Optimizer.Bound optimizer;
  private final Predictor predictor;
  private Tensor probabilities;
  private double lossSum;
  private long step;

  AlexNetEngine(Task task) {
    this.task = task;
    network = network(task);
    images = Tensor.of(task.images(), task.batch(), 3, Task.SIZE, Task.SIZE);
    labels = task.labels();
    if (task.train()) {
      dLogits = Tensor.zeros(task.batch(), Task.CLASSES);
      loss =
          new SoftmaxCrossEntropy()
              .bind(network.kernels(), network.team(), task.batch(), Task.CLASSES);
      optimizer =
          Sgd.momentum(Task.MOMENTUM)
              .weightDecay(Task.DECAY)
              .bind(network.parameters(), network.kernels(), network.team());
      predictor = null;
    } else {
      predictor = Predictor.builder(network).workspaces(1).threads(task.threads()).build();
      dLogits = null;
      loss = null;
      optimizer = null;
    }
  }

  /** With the weights that the model for ONNX Runtime is written from, too. */
  static Network network(Task task) {
    Graph graph =
        AlexNet.ungrouped().lrn(task.lrn()).initializer(Initializer.gaussian(0.01f)).graph();
    return Network.builder(graph).seed(1).threads(task.threads()).build();
  }

  @Override
  public String version() {
    return "AlexNet for the JVM, "
        + network.kernels().name()
        + ", JDK "
        + Runtime.version().feature();
  }

  @Override
  public long parameters() {
    return network.parameters().stream().mapToLong(p -> p.value().size()).sum();
  }

  @Override
  public void step() {
    if (task.train()) {
      Tensor logits = network.forward(images, step);
      lossSum = loss.compute(logits, labels, 1f / task.batch(), dLogits);
      network.backward(dLogits, false);
      optimizer.update(++step, Task.RATE, 1);
    } else {
      probabilities = predictor.predict(images);
    }
  }

  @Override
  public double loss() {
    return task.train()
        ? lossSum / task.batch()
        : task.lossOfProbabilities(probabilities.toArray());
  }

  @Override
  public void close() {
    if (predictor != null) {
      predictor.close();
    }
    network.close();
  }
}
