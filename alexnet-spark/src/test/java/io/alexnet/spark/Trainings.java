package io.alexnet.spark;

import io.alexnet.batch.BatchSource;
import io.alexnet.data.Batches;
import io.alexnet.data.ResizedImages;
import io.alexnet.data.image.Augment;
import io.alexnet.data.source.Shapes;
import io.alexnet.graph.Graph;
import io.alexnet.graph.Network;
import io.alexnet.kernels.Window;
import io.alexnet.layer.Activation;
import io.alexnet.layer.AveragePool2d;
import io.alexnet.layer.Conv2d;
import io.alexnet.layer.Dense;
import io.alexnet.layer.Flatten;
import io.alexnet.layer.LocalResponseNorm;
import io.alexnet.optim.Sgd;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import io.alexnet.train.EpochRecord;
import io.alexnet.train.History;
import io.alexnet.train.Trainer;
import io.alexnet.zoo.CudaConvNet;
import java.util.List;

/** A small training, on one machine or on Spark. */
final class Trainings {

  static final int EPOCHS = 4;
  private static final int BATCH = 40;

  private Trainings() {}

  /**
   * After {@link CudaConvNet#fourLayers}, but smooth: where a rounding cannot turn a ReLU off or
   * hand a maximum to another pixel, trainings that ought to be the same stay so. Without dropout,
   * of which replicas draw other masks.
   */
  static Graph graph() {
    Graph.Builder b = Graph.of(Shape.of(3, 24, 24));
    int[] filters = {32, 32, 64};
    for (int i = 1; i <= filters.length; i++) {
      b.then("conv" + i, Conv2d.of(filters[i - 1], Window.square(5).padding(2)));
      b.then("tanh" + i, Activation.tanh());
      b.then("pool" + i, new AveragePool2d(Window.square(3).stride(2), true, false));
      if (i < filters.length) {
        b.then("norm" + i, new LocalResponseNorm(9, 1e-3f, 0.75f, 1));
      }
    }
    return b.then("flatten", new Flatten()).then("fc4", Dense.of(8)).build();
  }

  static void settings(Trainer trainer, Network network) {
    trainer.optimizer(Sgd.momentum(0.9f).weightDecay(5e-4f)).learningRate(0.01f);
  }

  /** 201 images: five batches of 40, and one of a single image, of which only one replica knows. */
  static BatchSource train(int rank, int count) {
    return Batches.of(ResizedImages.of(Shapes.of(201, 28, 1), 28))
        .imageSize(24)
        .batchSize(BATCH)
        .shuffle(true)
        .seed(3)
        .augment(Augment.paper())
        .part(rank, count)
        .build();
  }

  static BatchSource validation(int rank, int count) {
    return Batches.of(ResizedImages.of(Shapes.of(75, 28, 2), 28))
        .imageSize(24)
        .batchSize(BATCH)
        .part(rank, count)
        .build();
  }

  static ReplicaData.Part part(int rank, int count) {
    return new ReplicaData.Part(train(rank, count), validation(rank, count));
  }

  static <T> ReplicaData<T> data() {
    return (rows, rank, count) -> part(rank, count);
  }

  /** Trains with one network and whole batches. */
  static History alone(Network network, int epochs) {
    Trainer trainer = Trainer.of(network);
    settings(trainer, network);
    return trainer.fit(train(0, 1), validation(0, 1), epochs);
  }

  static Network network() {
    return Network.builder(graph()).threads(1).build();
  }

  static float[] weights(Network network) {
    int size = network.state().values().stream().mapToInt(Tensor::size).sum();
    float[] weights = new float[size];
    new FlatTensors(List.copyOf(network.state().values())).read(0, weights, size);
    return weights;
  }

  static float[] weights(SparkTraining training) throws Exception {
    try (Network network = network()) {
      training.loadInto(network);
      return weights(network);
    }
  }

  /** Root mean square of the differences by that of what is expected. */
  static double relativeError(float[] expected, float[] actual) {
    double error = 0;
    double square = 0;
    for (int i = 0; i < expected.length; i++) {
      error += Math.pow(actual[i] - expected[i], 2);
      square += Math.pow(expected[i], 2);
    }
    return Math.sqrt(error / square);
  }

  /** All but the times. */
  static List<Number> figures(EpochRecord record) {
    return List.of(
        record.epoch(),
        record.steps(),
        record.trainLoss(),
        record.trainTop1(),
        record.validationLoss(),
        record.validationTop1(),
        record.validationTop5(),
        record.learningRate());
  }
}
