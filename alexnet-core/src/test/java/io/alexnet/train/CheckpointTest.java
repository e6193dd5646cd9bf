package io.alexnet.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.batch.ArrayBatches;
import io.alexnet.batch.Batch;
import io.alexnet.batch.BatchSource;
import io.alexnet.format.SafeTensors;
import io.alexnet.graph.Graph;
import io.alexnet.graph.Network;
import io.alexnet.graph.PlannedConvolution;
import io.alexnet.kernels.ConvAlgorithm;
import io.alexnet.layer.Activation;
import io.alexnet.layer.ConvolutionChoice;
import io.alexnet.layer.Dense;
import io.alexnet.layer.Flatten;
import io.alexnet.optim.Adam;
import io.alexnet.optim.LearningRate;
import io.alexnet.optim.Optimizer;
import io.alexnet.optim.Plateau;
import io.alexnet.optim.Sgd;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTest {

  private static final int BATCHES = 5; // the last one of 4 examples

  @TempDir Path folder;

  private static Examples train() {
    return new Examples(Nets.IMAGE, 52, 12, Nets.CLASSES, 5);
  }

  private static Examples validation() {
    return new Examples(Nets.IMAGE, 20, 8, Nets.CLASSES, 6);
  }

  /** With a plateau that asks for the impossible, so that it acts after the second epoch. */
  private static Trainer trainer(Network network, Optimizer optimizer, int accumulate) {
    return Trainer.of(network)
        .optimizer(optimizer)
        .learningRate(new Plateau(0.05f, 0.5f, 0, 0.9, 0).warmUp(3))
        .accumulate(accumulate)
        .clipNorm(1);
  }

  private static TrainingListener stopAfter(long step, Trainer trainer) {
    return new TrainingListener() {
      @Override
      public void onStep(Progress progress) {
        if (progress.step() == step) {
          trainer.stop();
        }
      }
    };
  }

  /** Every tensor of the file, weights and optimiser's memory alike. */
  private static Map<String, int[]> bits(Path file) throws IOException {
    Map<String, int[]> bits = new LinkedHashMap<>();
    try (SafeTensors tensors = SafeTensors.open(file)) {
      assertTrue(tensors.verify());
      for (String name : tensors.names()) {
        float[] array = tensors.read(name).array();
        bits.put(name, new int[array.length]);
        for (int i = 0; i < array.length; i++) {
          bits.get(name)[i] = Float.floatToRawIntBits(array[i]);
        }
      }
    }
    return bits;
  }

  private static void assertSameTraining(Path expected, Path actual) throws IOException {
    Map<String, int[]> straight = bits(expected);
    Map<String, int[]> resumed = bits(actual);
    assertEquals(List.copyOf(straight.keySet()), List.copyOf(resumed.keySet()));
    straight.forEach((name, array) -> assertArrayEquals(array, resumed.get(name), name));
    assertEquals(timeless(Checkpoint.read(expected)), timeless(Checkpoint.read(actual)));
  }

  private static List<EpochRecord> timeless(Checkpoint checkpoint) {
    return checkpoint.epochs().stream()
        .map(
            r ->
                new EpochRecord(
                    r.epoch(),
                    r.steps(),
                    r.trainLoss(),
                    r.trainTop1(),
                    r.validationLoss(),
                    r.validationTop1(),
                    r.validationTop5(),
                    r.learningRate(),
                    0,
                    0))
        .toList();
  }

  /** Stops in mid-epoch, at an epoch's first and last step, and before its validation. */
  @ParameterizedTest
  @CsvSource({
    "1, 1, sgd",
    "2, 1, adam",
    "4, 1, sgd",
    "5, 1, adam",
    "6, 1, sgd",
    "13, 1, adam",
    "2, 2, sgd",
    "4, 2, adam"
  })
  void aResumedTrainingIsTheStraightOneBitForBit(int stopAfter, int accumulate, String name)
      throws IOException {
    Optimizer optimizer =
        name.equals("sgd") ? Sgd.momentum(0.9f).weightDecay(5e-4f) : new Adam().decoupled(0.01f);
    Path straight = folder.resolve("straight");
    Path resumed = folder.resolve("resumed");
    try (Network network = Nets.alexNet(1, 11)) {
      trainer(network, optimizer, accumulate).checkpoint(straight).fit(train(), validation(), 3);
    }
    try (Network network = Nets.alexNet(2, 11)) {
      Trainer trainer = trainer(network, optimizer, accumulate).checkpoint(resumed);
      trainer.listener(stopAfter(stopAfter, trainer));
      assertSame(History.End.STOPPED, trainer.fit(train(), validation(), 3).end());
    }
    try (Network network = Nets.alexNet(1, 11)) {
      History history =
          trainer(network, optimizer, accumulate)
              .checkpoint(resumed)
              .resume(resumed)
              .fit(train(), validation(), 3);
      assertSame(History.End.COMPLETED, history.end());
      assertEquals(3, history.epochs().size());
      assertTrue(history.epochs().get(2).learningRate() < 0.05f, "the plateau has to act");
    }
    assertSameTraining(straight.resolve(Checkpoint.LAST), resumed.resolve(Checkpoint.LAST));
    assertSameTraining(straight.resolve(Checkpoint.BEST), resumed.resolve(Checkpoint.BEST));
  }

  /** Batch norm has then moved its running statistics by the step's first batches. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void aStepInterruptedBetweenItsBatchesIsTakenAnewAsAWhole(int batchesTaken) throws IOException {
    Optimizer optimizer = Sgd.momentum(0.9f);
    Path straight = folder.resolve("straight");
    Path resumed = folder.resolve("resumed");
    try (Network network = Nets.alexNet(1, 11)) {
      trainer(network, optimizer, 3).checkpoint(straight).fit(train(), null, 1);
    }
    try (Network network = Nets.alexNet(1, 11)) {
      Trainer trainer = trainer(network, optimizer, 3).checkpoint(resumed);
      BatchSource interrupted = new InterruptedSource(train(), batchesTaken);
      assertSame(History.End.STOPPED, trainer.fit(interrupted, null, 1).end());
      assertTrue(Thread.interrupted());
    }
    assertEquals(batchesTaken / 3, Checkpoint.read(resumed).steps());
    try (Network network = Nets.alexNet(1, 11)) {
      trainer(network, optimizer, 3).checkpoint(resumed).resume(resumed).fit(train(), null, 1);
    }
    assertSameTraining(straight.resolve(Checkpoint.LAST), resumed.resolve(Checkpoint.LAST));
  }

  /** The same after an error of the data, in the same trainer. */
  @Test
  void aStepBrokenOffByTheDataIsTakenAnewAsAWhole() throws IOException {
    Path straight = folder.resolve("straight");
    Path broken = folder.resolve("broken");
    try (Network network = Nets.alexNet(1, 11)) {
      trainer(network, Sgd.momentum(0.9f), 3).checkpoint(straight).fit(train(), null, 1);
    }
    try (Network network = Nets.alexNet(1, 11)) {
      Trainer trainer = trainer(network, Sgd.momentum(0.9f), 3).checkpoint(broken);
      BatchSource unreadable =
          new ForwardingSource(train()) {
            @Override
            Batch next(Batches batches, int taken) {
              if (taken == 2) {
                throw new IllegalStateException("the disk failed");
              }
              return super.next(batches, taken);
            }
          };
      assertThrows(IllegalStateException.class, () -> trainer.fit(unreadable, null, 1));
      trainer.fit(train(), null, 1);
    }
    assertSameTraining(straight.resolve(Checkpoint.LAST), broken.resolve(Checkpoint.LAST));
  }

  /** As when a table cannot be written because the disk is full, and then there is room. */
  @Test
  void checkpointsThatAnEpochOwesAreWrittenWhenItGoesOn() throws IOException {
    try (Network network = Nets.alexNet(1, 11)) {
      Trainer trainer =
          Trainer.of(network)
              .learningRate(0.02f)
              .checkpoint(folder)
              .bestBy(Metric.TRAIN_LOSS)
              .listener(
                  new TrainingListener() {
                    private boolean full = true;

                    @Override
                    public void onEpoch(EpochRecord record, Evaluation validation) {
                      if (full) {
                        full = false;
                        throw new IllegalStateException("the disk is full");
                      }
                    }
                  });
      assertThrows(IllegalStateException.class, () -> trainer.fit(train(), validation(), 2));
      assertEquals(Set.of(), names(folder));
      trainer.learningRate(20).clipNorm(5); // can only get worse
      trainer.fit(train(), validation(), 2);
    }
    assertEquals(1, Checkpoint.read(folder.resolve(Checkpoint.BEST)).epochs().size());
    assertEquals(2, Checkpoint.read(folder).epochs().size());
  }

  @Test
  void aCheckpointThatWasReplacedSinceItWasReadIsRefused() {
    try (Network network = Nets.dense(Nets.CLASSES)) {
      Optimizer plain = Sgd.plain();
      Trainer trainer = trainer(network, plain, 1).checkpoint(folder);
      trainer.fit(train(), null, 1);
      Checkpoint read = Checkpoint.read(folder);
      trainer.fit(train(), null, 2);
      Map<String, Tensor> memory =
          plain.bind(network.parameters(), network.kernels(), network.team()).state();
      CheckpointException thrown =
          assertThrows(
              CheckpointException.class,
              () ->
                  read.restore(
                      network,
                      TrainingData.of(train(), ""),
                      memory,
                      new Plateau(0.05f, 0.5f, 0, 0.9, 0).warmUp(3)));
      assertTrue(
          thrown.getMessage().contains("another training has replaced it"), thrown::getMessage);
    }
  }

  @Test
  void theBestComesAlongIntoAnotherFolder() throws IOException {
    Path old = folder.resolve("old");
    Path next = folder.resolve("next");
    try (Network network = Nets.alexNet(1, 11)) {
      Trainer.of(network).learningRate(0.02f).checkpoint(old).fit(train(), null, 1);
      Trainer worse = Trainer.of(network).learningRate(20).clipNorm(5).checkpoint(next).resume(old);
      worse.fit(train(), null, 2);
    }
    assertArrayEquals(
        Files.readAllBytes(old.resolve(Checkpoint.BEST)),
        Files.readAllBytes(next.resolve(Checkpoint.BEST)));
    assertEquals(2, Checkpoint.read(next).epochs().size());
  }

  @Test
  void theSameFolderUnderAnotherNameIsTheSame() throws IOException {
    Path spelt = folder.resolve("..").resolve(folder.getFileName());
    try (Network network = Nets.alexNet(1, 11)) {
      trainer(network, Sgd.momentum(0.9f), 1).checkpoint(folder).fit(train(), null, 2);
      trainer(network, Sgd.momentum(0.9f), 1)
          .checkpoint(folder)
          .resume(spelt)
          .fit(train(), null, 3);
    }
    assertEquals(2, Checkpoint.read(folder.resolve("last-1.safetensors")).epochs().size());
  }

  /** As after a crash: what came after the last regular checkpoint is done again. */
  @Test
  void aKilledTrainingGoesOnFromItsLastRegularCheckpoint() throws IOException {
    Optimizer optimizer = Sgd.momentum(0.9f);
    Path straight = folder.resolve("straight");
    Path killed = folder.resolve("killed");
    try (Network network = Nets.alexNet(1, 11)) {
      trainer(network, optimizer, 1).checkpoint(straight).fit(train(), null, 2);
    }
    try (Network network = Nets.alexNet(1, 11)) {
      Trainer trainer =
          trainer(network, optimizer, 1)
              .checkpoint(killed)
              .checkpointEvery(3)
              .listener(
                  new TrainingListener() {
                    @Override
                    public void onStep(Progress progress) {
                      if (progress.step() == 8) {
                        throw new IllegalStateException("killed");
                      }
                    }
                  });
      assertThrows(IllegalStateException.class, () -> trainer.fit(train(), null, 2));
    }
    assertEquals(6, Checkpoint.read(killed).steps());
    try (Network network = Nets.alexNet(1, 11)) {
      trainer(network, optimizer, 1).resume(killed).checkpoint(killed).fit(train(), null, 2);
    }
    assertSameTraining(straight.resolve(Checkpoint.LAST), killed.resolve(Checkpoint.LAST));
  }

  @Test
  void keepsTheBestEpochBesideTheLast() throws IOException {
    try (Network network = Nets.alexNet(1, 11)) {
      Trainer trainer =
          Trainer.of(network).learningRate(0.02f).checkpoint(folder).bestBy(Metric.TRAIN_LOSS);
      trainer.fit(train(), validation(), 2);
      trainer.learningRate(20).clipNorm(5); // can only get worse
      History history = trainer.fit(train(), validation(), 3);
      assertEquals(2, history.best(Metric.TRAIN_LOSS).orElseThrow().epoch());
    }
    assertEquals(2, Checkpoint.read(folder.resolve(Checkpoint.BEST)).epochs().size());
    assertEquals(3, Checkpoint.read(folder).epochs().size());
    assertEquals(
        Set.of("best.safetensors", "last.safetensors", "last-1.safetensors"), names(folder));
  }

  /** Too slowly to change a prediction: by the validation's top-1 the first epoch is the best. */
  @Test
  void theBestGoesByWhatEarlyStoppingWatches() {
    try (Network network = Nets.dense(Nets.CLASSES)) {
      History history =
          Trainer.of(network)
              .learningRate(1e-4f)
              .checkpoint(folder)
              .earlyStopping(new EarlyStopping(Metric.TRAIN_LOSS, 5, 0))
              .fit(train(), validation(), 2);
      assertEquals(1, history.best(Metric.VALIDATION_TOP1).orElseThrow().epoch());
      assertEquals(2, history.best(Metric.TRAIN_LOSS).orElseThrow().epoch());
    }
    assertEquals(2, Checkpoint.read(folder.resolve(Checkpoint.BEST)).epochs().size());
  }

  @Test
  void keepsSoManyAndFallsBackOnTheOneBefore() throws IOException {
    Path straight = folder.resolve("straight");
    try (Network network = Nets.alexNet(1, 11)) {
      trainer(network, new Adam(), 1).checkpoint(straight).fit(train(), null, 5);
    }
    Path damaged = folder.resolve("damaged");
    try (Network network = Nets.alexNet(1, 11)) {
      trainer(network, new Adam(), 1).checkpoint(damaged).keepCheckpoints(3).fit(train(), null, 4);
    }
    Path oldest = damaged.resolve("last-2.safetensors");
    assertEquals(2, Checkpoint.read(oldest).epochs().size());
    assertFalse(Files.exists(damaged.resolve("last-3.safetensors")));
    byte[] cutShort = Arrays.copyOf(Files.readAllBytes(damaged.resolve(Checkpoint.LAST)), 5000);
    Files.delete(damaged.resolve(Checkpoint.LAST)); // last-1 may be the same file
    Files.write(damaged.resolve(Checkpoint.LAST), cutShort);
    Files.write(damaged.resolve(".best.safetensors.tmp"), cutShort);
    Files.write(damaged.resolve("next.safetensors"), cutShort);
    Path mine = Files.writeString(damaged.resolve(".notes.tmp"), "of somebody else");
    Path sound = damaged.resolve("last-1.safetensors");
    assertEquals(sound, Checkpoint.read(damaged).file());
    byte[] before = Files.readAllBytes(sound);
    try (Network network = Nets.alexNet(1, 11)) {
      trainer(network, new Adam(), 1).resume(damaged).checkpoint(damaged).fit(train(), null, 4);
      assertArrayEquals(
          before, Files.readAllBytes(sound), "the damaged one is not kept in its place");
      trainer(network, new Adam(), 1)
          .resume(damaged)
          .checkpoint(damaged)
          .keepCheckpoints(1)
          .fit(train(), null, 5);
    }
    assertSameTraining(straight.resolve(Checkpoint.LAST), damaged.resolve(Checkpoint.LAST));
    Files.delete(mine);
    assertEquals(Set.of("best.safetensors", "last.safetensors"), names(damaged));
  }

  @Test
  void anotherTrainingsCheckpointsAreNothingToFallBackOn() throws IOException {
    try (Network network = Nets.alexNet(1, 11)) {
      trainer(network, new Adam(), 1).checkpoint(folder).keepCheckpoints(3).fit(train(), null, 3);
    }
    try (Network network = Nets.alexNet(1, 11)) {
      trainer(network, new Adam(), 1).checkpoint(folder).fit(train(), null, 1);
    }
    assertEquals(Set.of("best.safetensors", "last.safetensors"), names(folder));
    assertEquals(1, Checkpoint.read(folder).epochs().size());
  }

  @Test
  void anotherTrainingsBestDoesNotPassForThisOnes() throws IOException {
    Path other = folder.resolve("other");
    Path lone = folder.resolve("lone.safetensors");
    try (Network network = Nets.alexNet(1, 11)) {
      Trainer.of(network).learningRate(0.02f).checkpoint(other).fit(train(), null, 1);
      Files.copy(other.resolve(Checkpoint.LAST), lone);
    }
    try (Network network = Nets.alexNet(1, 11)) {
      Trainer stopped = Trainer.of(network).checkpoint(other).checkpointEvery(1);
      stopped.listener(stopAfter(2, stopped)).fit(train(), null, 1);
      assertEquals(Set.of("last.safetensors", "last-1.safetensors"), names(other));
      stopped.fit(train(), null, 1);
      assertTrue(names(other).contains(Checkpoint.BEST), "this training's own");
    }
    try (Network network = Nets.alexNet(1, 11)) {
      Trainer worse = Trainer.of(network).learningRate(20).clipNorm(5);
      worse.checkpoint(other).resume(lone).fit(train(), null, 2);
      assertEquals(Set.of("last.safetensors", "best.safetensors"), names(other));
      Checkpoint best = Checkpoint.read(other.resolve(Checkpoint.BEST));
      assertEquals(2, best.epochs().size(), "the first's weights were not beside the copy");
      assertTrue(best.epochs().get(1).trainLoss() > best.epochs().get(0).trainLoss());
    }
  }

  @Test
  void aDamagedBestGivesWayToTheNextEpoch() throws IOException {
    try (Network network = Nets.alexNet(1, 11)) {
      Trainer.of(network).learningRate(0.02f).checkpoint(folder).fit(train(), null, 1);
    }
    Path best = folder.resolve(Checkpoint.BEST);
    byte[] bytes = Files.readAllBytes(best);
    bytes[bytes.length - 1] ^= 1;
    Files.write(best, bytes);
    try (Network network = Nets.alexNet(1, 11)) {
      Trainer worse = Trainer.of(network).learningRate(20).clipNorm(5).checkpoint(folder);
      worse.resume(folder).fit(train(), null, 2);
    }
    assertEquals(2, Checkpoint.read(best).epochs().size());
  }

  @Test
  void theBestByAnotherMetricIsThatOfTheWeightsThatWereKept() throws IOException {
    try (Network network = Nets.alexNet(1, 11)) {
      Trainer first = Trainer.of(network).learningRate(0.02f).checkpoint(folder);
      first.bestBy(Metric.TRAIN_LOSS).fit(train(), validation(), 3);
    }
    Path best = folder.resolve(Checkpoint.BEST);
    int kept = Checkpoint.read(best).epochs().size();
    EpochRecord last;
    try (Network network = Nets.alexNet(1, 11)) {
      Trainer second = Trainer.of(network).learningRate(0.02f).checkpoint(folder).resume(folder);
      last = second.bestBy(Metric.VALIDATION_LOSS).fit(train(), validation(), 4).epochs().get(3);
    }
    List<EpochRecord> of = Checkpoint.read(best).epochs();
    boolean better = last.validationLoss() < of.get(kept - 1).validationLoss();
    assertEquals(better ? 4 : kept, of.size());
  }

  @Test
  void anEpochWhoseValidationFailsIsKept() throws IOException {
    BatchSource broken =
        new ForwardingSource(validation()) {
          @Override
          public Batches open(int epoch, int fromBatch) {
            throw new UncheckedIOException(new IOException("val/rose.jpg: cannot be decoded"));
          }
        };
    Path straight = folder.resolve("straight");
    try (Network network = Nets.alexNet(1, 11)) {
      Trainer.of(network).checkpoint(straight).fit(train(), validation(), 1);
    }
    try (Network network = Nets.alexNet(1, 11)) {
      Trainer trainer = Trainer.of(network).checkpoint(folder.resolve("failed"));
      var e = assertThrows(UncheckedIOException.class, () -> trainer.fit(train(), broken, 1));
      assertTrue(e.getMessage().contains("rose.jpg"), e.getMessage());
    }
    try (Network network = Nets.alexNet(1, 11)) {
      Trainer trainer = Trainer.of(network).checkpoint(folder.resolve("resumed"));
      trainer.listener(
          new TrainingListener() {
            @Override
            public void onStep(Progress progress) {
              throw new AssertionError("the epoch was trained already");
            }
          });
      trainer.resume(folder.resolve("failed")).fit(train(), validation(), 1);
    }
    assertSameTraining(
        straight.resolve(Checkpoint.LAST), folder.resolve("resumed").resolve(Checkpoint.LAST));
    Examples fewer = new Examples(Nets.IMAGE, 40, 12, Nets.CLASSES, 5);
    try (Network network = Nets.alexNet(1, 11)) { // as if the image had been removed
      Trainer trainer = Trainer.of(network).resume(folder.resolve("failed"));
      assertEquals(2, trainer.fit(fewer, validation(), 2).epochs().size());
    }
  }

  @Test
  void theBestOfAnotherCourseGivesWay() throws IOException {
    try (Network network = Nets.alexNet(1, 11)) {
      Trainer first = Trainer.of(network).learningRate(0.02f).checkpoint(folder);
      first.keepCheckpoints(3).bestBy(Metric.TRAIN_LOSS).fit(train(), null, 3);
    }
    Path best = folder.resolve(Checkpoint.BEST);
    assertEquals(3, Checkpoint.read(best).epochs().size());
    byte[] killed = Files.readAllBytes(best); // between the best's writing and the last's
    try (Network network = Nets.alexNet(1, 11)) {
      Trainer again = Trainer.of(network).learningRate(0.02f).checkpoint(folder);
      again.resume(folder.resolve("last-1.safetensors")).fit(train(), null, 3);
    }
    assertArrayEquals(killed, Files.readAllBytes(best), "the same epoch, not written again");
    try (Network network = Nets.alexNet(1, 11)) {
      Trainer worse = Trainer.of(network).learningRate(20).clipNorm(5).checkpoint(folder);
      worse.resume(folder.resolve("last-1.safetensors")).fit(train(), null, 3);
    }
    List<EpochRecord> epochs = Checkpoint.read(best).epochs();
    assertEquals(Checkpoint.read(folder.resolve(Checkpoint.LAST)).epochs(), epochs);
    assertTrue(epochs.get(2).trainLoss() > epochs.get(1).trainLoss());
  }

  @Test
  void anEpochThatHasBegunIsNotLeftOut() {
    try (Network network = Nets.alexNet(1, 11)) {
      Trainer trainer = Trainer.of(network);
      trainer.listener(stopAfter(BATCHES + 2, trainer)).fit(train(), null, 3);
      var e = assertThrows(IllegalArgumentException.class, () -> trainer.fit(train(), null, 1));
      assertTrue(e.getMessage().contains("epoch 2 has begun"), e.getMessage());
      assertEquals(2, trainer.fit(train(), null, 2).epochs().size());
    }
  }

  @Test
  void onlyTheReplicaThatWritesDeletesWhatIsUnfinished() throws IOException {
    Path unfinished = Files.createFile(folder.resolve("next.safetensors"));
    Replicas second =
        new Replicas() {
          @Override
          public int rank() {
            return 1;
          }

          @Override
          public int count() {
            return 2;
          }

          @Override
          public double[][] sum(List<Tensor> tensors, double... own) {
            return new double[][] {own, own};
          }
        };
    try (Network network = Nets.alexNet(1, 11)) {
      Trainer.of(network).replicas(second).checkpoint(folder).fit(train(), null, 1);
    }
    assertTrue(Files.exists(unfinished), "the first may be about to move it");
  }

  /** It may be sound, and the next one would be written in its place. */
  @Test
  void theNewestIsNotPassedOverForBeingOfAnotherVersion() throws IOException {
    try (Network network = Nets.alexNet(1, 11)) {
      Trainer.of(network).checkpoint(folder).fit(train(), null, 2);
      Path last = folder.resolve(Checkpoint.LAST);
      alter(last, "train.format", "2", Map.of());
      var e = assertThrows(CheckpointException.class, () -> Checkpoint.read(folder));
      assertFalse(e.isDamage());
      assertTrue(e.getMessage().startsWith(last + ": a checkpoint of version 2"), e.getMessage());
      alter(last, "train.state.epoch", "many", Map.of("more", Tensor.zeros(1)));
      alter(last, "train.format", "1", Map.of());
      assertEquals(1, Checkpoint.read(folder).epochs().size(), "the one before a damaged one");
    }
  }

  @Test
  void foldersAreNoCheckpoints() throws IOException {
    Files.createSymbolicLink(folder.resolve("last.safetensors"), Path.of("."));
    Files.createSymbolicLink(folder.resolve("last-1.safetensors"), Path.of("."));
    assertFalse(Checkpoint.isIn(folder));
    var e = assertThrows(CheckpointException.class, () -> Checkpoint.read(folder));
    assertEquals(folder + ": there is no checkpoint in this folder", e.getMessage());
    try (Network network = Nets.dense(Nets.CLASSES)) {
      e = assertThrows(CheckpointException.class, () -> Checkpoint.loadWeights(folder, network));
      assertEquals(
          folder + ": is a folder: name the file in it, such as best.safetensors", e.getMessage());
    }
  }

  @Test
  @Timeout(60)
  void keepsAsManyAsThereCanBe() throws IOException {
    try (Network network = Nets.dense(Nets.CLASSES)) {
      Trainer.of(network)
          .checkpoint(folder)
          .checkpointEvery(1)
          .keepCheckpoints(Integer.MAX_VALUE)
          .fit(train(), null, 1);
    }
    Set<String> expected = new TreeSet<>(Set.of("best.safetensors", "last.safetensors"));
    for (int age = 1; age <= BATCHES; age++) { // after each step, and after the epoch
      expected.add("last-" + age + ".safetensors");
    }
    assertEquals(expected, new TreeSet<>(names(folder)));
  }

  @Test
  void aNoteWithoutAValueIsRefused() {
    try (Network network = Nets.dense(Nets.CLASSES)) {
      var e =
          assertThrows(
              IllegalArgumentException.class,
              () -> Trainer.of(network).note("commit", (String) null));
      assertEquals("the note 'commit' has no value", e.getMessage());
      e =
          assertThrows(
              IllegalArgumentException.class,
              () -> Trainer.of(network).note("mean", (Tensor) null));
      assertEquals("the note 'mean' has no value", e.getMessage());
    }
  }

  @Test
  void aNoteThatNoFileCanHoldIsRefused() {
    try (Network network = Nets.dense(Nets.CLASSES)) {
      Trainer trainer = Trainer.of(network);
      String longest = "x".repeat(SafeTensors.LONGEST_TEXT);
      trainer.note("text", longest);
      var tooLong =
          assertThrows(IllegalArgumentException.class, () -> trainer.note("text", longest + "x"));
      assertTrue(tooLong.getMessage().contains("'text' has 20000001 characters"));
      assertThrows(
          IllegalArgumentException.class, () -> trainer.note("__metadata__", Tensor.zeros(1)));
    }
  }

  private static Set<String> names(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
    }
  }

  @Test
  void tellsWhatItIsOfAndLoadsIntoAnotherNetwork() {
    try (Network network = Nets.alexNet(1, 11);
        Network other = Nets.alexNet(1, 12)) {
      Trainer.of(network)
          .checkpoint(folder)
          .note("model", "alexnet")
          .note("mean", "0.1, 0.2, 0.3")
          .fit(train(), validation(), 1);
      Checkpoint checkpoint = Checkpoint.read(folder);
      assertEquals(Map.of("model", "alexnet", "mean", "0.1, 0.2, 0.3"), checkpoint.notes());
      assertEquals(train().classNames(), checkpoint.classNames());
      assertEquals(BATCHES, checkpoint.steps());
      assertEquals(1, checkpoint.epochs().size());
      Checkpoint.loadWeights(folder.resolve(Checkpoint.LAST), other);
      network
          .state()
          .forEach(
              (name, tensor) ->
                  assertArrayEquals(tensor.toArray(), other.state().get(name).toArray(), name));
    }
  }

  @Test
  void keepsTensorsOfTheProgramBesideItsOwn() throws IOException {
    float[] mean = {0.1f, -0f, Float.MIN_VALUE, 1e30f};
    try (Network network = Nets.alexNet(1, 11)) {
      Trainer trainer = Trainer.of(network).checkpoint(folder).note("mean", Tensor.of(mean, 2, 2));
      trainer.fit(train(), validation(), 1);
      try (SafeTensors file = SafeTensors.open(folder.resolve(Checkpoint.LAST))) {
        assertArrayEquals(mean, file.read("mean").toArray());
        assertEquals(Shape.of(2, 2), file.shape("mean"));
      }
      Trainer.of(network).resume(folder).fit(train(), validation(), 2);
      Tensor own = Tensor.zeros(1);
      assertThrows(IllegalArgumentException.class, () -> trainer.note("fc3.weight", own));
      assertThrows(IllegalArgumentException.class, () -> trainer.note("optimizer/m", own));
    }
  }

  @Test
  void loadedWeightsTakeThePlaceOfConstantOnes() throws IOException {
    try (Network network = Nets.alexNet(1, 11);
        Network other = Nets.alexNet(1, 12)) {
      Path file = folder.resolve("weights.safetensors");
      SafeTensors.write(file, network.state(), Map.of());
      Tensor images = Tensor.zeros(network.inputShape().prepend(2));
      images.fill(0.5f);
      network.weightsConstant(true);
      other.weightsConstant(true);
      other.infer(images);
      Checkpoint.loadWeights(file, other);
      assertTrue(other.weightsConstant());
      assertArrayEquals(network.infer(images).toArray(), other.infer(images).toArray());
    }
  }

  @Test
  void theTunedChoiceOfConvolutionsGoesOn() throws IOException {
    Path straight = folder.resolve("straight");
    Path broken = folder.resolve("broken");
    ConvolutionChoice choice;
    try (Network network = Nets.alexNet(1, 11)) {
      Map<String, ConvAlgorithm> algorithms = new TreeMap<>();
      for (PlannedConvolution c : network.plan(12, true).convolutions()) {
        algorithms.put(ConvolutionChoice.key(c.layer(), c.pass()), ConvAlgorithm.LOOPS);
      }
      choice = ConvolutionChoice.tuned(algorithms); // what auto would not choose
      network.convolutions(choice);
      trainer(network, new Adam(), 1).checkpoint(straight).fit(train(), validation(), 2);
    }
    try (Network network = Nets.alexNet(1, 11)) {
      network.convolutions(choice);
      Trainer trainer = trainer(network, new Adam(), 1).checkpoint(broken);
      trainer.listener(stopAfter(3, trainer)).fit(train(), validation(), 2);
    }
    try (Network network = Nets.alexNet(1, 11)) {
      trainer(network, new Adam(), 1)
          .checkpoint(broken)
          .resume(broken)
          .fit(train(), validation(), 2);
      assertEquals(choice, network.convolutions());
    }
    assertSameTraining(straight.resolve(Checkpoint.LAST), broken.resolve(Checkpoint.LAST));
  }

  @Test
  void aTrainingWithFrozenLayersGoesOnToTheSameBits() throws IOException {
    Path straight = folder.resolve("straight");
    Path broken = folder.resolve("broken");
    for (Path path : List.of(straight, broken)) {
      try (Network network = Nets.alexNet(2, 11)) {
        network.freeze("conv*", "bn2");
        Trainer trainer = trainer(network, new Adam(), 1).checkpoint(path);
        if (path.equals(broken)) {
          trainer.listener(stopAfter(3, trainer));
        }
        trainer.fit(train(), validation(), 2);
      }
    }
    try (Network network = Nets.alexNet(1, 11)) {
      Trainer trainer = trainer(network, new Adam(), 1).resume(broken);
      var e = assertThrows(CheckpointException.class, () -> trainer.fit(train(), validation(), 2));
      assertTrue(
          e.getMessage()
              .contains(
                  "the list of frozen parameters was [conv1.weight, conv1.bias, conv2.weight,"
                      + " conv2.bias, bn2.weight, bn2.bias] when it was written, but is [] now"),
          e.getMessage());
      network.freeze("conv*", "bn2");
      trainer(network, new Adam(), 1)
          .checkpoint(broken)
          .resume(broken)
          .fit(train(), validation(), 2);
    }
    assertSameTraining(straight.resolve(Checkpoint.LAST), broken.resolve(Checkpoint.LAST));
    try (SafeTensors tensors = SafeTensors.open(straight.resolve(Checkpoint.LAST))) {
      assertEquals(
          List.of("fc3.weight", "fc3.bias", "fc4.weight", "fc4.bias"),
          tensors.names().stream()
              .filter(name -> name.startsWith("optimizer/first_moment/"))
              .map(name -> name.substring("optimizer/first_moment/".length()))
              .toList(),
          "no memory for what is frozen");
    }
  }

  private Path written(Network network) {
    Trainer trainer = Trainer.of(network).checkpoint(folder);
    trainer.listener(stopAfter(2, trainer));
    trainer.fit(train(), null, 1);
    return folder.resolve(Checkpoint.LAST);
  }

  private void assertNotResumed(
      String message, Network network, Trainer trainer, BatchSource data) {
    float[] before = network.parameters().get(0).value().toArray();
    var e = assertThrows(CheckpointException.class, () -> trainer.fit(data, null, 2));
    assertTrue(e.getMessage().startsWith(folder.toString()), e.getMessage());
    assertTrue(e.getMessage().contains(message), e.getMessage());
    assertFalse(e.getMessage().contains("\n"), e.getMessage());
    assertArrayEquals(before, network.parameters().get(0).value().toArray(), "left as it was");
  }

  @Test
  void refusesToResumeAnotherTraining() {
    try (Network network = Nets.alexNet(1, 11)) {
      written(network);
    }
    try (Network network = Nets.alexNet(1, 11)) {
      assertNotResumed(
          "the optimiser's memory was [velocity] when it was written, but is"
              + " [first_moment, second_moment] now",
          network,
          Trainer.of(network).optimizer(new Adam()).resume(folder),
          train());
      assertNotResumed(
          "what the learning-rate schedule remembers was [] when it was written, but is [bad_",
          network,
          Trainer.of(network).learningRate(LearningRate.plateau(1, 0.1f, 1)).resume(folder),
          train());
      assertNotResumed(
          "the size of the data, in the middle of an epoch, was 52 when it was written, but is 40",
          network,
          Trainer.of(network).resume(folder),
          new Examples(Nets.IMAGE, 40, 12, Nets.CLASSES, 5));
      assertNotResumed(
          "the batch size, in the middle of an epoch, was 12",
          network,
          Trainer.of(network).resume(folder),
          new Examples(Nets.IMAGE, 52, 13, Nets.CLASSES, 5));
      BatchSource otherClasses =
          new ForwardingSource(train()) {
            @Override
            public List<String> classNames() {
              return List.of("cat", "dog", "owl", "fox", "hen", "cow");
            }
          };
      assertNotResumed(
          "the list of classes was [class 0,",
          network,
          Trainer.of(network).resume(folder),
          otherClasses);
      assertNotResumed(
          "there is no such file",
          network,
          Trainer.of(network).resume(folder.resolve("elsewhere")),
          train());
    }
    try (Network network = Nets.alexNet(1, 12)) {
      assertNotResumed(
          "the seed was 11 when it was written, but is 12 now",
          network,
          Trainer.of(network).resume(folder),
          train());
    }
    try (Network network = Nets.dense(Nets.CLASSES)) {
      Trainer trainer = Trainer.of(network).resume(folder);
      assertNotResumed(
          "of a different model: it has 'conv1: Conv2d(input) 8×16×16, weight 8×3×3×3, bias 8'"
              + " where the network has 'flatten: Flatten(input) 768'",
          network,
          trainer,
          train());
    }
  }

  private static BatchSource arrays(int firstLabel) {
    Tensor x = Tensor.zeros(Nets.IMAGE.prepend(52));
    int[] y = new int[52];
    for (int i = 0; i < y.length; i++) {
      x.array()[i * Nets.IMAGE.size()] = i;
      y[i] = i % Nets.CLASSES;
    }
    y[0] = firstLabel;
    return ArrayBatches.of(x, y).batchSize(12).shuffle(4);
  }

  @Test
  void inMidEpochTheDataMustBeTheSame() {
    for (int stopAfter : new int[] {3, 5}) { // of five steps in an epoch
      try (Network network = Nets.alexNet(1, 11)) {
        Trainer trainer = Trainer.of(network).checkpoint(folder);
        trainer.listener(stopAt(trainer, stopAfter)).fit(arrays(0), null, 2);
      }
      try (Network network = Nets.alexNet(1, 11)) {
        Trainer trainer = Trainer.of(network).resume(folder);
        if (stopAfter == 3) {
          assertNotResumed(
              "the training data are not those that it was written with",
              network,
              trainer,
              arrays(1));
          trainer.resume(folder).fit(arrays(0), null, 2);
        } else {
          trainer.fit(arrays(1), null, 2);
        }
      }
    }
  }

  private static TrainingListener stopAt(Trainer trainer, int step) {
    return new TrainingListener() {
      @Override
      public void onStep(Progress progress) {
        if (progress.step() == step) {
          trainer.stop();
        }
      }
    };
  }

  @Test
  void refusesAModelThatIsLongerOrShorter() {
    Graph.Builder shorter = Graph.of(Nets.IMAGE).then("flatten", new Flatten());
    Graph.Builder longer = Graph.of(Nets.IMAGE).then("flatten", new Flatten());
    Path file;
    try (Network network = Nets.network(shorter.then("fc", Dense.of(Nets.CLASSES)).build(), 1, 1)) {
      file = written(network);
    }
    Graph graph = longer.then("fc", Dense.of(Nets.CLASSES)).then("tanh", Activation.tanh()).build();
    try (Network network = Nets.network(graph, 1, 1)) {
      var e = assertThrows(CheckpointException.class, () -> Checkpoint.loadWeights(file, network));
      assertTrue(e.getMessage().contains("it has 'nothing more' where"), e.getMessage());
    }
  }

  @Test
  void refusesDamagedAndForeignFiles() throws IOException {
    try (Network network = Nets.dense(Nets.CLASSES)) {
      Path file = written(network);
      byte[] good = Files.readAllBytes(file);
      for (int damage : new int[] {3, 40, 200, good.length / 2, good.length - 1}) {
        byte[] bad = good.clone();
        bad[damage] ^= 1;
        Files.write(file, bad);
        assertNotResumed("", network, Trainer.of(network).resume(folder), train());
        assertThrows(CheckpointException.class, () -> Checkpoint.loadWeights(file, network));
      }
      Files.write(file, Arrays.copyOf(good, good.length - 5));
      assertNotResumed("cut short", network, Trainer.of(network).resume(folder), train());
      Files.writeString(file, "this is not a checkpoint at all");
      assertNotResumed("safetensors", network, Trainer.of(network).resume(folder), train());
      SafeTensors.write(file, network.state(), Map.of());
      assertNotResumed(
          "not a checkpoint of a training", network, Trainer.of(network).resume(folder), train());
      SafeTensors.write(file, network.state(), Map.of("train.format", "99"));
      assertNotResumed("version 99", network, Trainer.of(network).resume(folder), train());
      SafeTensors.write(file, network.state(), Map.of("train.format", "1"));
      assertNotResumed("'epoch' is missing", network, Trainer.of(network).resume(folder), train());
    }
  }

  /** Whoever means harm makes the checksum right. */
  @ParameterizedTest
  @CsvSource({
    "train.state.epoch, -3, negative",
    "train.state.batch, -1, negative",
    "train.state.batch, 1000, 1000 batches done of 5",
    "train.state.history, '1,2,3', no record of an epoch",
    "train.schedule.best, much, 'train.schedule.best' is no number: much",
    "train.convolutions.rule, none, choice of convolutions",
  })
  void refusesTextThatIsNotItsOwn(String key, String value, String message) throws IOException {
    try (Network network = Nets.dense(Nets.CLASSES)) {
      Trainer first =
          Trainer.of(network).learningRate(LearningRate.plateau(0.01f, 0.5f, 1)).checkpoint(folder);
      first.listener(stopAfter(2, first));
      first.fit(train(), null, 1);
      alter(folder.resolve(Checkpoint.LAST), key, value, Map.of());
      Trainer second =
          Trainer.of(network).learningRate(LearningRate.plateau(0.01f, 0.5f, 1)).resume(folder);
      assertNotResumed(message, network, second, train());
    }
  }

  /** A training never writes such numbers; going on from them could only diverge. */
  @ParameterizedTest
  @ValueSource(strings = {"fc.weight", Checkpoint.OPTIMIZER + "velocity/fc.weight"})
  void refusesNumbersThatAreNotFinite(String name) throws IOException {
    try (Network network = Nets.dense(Nets.CLASSES)) {
      Path file = written(network);
      Tensor broken = Tensor.zeros(network.parameters().get(0).value().shape());
      broken.fill(Float.NaN);
      alter(file, "key", "value", Map.of(name, broken));
      var e =
          assertThrows(
              CheckpointException.class,
              () -> Trainer.of(network).resume(file).fit(train(), null, 2));
      assertTrue(e.getMessage().contains(file + ": '" + name + "' holds NaN"), e.getMessage());
    }
  }

  @Test
  void refusesMemoryOfTheOptimiserWithoutAName() throws IOException {
    try (Network network = Nets.dense(Nets.CLASSES)) {
      Path file = written(network);
      alter(file, "key", "value", Map.of(Checkpoint.OPTIMIZER, Tensor.zeros(1)));
      assertNotResumed(
          "the optimiser's memory", network, Trainer.of(network).resume(file), train());
    }
  }

  private static void alter(Path file, String key, String value, Map<String, Tensor> more)
      throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    Map<String, String> text;
    try (SafeTensors input = SafeTensors.open(file)) {
      text = new LinkedHashMap<>(input.metadata());
      for (String name : input.names()) {
        tensors.put(name, input.read(name));
      }
    }
    tensors.putAll(more);
    text.put(key, value);
    SafeTensors.write(file, tensors, text);
  }

  @Test
  void loadsPlainWeightsOfAnotherProgramIfTheyFit() throws IOException {
    try (Network network = Nets.dense(Nets.CLASSES)) {
      Path file = folder.resolve("weights.safetensors");
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      network.state().forEach((name, tensor) -> tensors.put(name, tensor.copy()));
      tensors.values().forEach(tensor -> tensor.fill(7));
      tensors.put("something.else", Tensor.zeros(3));
      SafeTensors.write(file, tensors, Map.of());
      Checkpoint.loadWeights(file, network);
      assertEquals(7, network.parameters().get(0).value().get(0, 0));
      tensors.values().forEach(tensor -> tensor.fill(8));
      tensors.put("fc.bias", Tensor.zeros(5));
      SafeTensors.write(file, tensors, Map.of());
      var e = assertThrows(CheckpointException.class, () -> Checkpoint.loadWeights(file, network));
      assertTrue(e.getMessage().contains("'fc.bias' is 5, but should be 6"), e.getMessage());
      assertEquals(7, network.parameters().get(0).value().get(0, 0), "left as it was");
    }
  }

  @Test
  void aFinishedTrainingHasNothingLeftToDo() {
    try (Network network = Nets.dense(Nets.CLASSES)) {
      Trainer.of(network).checkpoint(folder).fit(train(), null, 2);
      float[] weights = network.parameters().get(0).value().toArray();
      History history = Trainer.of(network).resume(folder).fit(train(), null, 2);
      assertSame(History.End.COMPLETED, history.end());
      assertEquals(2, history.epochs().size());
      assertArrayEquals(weights, network.parameters().get(0).value().toArray());
    }
  }
}
