package io.alexnet.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.batch.BatchSource;
import io.alexnet.graph.Graph;
import io.alexnet.graph.Network;
import io.alexnet.kernels.Window;
import io.alexnet.layer.Activation;
import io.alexnet.layer.Conv2d;
import io.alexnet.layer.Dense;
import io.alexnet.layer.Flatten;
import io.alexnet.layer.LocalResponseNorm;
import io.alexnet.layer.MaxPool2d;
import io.alexnet.optim.Sgd;
import io.alexnet.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class ReplicasTest {

  private static final int BATCH = 12;

  @TempDir Path folder;

  /** How it ended, and all weights and statistics one behind the other. */
  private record Trained(History history, float[] weights) {

    static Trained of(History history, Network network) {
      return new Trained(history, concat(network.state().values()));
    }

    static float[] concat(Collection<Tensor> tensors) {
      float[] all = new float[tensors.stream().mapToInt(Tensor::size).sum()];
      int at = 0;
      for (Tensor tensor : tensors) {
        System.arraycopy(tensor.toArray(), 0, all, at, tensor.size());
        at += tensor.size();
      }
      return all;
    }
  }

  private interface Settings {
    void apply(Trainer trainer, Replicas replicas);
  }

  /** No batch norm and no dropout, which see or draw something else with replicas. */
  private static Graph graph() {
    Window three = Window.square(3);
    return Graph.of(Nets.IMAGE)
        .then("conv1", Conv2d.of(8, three.padding(1)))
        .then("relu1", Activation.relu())
        .then("norm1", LocalResponseNorm.paper())
        .then("pool1", MaxPool2d.of(three.stride(2)))
        .then("conv2", Conv2d.of(12, three.padding(1)).groups(2))
        .then("relu2", Activation.relu())
        .then("flatten", new Flatten())
        .then("fc3", Dense.of(Nets.CLASSES))
        .build();
  }

  private static Examples examples(int size) {
    return new Examples(Nets.IMAGE, size, BATCH, Nets.CLASSES, 5);
  }

  private static Trainer trainer(Network network) {
    return Trainer.of(network).optimizer(Sgd.momentum(0.9f)).learningRate(0.02f);
  }

  private static Trained alone(Graph graph, int size, int epochs, Settings settings) {
    try (Network network = Nets.network(graph, 1, 1)) {
      Trainer trainer = trainer(network);
      settings.apply(trainer, null);
      return Trained.of(trainer.fit(examples(size), examples(20), epochs), network);
    }
  }

  private static List<Trained> together(
      Graph graph, int count, int size, int epochs, Settings settings) throws Exception {
    return ThreadReplicas.run(
        count,
        replicas -> {
          try (Network network = Nets.network(graph, 1, 1)) {
            Trainer trainer = trainer(network).replicas(replicas);
            settings.apply(trainer, replicas);
            BatchSource train = new PartOfBatches(examples(size), replicas.rank(), count);
            BatchSource validation = new PartOfBatches(examples(20), replicas.rank(), count);
            return Trained.of(trainer.fit(train, validation, epochs), network);
          }
        });
  }

  private static double relativeError(float[] expected, float[] actual) {
    double error = 0;
    double square = 0;
    for (int i = 0; i < expected.length; i++) {
      error += Math.pow(actual[i] - expected[i], 2);
      square += Math.pow(expected[i], 2);
    }
    return Math.sqrt(error / square);
  }

  private static void assertAllTheSame(List<Trained> replicas) {
    for (Trained replica : replicas) {
      assertArrayEquals(replicas.get(0).weights, replica.weights);
      assertSame(replicas.get(0).history.end(), replica.history.end());
      assertEquals(
          replicas.get(0).history.epochs().stream().map(ReplicasTest::figures).toList(),
          replica.history.epochs().stream().map(ReplicasTest::figures).toList());
    }
  }

  /** Without the times. */
  private static List<Number> figures(EpochRecord record) {
    return List.of(
        record.epoch(),
        record.steps(),
        record.trainLoss(),
        record.trainTop1(),
        record.validationLoss(),
        record.validationTop1());
  }

  /** 64 leaves a last batch of 4, too few for five replicas; accumulated, a step of 2 batches. */
  @ParameterizedTest
  @CsvSource({"1, 60, 1", "2, 60, 1", "3, 64, 1", "5, 64, 1", "5, 64, 2"})
  void takeTheStepsOfOneNetwork(int count, int size, int accumulate) throws Exception {
    int epochs = 4;
    Settings settings = (trainer, replicas) -> trainer.accumulate(accumulate).clipNorm(1);
    Trained one = alone(graph(), size, epochs, settings);
    assertTrue(one.history.epochs().get(epochs - 1).steps() * accumulate >= 20);
    List<Trained> all = together(graph(), count, size, epochs, settings);
    assertAllTheSame(all);
    assertTrue(
        relativeError(one.weights, all.get(0).weights) < 1e-5,
        () -> "relative error " + relativeError(one.weights, all.get(0).weights));
    EpochRecord expected = one.history.epochs().get(epochs - 1);
    EpochRecord actual = all.get(0).history.epochs().get(epochs - 1);
    assertEquals(expected.steps(), actual.steps());
    assertEquals(expected.trainLoss(), actual.trainLoss(), 1e-5);
    assertEquals(expected.trainTop1(), actual.trainTop1());
    assertEquals(expected.validationLoss(), actual.validationLoss(), 1e-5);
    assertEquals(expected.validationTop1(), actual.validationTop1());
    assertEquals(expected.validationTop5(), actual.validationTop5());
  }

  /** Batch norm and dropout: not the weights of one network, but the same in all replicas. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void areTheSameAfterwards(int averageEvery) throws Exception {
    List<Trained> all =
        together(Nets.alexNet(), 2, 66, 8, (trainer, r) -> trainer.averageEvery(averageEvery));
    assertAllTheSame(all);
    EpochRecord last = all.get(0).history.epochs().get(7);
    assertTrue(last.trainTop1() > 0.8, last.toString());
    assertEquals(48, last.steps());
  }

  /** Not their sum, nor those of one: either would be the same in all replicas, too. */
  @Test
  void batchNormsStatisticsAreTheMeanOverTheReplicas() throws Exception {
    List<float[]> alone = new ArrayList<>();
    for (int rank = 0; rank < 2; rank++) {
      try (Network network = Nets.network(Nets.alexNet(), 1, 1);
          BatchSource.Batches part = new PartOfBatches(examples(BATCH), rank, 2).open(0, 0)) {
        network.forward(part.next().images(), 0);
        alone.add(state(network, "bn2.running_"));
      }
    }
    float[] mean = new float[alone.get(0).length];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = (alone.get(0)[i] + alone.get(1)[i]) / 2;
    }
    assertEquals(24, mean.length, "mean and variance of twelve channels");
    assertTrue(relativeError(mean, alone.get(0)) > 1e-5, "the parts differ");
    List<float[]> together =
        ThreadReplicas.run(
            2,
            replicas -> {
              try (Network network = Nets.network(Nets.alexNet(), 1, 1)) {
                trainer(network)
                    .replicas(replicas)
                    .averageEvery(1)
                    .fit(new PartOfBatches(examples(BATCH), replicas.rank(), 2), null, 1);
                return state(network, "bn2.running_");
              }
            });
    for (float[] statistics : together) {
      assertArrayEquals(mean, statistics, 1e-6f);
    }
  }

  /** A third of three equal numbers is not always the number. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void whatIsFrozenStaysToTheBit(int averageEvery) throws Exception {
    float[] before;
    try (Network network = Nets.network(Nets.alexNet(), 1, 1)) {
      before = state(network, "conv1.", "bn2.");
    }
    List<float[]> after =
        ThreadReplicas.run(
            3,
            replicas -> {
              try (Network network = Nets.network(Nets.alexNet(), 1, 1)) {
                network.freeze("conv1", "bn2");
                trainer(network)
                    .replicas(replicas)
                    .averageEvery(averageEvery)
                    .fit(new PartOfBatches(examples(36), replicas.rank(), 3), null, 2);
                return state(network, "conv1.", "bn2.");
              }
            });
    for (float[] weights : after) {
      assertArrayEquals(before, weights);
    }
  }

  /** All that has a name which begins with one of these. */
  private static float[] state(Network network, String... beginnings) {
    Map<String, Tensor> state = network.state();
    state.keySet().removeIf(name -> Stream.of(beginnings).noneMatch(name::startsWith));
    return Trained.concat(state.values());
  }

  /** With one example in the epoch's last batch, the other replicas have none. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aReplicaMayHaveNoPartOfTheLastBatch(int averageEvery) throws Exception {
    List<Trained> all =
        together(graph(), 3, 25, 6, (trainer, r) -> trainer.averageEvery(averageEvery));
    assertAllTheSame(all);
    assertEquals(18, all.get(0).history.epochs().get(5).steps());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void aStopOfOneStopsAllAndTheyResume(int averageEvery) throws Exception {
    Settings settings = (trainer, replicas) -> trainer.averageEvery(averageEvery);
    List<Trained> undisturbed = together(graph(), 2, 60, 3, settings);
    List<Trained> stopped =
        together(
            graph(),
            2,
            60,
            3,
            (trainer, replicas) -> {
              settings.apply(trainer, replicas);
              trainer.checkpoint(folder);
              if (replicas.rank() == 1) {
                trainer.listener(stopAt(trainer, 7));
              }
            });
    assertAllTheSame(stopped);
    assertSame(History.End.STOPPED, stopped.get(0).history.end());
    assertTrue(Checkpoint.read(folder).steps() < 12);
    List<Trained> resumed =
        together(
            graph(),
            2,
            60,
            3,
            (trainer, replicas) -> {
              settings.apply(trainer, replicas);
              trainer.resume(folder);
            });
    assertAllTheSame(resumed);
    assertArrayEquals(undisturbed.get(0).weights, resumed.get(0).weights);
    assertEquals(
        undisturbed.get(0).history.epochs().stream().map(ReplicasTest::figures).toList(),
        resumed.get(0).history.epochs().stream().map(ReplicasTest::figures).toList());
  }

  private static TrainingListener stopAt(Trainer trainer, long step) {
    return new TrainingListener() {
      @Override
      public void onStep(Progress progress) {
        if (progress.step() == step) {
          trainer.stop();
        }
      }
    };
  }

  /** What the first replica has learnt goes on with another number of them. */
  @Test
  void resumeInMidEpochWithAnotherNumber() throws Exception {
    Trained one = alone(graph(), 60, 3, (trainer, r) -> {});
    together(
        graph(),
        3,
        60,
        3,
        (trainer, replicas) -> {
          trainer.checkpoint(folder);
          trainer.listener(stopAt(trainer, 7));
        });
    assertEquals(8, Checkpoint.read(folder).steps(), "agreed on at the next exchange");
    List<Trained> two = together(graph(), 2, 60, 3, (trainer, r) -> trainer.resume(folder));
    assertTrue(relativeError(one.weights, two.get(0).weights) < 1e-5);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void numbersGoingWrongInOneEndAll(int averageEvery) {
    AtomicInteger findings = new AtomicInteger();
    DivergenceException failure =
        assertThrows(
            DivergenceException.class,
            () ->
                ThreadReplicas.run(
                    2,
                    replicas -> {
                      Examples examples = examples(24);
                      if (replicas.rank() == 1) {
                        for (int i = 0; i < 24; i++) {
                          examples.poison(i);
                        }
                      }
                      try (Network network = Nets.network(graph(), 1, 1)) {
                        BatchSource part = new PartOfBatches(examples, replicas.rank(), 2);
                        return trainer(network)
                            .replicas(replicas)
                            .averageEvery(averageEvery)
                            .fit(part, null, 1);
                      } catch (DivergenceException e) {
                        findings.incrementAndGet();
                        throw e;
                      }
                    }));
    assertEquals(2, findings.get(), "both have heard of it");
    assertTrue(failure.getMessage().contains("replica 1 came upon NaN"), failure.getMessage());
  }

  @Test
  void mustBeginWithTheSameWeights() {
    assertRefused("same seed", Replicas::rank, replicas -> null);
  }

  @Test
  void mustAllHaveValidationDataOrNone() {
    assertRefused(
        "validation data", replicas -> 1, replicas -> replicas.rank() == 0 ? examples(24) : null);
  }

  private static void assertRefused(
      String reason, ToIntFunction<Replicas> seed, Function<Replicas, BatchSource> validation) {
    IllegalArgumentException failure =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                ThreadReplicas.run(
                    2,
                    replicas -> {
                      try (Network network = Nets.network(graph(), 1, seed.applyAsInt(replicas))) {
                        return trainer(network)
                            .replicas(replicas)
                            .fit(examples(24), validation.apply(replicas), 1);
                      }
                    }));
    assertTrue(failure.getMessage().contains(reason), failure.getMessage());
  }

  @Test
  void averagingsAreAtLeastAStepApart() {
    try (Network network = Nets.dense(Nets.CLASSES)) {
      assertThrows(IllegalArgumentException.class, () -> Trainer.of(network).averageEvery(0));
    }
  }
}
