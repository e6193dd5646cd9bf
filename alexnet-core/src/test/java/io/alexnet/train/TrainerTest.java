package io.alexnet.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.alexnet.batch.Batch;
import io.alexnet.batch.BatchSource;
import io.alexnet.graph.Graph;
import io.alexnet.graph.Network;
import io.alexnet.kernels.Kernels;
import io.alexnet.layer.Dense;
import io.alexnet.layer.Flatten;
import io.alexnet.layer.Parameter;
import io.alexnet.layer.Softmax;
import io.alexnet.loss.MeanSquaredError;
import io.alexnet.optim.Adam;
import io.alexnet.optim.LearningRate;
import io.alexnet.optim.Optimizer;
import io.alexnet.optim.Sgd;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrainerTest {

  @TempDir Path folder;

  private static Examples examples(int size, int batchSize) {
    return new Examples(Nets.IMAGE, size, batchSize, Nets.CLASSES, 5);
  }

  private static Examples validation() {
    return new Examples(Nets.IMAGE, 50, 16, Nets.CLASSES, 6);
  }

  private static List<float[]> weights(Network network) {
    List<float[]> copies = new ArrayList<>();
    network.state().values().forEach(tensor -> copies.add(tensor.toArray()));
    return copies;
  }

  private static void assertSameBits(List<float[]> expected, List<float[]> actual) {
    assertEquals(expected.size(), actual.size());
    for (int i = 0; i < expected.size(); i++) {
      for (int j = 0; j < expected.get(i).length; j++) {
        assertEquals(
            Float.floatToRawIntBits(expected.get(i)[j]),
            Float.floatToRawIntBits(actual.get(i)[j]),
            "tensor " + i + ", element " + j);
      }
    }
  }

  private static TrainingListener onStep(Consumer<Progress> action) {
    return new TrainingListener() {
      @Override
      public void onStep(Progress progress) {
        action.accept(progress);
      }
    };
  }

  private static void stopAfter(long step, Trainer trainer) {
    trainer.listener(
        onStep(
            p -> {
              if (p.step() == step) {
                trainer.stop();
              }
            }));
  }

  @Test
  void learnsAndSaysHow() {
    try (Network network = Nets.alexNet(2, 1)) {
      History history =
          Trainer.of(network)
              .learningRate(LearningRate.step(0.02f, 0.5f, 2))
              .fit(examples(200, 16), validation(), 5);
      assertSame(History.End.COMPLETED, history.end());
      assertEquals(5, history.epochs().size());
      EpochRecord first = history.epochs().get(0);
      EpochRecord last = history.epochs().get(4);
      assertEquals(1, first.epoch());
      assertEquals(13, first.steps(), "the remainder of 8 makes a step of its own");
      assertEquals(65, last.steps());
      assertEquals(0.02f, first.learningRate());
      assertEquals(0.005f, last.learningRate());
      assertTrue(last.trainLoss() < 0.5 * first.trainLoss(), history.toString());
      assertTrue(last.trainTop1() > 0.7, history.toString());
      assertTrue(last.validationTop1() > 0.9, history.toString());
      assertTrue(last.validationTop5() >= last.validationTop1(), history.toString());
      assertTrue(last.imagesPerSecond() > 0 && last.seconds() > 0, history.toString());
      assertEquals(
          history.epochs().stream().mapToDouble(EpochRecord::validationLoss).min().orElseThrow(),
          history.best(Metric.VALIDATION_LOSS).orElseThrow().validationLoss());
    }
  }

  @Test
  void withoutARateTheOptimisersOwnIsTaken() {
    try (Network network = Nets.dense(Nets.CLASSES)) {
      Trainer trainer = Trainer.of(network).optimizer(Sgd.plain());
      trainer.fit(examples(24, 12), null, 1);
      List<EpochRecord> epochs =
          trainer.optimizer(new Adam()).fit(examples(24, 12), null, 2).epochs();
      assertEquals(0.01f, epochs.get(0).learningRate());
      assertEquals(2e-4f, epochs.get(1).learningRate());
    }
  }

  @Test
  void eachMetricIsAFigureOfItsOwn() {
    EpochRecord record = new EpochRecord(1, 2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8f, 90, 100);
    assertEquals(0.3, Metric.TRAIN_LOSS.of(record));
    assertEquals(0.5, Metric.VALIDATION_LOSS.of(record));
    assertEquals(0.6, Metric.VALIDATION_TOP1.of(record));
    assertEquals(0.7, Metric.VALIDATION_TOP5.of(record));
    assertTrue(Metric.VALIDATION_TOP5.gain(0.8, 0.7) > 0, "more is better");
    assertTrue(Metric.VALIDATION_LOSS.gain(0.8, 0.7) < 0);
  }

  @Test
  void withoutValidationItsFiguresAreMissing() {
    try (Network network = Nets.dense(Nets.CLASSES)) {
      History history = Trainer.of(network).fit(examples(40, 20), null, 1);
      assertTrue(Double.isNaN(history.epochs().get(0).validationLoss()));
      assertTrue(history.best(Metric.VALIDATION_TOP1).isEmpty());
      assertTrue(history.best(Metric.TRAIN_LOSS).isPresent());
    }
  }

  /** The running figures are those of each step's weights, in plain arithmetic. */
  @Test
  void figuresOfAnEpochAreMeansOverItsExamples() {
    try (Network network = Nets.dense(Nets.CLASSES)) {
      double[] sum = new double[1];
      Examples data = examples(50, 20);
      History history =
          Trainer.of(network)
              .listener(onStep(p -> sum[0] += p.stepLoss() * (p.batch() == p.batches() ? 10 : 20)))
              .fit(data, null, 1);
      assertEquals(sum[0] / 50, history.epochs().get(0).trainLoss(), 1e-12);
    }
  }

  private static Network alexNet(String provider, int threads, long seed) {
    Kernels kernels = provider.equals("simd") ? Kernels.simd() : Kernels.scalar();
    return Network.builder(Nets.alexNet()).kernels(kernels).threads(threads).seed(seed).build();
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "simd"})
  void sameBitsOnAnyNumberOfThreads(String provider) {
    List<List<float[]>> results = new ArrayList<>();
    for (int threads = 1; threads <= 3; threads++) {
      try (Network network = alexNet(provider, threads, 9)) {
        Trainer trainer =
            Trainer.of(network)
                .optimizer(Sgd.momentum(0.9f).weightDecay(5e-4f))
                .learningRate(0.02f)
                .clipNorm(1);
        stopAfter(20, trainer);
        trainer.fit(examples(200, 12), null, 2);
        results.add(weights(network));
      }
    }
    assertSameBits(results.get(0), results.get(1));
    assertSameBits(results.get(0), results.get(2));
  }

  /**
   * Over everything from one onStep to the next: data, network, loss of mixtures, metrics,
   * clipping, update. Vectors allocate until the JIT has compiled them: hence the many epochs, of
   * which few are run. A tile that is called twice in a step may take tens of thousands of steps to
   * be compiled, when others keep the compiler busy.
   */
  @ParameterizedTest
  @ValueSource(strings = {"scalar", "simd"})
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void aWarmStepAllocatesLessThanAKilobyte(String provider) {
    for (Optimizer optimizer : List.of(Sgd.momentum(0.9f), new Adam())) {
      try (Network network = alexNet(provider, 2, 0)) {
        Trainer trainer = Trainer.of(network);
        AllocationMeter meter = new AllocationMeter(trainer);
        trainer
            .optimizer(optimizer)
            .learningRate(LearningRate.cosine(0.01f, 0, 2).warmUp(5))
            .clipNorm(1)
            .clipValue(1)
            .accumulate(2)
            .listener(meter)
            .fit(MixupTest.mixedWithNextClass(examples(162, 4), 0.7f), null, 20_000);
        assertTrue(
            meter.bytesPerStep < 1024, meter.bytesPerStep + " bytes a step with " + optimizer);
      }
    }
  }

  /** Measures from the second step of an epoch to the last, and stops when it is warm. */
  private static final class AllocationMeter implements TrainingListener {
    private final ThreadMXBean bean = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final Trainer trainer;
    private final List<Thread> threads =
        Thread.getAllStackTraces().keySet().stream()
            .filter(t -> t == Thread.currentThread() || t.getName().startsWith("alexnet-team"))
            .toList();
    private long before;
    private long bytesPerStep = Long.MAX_VALUE;

    AllocationMeter(Trainer trainer) {
      this.trainer = trainer;
    }

    @Override
    public void onStep(Progress p) {
      if (p.batch() == 4) {
        before = allocated();
      } else if (p.batch() == p.batches()) {
        bytesPerStep = (allocated() - before) / ((p.batches() - 4 + 1) / 2);
        if (p.epoch() > 1 && bytesPerStep < 1024) {
          trainer.stop();
        }
      }
    }

    private long allocated() {
      long bytes = 0;
      for (int i = 0; i < threads.size(); i++) {
        bytes += bean.getThreadAllocatedBytes(threads.get(i).getId());
      }
      return bytes;
    }
  }

  /** 50 examples in batches of 4 by three, and of 12: the last step has 2 in either. */
  @Test
  void accumulatedBatchesMakeTheStepOfOneLargeBatch() {
    try (Network large = Nets.dense(Nets.CLASSES);
        Network small = Nets.dense(Nets.CLASSES)) {
      History whole = Trainer.of(large).fit(examples(50, 12), null, 2);
      History parts = Trainer.of(small).accumulate(3).fit(examples(50, 4), null, 2);
      assertEquals(10, whole.epochs().get(1).steps());
      assertEquals(10, parts.epochs().get(1).steps());
      assertEquals(whole.epochs().get(1).trainLoss(), parts.epochs().get(1).trainLoss(), 1e-5);
      for (int i = 0; i < large.parameters().size(); i++) {
        // ten steps of sums in another order, on weights around 0.1
        assertArrayEquals(
            large.parameters().get(i).value().toArray(),
            small.parameters().get(i).value().toArray(),
            1e-6f);
      }
    }
  }

  /** How far the parameters that learn go in one step of rate 1: the mean gradient. */
  private static List<float[]> steps(Consumer<Trainer> settings) {
    try (Network network = Nets.dense(Nets.CLASSES)) {
      network.parameters().get(1).trainable(false);
      List<float[]> before = weights(network);
      Trainer trainer = Trainer.of(network).optimizer(Sgd.plain()).learningRate(1);
      settings.accept(trainer);
      trainer.fit(examples(12, 12), null, 1);
      List<float[]> steps = weights(network);
      for (int i = 0; i < steps.size(); i++) {
        float multiplier = network.parameters().get(i).learningRateMultiplier();
        for (int j = 0; j < steps.get(i).length; j++) {
          steps.get(i)[j] = (steps.get(i)[j] - before.get(i)[j]) / multiplier;
        }
      }
      return steps;
    }
  }

  /** The mean over the examples of 1/classes · Σ_c (x_c − t_c)², by hand. */
  @Test
  void anotherLossIsTrainedWithAndTold() {
    Examples data = examples(12, 12);
    try (Network network = Nets.dense(Nets.CLASSES)) {
      float[] before = network.parameters().get(0).value().toArray();
      double[] gradient = new double[before.length];
      double loss = addMeanSquaredError(network, data, gradient);
      History history =
          Trainer.of(network)
              .optimizer(Sgd.plain())
              .learningRate(0.1f)
              .loss(new MeanSquaredError())
              .fit(data, data, 1);
      float[] after = network.parameters().get(0).value().toArray();
      for (int i = 0; i < before.length; i++) {
        assertEquals(before[i] - 0.1 * gradient[i], after[i], 1e-6);
      }
      EpochRecord epoch = history.epochs().get(0);
      assertEquals(loss, epoch.trainLoss(), 1e-6);
      double afterwards = addMeanSquaredError(network, data, gradient);
      assertEquals(afterwards, epoch.validationLoss(), 1e-6);
    }
  }

  /**
   * Of a dense network and the only batch of these data.
   *
   * @param gradient by the weights; is added to
   */
  private static double addMeanSquaredError(Network network, Examples data, double[] gradient) {
    try (BatchSource.Batches batches = data.open(0, 0)) {
      Batch batch = batches.next();
      Tensor images = batch.images();
      Tensor logits = network.infer(images);
      int inputs = Nets.IMAGE.size();
      double loss = 0;
      for (int n = 0; n < batch.size(); n++) {
        for (int c = 0; c < Nets.CLASSES; c++) {
          double difference = logits.get(n, c) - (c == batch.labels()[n] ? 1 : 0);
          double share = difference / Nets.CLASSES / batch.size();
          loss += difference * share;
          for (int i = 0; i < inputs; i++) {
            gradient[c * inputs + i] += 2 * share * images.array()[n * inputs + i];
          }
        }
      }
      return loss;
    }
  }

  private static double norm(List<float[]> tensors) {
    double squares = 0;
    for (float[] tensor : tensors) {
      for (float value : tensor) {
        squares += value * value;
      }
    }
    return Math.sqrt(squares);
  }

  /** Settings of a step, and what it then makes of the elements of the gradient. */
  static Stream<Arguments> clippings() {
    List<float[]> gradient = steps(trainer -> {});
    double norm = norm(gradient);
    float value = gradient.get(0)[0] / 2;
    float limit = Math.abs(value);
    List<float[]> cut = new ArrayList<>();
    for (float[] tensor : gradient) {
      float[] clamped = tensor.clone();
      for (int i = 0; i < clamped.length; i++) {
        clamped[i] = Math.max(-limit, Math.min(limit, clamped[i]));
      }
      cut.add(clamped);
    }
    double cutNorm = norm(cut);
    assertTrue(cutNorm < 0.9 * norm && norm < 1e3, "some are cut: " + cutNorm + " of " + norm);
    Consumer<Trainer> longer = trainer -> trainer.clipNorm((float) (1.1 * norm));
    Consumer<Trainer> shorter = trainer -> trainer.clipNorm((float) (norm / 4));
    Consumer<Trainer> byValue = trainer -> trainer.clipValue(limit);
    // Between the norms before and after: only of the second is nothing left to clip.
    Consumer<Trainer> between =
        trainer -> trainer.clipNorm((float) ((norm + cutNorm) / 2)).clipValue(limit);
    Consumer<Trainer> both = trainer -> trainer.clipNorm((float) (cutNorm / 2)).clipValue(limit);
    return Stream.of(
        Arguments.of(Named.of("a norm that is not reached", longer), gradient, 1.0),
        Arguments.of(Named.of("a quarter of the norm", shorter), gradient, 0.25),
        Arguments.of(Named.of("values", byValue), cut, 1.0),
        Arguments.of(Named.of("values, then not the norm", between), cut, 1.0),
        Arguments.of(Named.of("values, then half of their norm", both), cut, 0.5));
  }

  @ParameterizedTest
  @MethodSource("clippings")
  void clippingShortensTheStep(Consumer<Trainer> settings, List<float[]> gradient, double factor) {
    List<float[]> steps = steps(settings);
    for (int i = 0; i < steps.size(); i++) {
      for (int j = 0; j < steps.get(i).length; j++) {
        assertEquals(factor * gradient.get(i)[j], steps.get(i)[j], 1e-6, "tensor " + i);
      }
    }
  }

  /**
   * Adam's first step moves a parameter by the rate; its correction must not take it for the 9th.
   */
  @Test
  void aNewOptimizerBeginsAtItsOwnFirstStepAndAlsoResumesThere() {
    Examples oneBatch = examples(16, 16);
    float rate = 1e-3f;
    try (Network network = Nets.dense(Nets.CLASSES);
        Network resumed = Nets.dense(Nets.CLASSES)) {
      Trainer trainer = Trainer.of(network).checkpoint(folder).learningRate(1e-30f);
      trainer.fit(oneBatch, null, 8);
      float[] before = network.parameters().get(0).value().toArray();
      trainer.optimizer(new Adam()).learningRate(rate).fit(oneBatch, null, 9);
      float[] after = network.parameters().get(0).value().toArray();
      double largest = 0;
      for (int i = 0; i < after.length; i++) {
        largest = Math.max(largest, Math.abs(after[i] - before[i]));
      }
      assertEquals(rate, largest, 1e-3 * rate);

      Trainer other = Trainer.of(resumed).optimizer(new Adam()).learningRate(rate).resume(folder);
      other.fit(oneBatch, null, 10);
      trainer.fit(oneBatch, null, 10);
      assertArrayEquals(
          network.parameters().get(0).value().toArray(),
          resumed.parameters().get(0).value().toArray());
    }
  }

  @Test
  void frozenParametersStay() {
    try (Network network = Nets.alexNet(1, 1)) {
      Parameter frozen = network.parameters().get(0);
      frozen.trainable(false);
      float[] before = frozen.value().toArray();
      float[] other = network.parameters().get(4).value().toArray();
      Trainer.of(network).clipNorm(1).fit(examples(24, 12), null, 1);
      assertArrayEquals(before, frozen.value().toArray());
      assertFalse(Arrays.equals(other, network.parameters().get(4).value().toArray()));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void whatIsFrozenKeepsItsBitsAndTheRestDoesNotDependOnThreads(int threads) {
    Map<String, float[]> before = new LinkedHashMap<>();
    Map<String, float[]> onOneThread = new LinkedHashMap<>();
    for (int t : new int[] {1, threads}) {
      try (Network network = Nets.alexNet(t, 5)) {
        network.freeze("conv1", "conv2", "bn2", "fc3.bias");
        network.parameters("fc4").forEach(parameter -> parameter.learningRateFactor(3));
        network.state().forEach((name, tensor) -> before.put(name, tensor.toArray()));
        Trainer.of(network)
            .optimizer(new Adam())
            .learningRate(1e-3f)
            .clipNorm(1)
            .fit(examples(30, 12), null, 2);
        network
            .state()
            .forEach(
                (name, tensor) -> {
                  boolean learns = name.startsWith("fc") && !name.equals("fc3.bias");
                  assertEquals(!learns, Arrays.equals(before.get(name), tensor.toArray()), name);
                  float[] first = onOneThread.putIfAbsent(name, tensor.toArray());
                  assertArrayEquals(first == null ? tensor.toArray() : first, tensor.toArray());
                });
      }
    }
  }

  @Test
  void aFactorOfTheRateIsAFactorOfTheStep() {
    BatchSource oneBatch = examples(12, 12);
    float[][] moved = new float[2][];
    for (int i = 0; i < 2; i++) {
      try (Network network = Nets.dense(Nets.CLASSES)) {
        Parameter weight = network.parameters("fc.weight").get(0);
        weight.value().fill(0);
        weight.learningRateFactor(i == 0 ? 1 : 0.25f);
        Trainer.of(network).optimizer(Sgd.plain()).learningRate(1).fit(oneBatch, null, 1);
        moved[i] = weight.value().toArray();
      }
    }
    for (int j = 0; j < moved[0].length; j++) {
      assertEquals(0.25f * moved[0][j], moved[1][j]); // a power of two: exact
    }
  }

  @Test
  void thawedLayersLearnInTheNextFit() {
    try (Network network = Nets.alexNet(1, 1)) {
      network.freeze("conv*");
      Trainer trainer = Trainer.of(network).optimizer(new Adam()).learningRate(1e-3f);
      trainer.fit(examples(24, 12), null, 1);
      float[] before = network.parameters().get(0).value().toArray();
      network.parameters("conv*").forEach(parameter -> parameter.trainable(true));
      trainer.fit(examples(24, 12), null, 2);
      assertFalse(Arrays.equals(before, network.parameters().get(0).value().toArray()));
    }
  }

  @Test
  void thawingInMidFitIsRefusedAndTheCheckpointsStayAsTheyWere() throws IOException {
    try (Network network = Nets.dense(Nets.CLASSES)) {
      String first = network.parameters().get(0).name();
      network.freeze(first);
      Trainer trainer = Trainer.of(network).checkpoint(folder);
      trainer.fit(examples(24, 12), null, 1);
      byte[] before = Files.readAllBytes(folder.resolve(Checkpoint.LAST));
      trainer.listener(
          new TrainingListener() {
            @Override
            public void onEpoch(EpochRecord record, Evaluation validation) {
              network.thaw(first);
            }
          });
      var e =
          assertThrows(IllegalStateException.class, () -> trainer.fit(examples(24, 12), null, 3));
      assertTrue(e.getMessage().contains("'" + first + "' was thawed"), e.getMessage());
      assertArrayEquals(before, Files.readAllBytes(folder.resolve(Checkpoint.LAST)));
    }
  }

  @Test
  void validationBatchesThatDoNotFitTheHeapAreRefusedBeforeTheFirstStep() {
    long perImage = 4L * Nets.IMAGE.size();
    int many = (int) Math.min(Integer.MAX_VALUE / 2, Runtime.getRuntime().maxMemory() / perImage);
    BatchSource huge =
        new ForwardingSource(validation()) {
          @Override
          public int size() {
            return many;
          }

          @Override
          public int batchSize() {
            return many;
          }
        };
    try (Network network = Nets.dense(Nets.CLASSES)) {
      var e =
          assertThrows(
              IllegalArgumentException.class,
              () -> Trainer.of(network).fit(examples(24, 12), huge, 1));
      assertTrue(e.getMessage().contains("validation with batches of " + many), e.getMessage());
    }
  }

  @Test
  void nothingToTrainIsRefused() {
    try (Network network = Nets.dense(Nets.CLASSES)) {
      network.freeze("*");
      Trainer trainer = Trainer.of(network);
      var e =
          assertThrows(
              IllegalArgumentException.class, () -> trainer.fit(examples(24, 12), null, 1));
      assertEquals("nothing to train: every parameter is frozen", e.getMessage());
    }
  }

  @Test
  void stopsAtTheNextStepAndGoesOnWhenAskedAgain() {
    try (Network network = Nets.alexNet(1, 3);
        Network straight = Nets.alexNet(1, 3)) {
      Trainer trainer = Trainer.of(network).checkpoint(folder);
      stopAfter(7, trainer);
      History stopped = trainer.fit(examples(48, 12), validation(), 3);
      assertSame(History.End.STOPPED, stopped.end());
      assertEquals(1, stopped.epochs().size());
      assertEquals(7, Checkpoint.read(folder).steps());
      History done = trainer.fit(examples(48, 12), validation(), 3);
      assertSame(History.End.COMPLETED, done.end());
      Trainer.of(straight).fit(examples(48, 12), validation(), 3);
      assertSameBits(weights(straight), weights(network));
    }
  }

  @Test
  void anEpochThatWasStoppedGoesOnWithItsOwnDataOnly() {
    try (Network network = Nets.alexNet(1, 3)) {
      Trainer trainer = Trainer.of(network);
      stopAfter(3, trainer);
      trainer.fit(examples(48, 12), null, 1);
      IllegalArgumentException refused =
          assertThrows(
              IllegalArgumentException.class, () -> trainer.fit(examples(24, 12), null, 1));
      assertTrue(refused.getMessage().contains("after batch 3"), refused.getMessage());
      assertEquals(4, trainer.fit(examples(48, 12), null, 1).epochs().get(0).steps());
      trainer.fit(examples(24, 12), null, 2); // between epochs it may be others
    }
  }

  @Test
  void stopFromAnotherThreadAndBeforeTheFirstStep() throws InterruptedException {
    try (Network network = Nets.alexNet(1, 3)) {
      Trainer trainer = Trainer.of(network).checkpoint(folder);
      Thread other = new Thread(trainer::stop);
      other.start();
      other.join();
      List<float[]> before = weights(network);
      History history = trainer.fit(examples(48, 12), null, 1);
      assertSame(History.End.STOPPED, history.end());
      assertSameBits(before, weights(network));
      assertEquals(0, Checkpoint.read(folder).steps());
      assertSame(History.End.COMPLETED, trainer.fit(examples(48, 12), null, 1).end());
    }
  }

  /** Runs a training on another thread that pauses itself after two steps, and returns it. */
  private Thread pausedAfterTwoSteps(Trainer trainer, AtomicReference<History> history)
      throws InterruptedException {
    AtomicInteger steps = new AtomicInteger();
    trainer.listener(
        onStep(
            p -> {
              if (steps.incrementAndGet() == 2) {
                trainer.pause();
              }
            }));
    Thread training = new Thread(() -> history.set(trainer.fit(examples(48, 12), null, 1)));
    training.start();
    long deadline = System.nanoTime() + 20_000_000_000L;
    while (training.getState() != Thread.State.WAITING || steps.get() < 2) {
      assertTrue(System.nanoTime() < deadline, "no pause");
      Thread.sleep(5);
    }
    Thread.sleep(50);
    assertEquals(2, steps.get());
    return training;
  }

  @Test
  @Timeout(60)
  void aPauseChangesNothing() throws InterruptedException {
    AtomicReference<History> history = new AtomicReference<>();
    try (Network network = Nets.alexNet(1, 3);
        Network straight = Nets.alexNet(1, 3)) {
      Trainer trainer = Trainer.of(network);
      Thread training = pausedAfterTwoSteps(trainer, history);
      trainer.proceed();
      training.join();
      assertSame(History.End.COMPLETED, history.get().end());
      Trainer.of(straight).fit(examples(48, 12), null, 1);
      assertSameBits(weights(straight), weights(network));
    }
  }

  @Test
  @Timeout(60)
  void aPausedTrainingIsStoppedWithACheckpoint() throws InterruptedException {
    AtomicReference<History> history = new AtomicReference<>();
    try (Network network = Nets.alexNet(1, 3)) {
      Trainer trainer = Trainer.of(network).checkpoint(folder);
      Thread training = pausedAfterTwoSteps(trainer, history);
      trainer.stop();
      training.join();
      assertSame(History.End.STOPPED, history.get().end());
      assertEquals(2, Checkpoint.read(folder).steps());
      assertSame( // the pause has ended with the fit
          History.End.COMPLETED, trainer.fit(examples(48, 12), null, 1).end());
    }
  }

  @Test
  @Timeout(60)
  void anInterruptStopsAPausedTraining() throws InterruptedException {
    AtomicReference<History> history = new AtomicReference<>();
    try (Network network = Nets.alexNet(1, 3)) {
      Trainer trainer = Trainer.of(network).checkpoint(folder);
      Thread training = pausedAfterTwoSteps(trainer, history);
      training.interrupt();
      training.join();
      assertSame(History.End.STOPPED, history.get().end());
    }
  }

  @Test
  void tellsHowMuchTimeIsLeft() {
    List<Double> left = new ArrayList<>();
    List<Double> pace = new ArrayList<>();
    try (Network network = Nets.dense(Nets.CLASSES)) {
      Trainer.of(network)
          .listener(
              onStep(
                  p -> {
                    left.add(p.secondsLeft());
                    pace.add(12 / p.imagesPerSecond());
                  }))
          .fit(examples(48, 12), null, 2);
    }
    for (int step = 0; step < 8; step++) {
      assertEquals((7 - step) * pace.get(step), left.get(step), 1e-9);
    }
  }

  @Test
  void anInterruptStopsWithACheckpointAndStaysVisible() {
    try (Network network = Nets.alexNet(2, 3)) {
      Trainer trainer = Trainer.of(network).checkpoint(folder);
      trainer.listener(
          onStep(
              p -> {
                if (p.step() == 2) {
                  Thread.currentThread().interrupt();
                }
              }));
      History history = trainer.fit(examples(48, 12), null, 1);
      assertTrue(Thread.interrupted(), "the caller must be able to see it");
      assertSame(History.End.STOPPED, history.end());
      assertEquals(2, Checkpoint.read(folder).steps());
    }
  }

  @Test
  void anInterruptWhileWaitingForABatchStopsToo() {
    Examples data = examples(48, 12);
    BatchSource waiting = new InterruptedSource(data, 2);
    try (Network network = Nets.alexNet(1, 3)) {
      History history = Trainer.of(network).checkpoint(folder).fit(waiting, null, 1);
      assertTrue(Thread.interrupted());
      assertSame(History.End.STOPPED, history.end());
      assertEquals(2, Checkpoint.read(folder).steps());
      // and in validation
      History second = Trainer.of(network).checkpoint(folder).fit(data, waiting, 1);
      assertTrue(Thread.interrupted());
      assertSame(History.End.STOPPED, second.end());
      assertEquals(4, Checkpoint.read(folder).steps());
    }
  }

  @Test
  void weightsThatAreNoNumbersNeverReplaceAGoodCheckpoint() throws Exception {
    try (Network network = Nets.alexNet(1, 3)) {
      Trainer trainer = Trainer.of(network).checkpoint(folder);
      trainer.fit(examples(48, 12), null, 1);
      byte[] good = Files.readAllBytes(folder.resolve(Checkpoint.LAST));
      trainer.listener(
          onStep(
              p -> {
                network.parameters().get(0).value().set(Float.NaN, 0, 0, 0, 0);
                trainer.stop();
              }));
      DivergenceException e =
          assertThrows(DivergenceException.class, () -> trainer.fit(examples(48, 12), null, 2));
      assertTrue(e.getMessage().contains("'conv1.weight' has become NaN"), e.getMessage());
      assertArrayEquals(good, Files.readAllBytes(folder.resolve(Checkpoint.LAST)));
    }
  }

  @Test
  void earlyStoppingEndsWithoutProgress() {
    try (Network network = Nets.dense(Nets.CLASSES)) {
      History history =
          Trainer.of(network)
              .learningRate(1e-12f) // rounds away: nothing changes
              .earlyStopping(EarlyStopping.patience(3))
              .fit(examples(24, 12), validation(), 50);
      assertSame(History.End.NO_PROGRESS, history.end());
      assertEquals(4, history.epochs().size());
    }
  }

  @Test
  void earlyStoppingCountsFromTheLastRealProgress() {
    double[] losses = {3, 2.5, 2.45, 2.3, Double.NaN, 2.28};
    List<EpochRecord> records = new ArrayList<>();
    boolean[] due = {false, false, false, false, false, true};
    EarlyStopping stopping = new EarlyStopping(Metric.VALIDATION_LOSS, 2, 0.1);
    for (int i = 0; i < losses.length; i++) {
      records.add(new EpochRecord(i + 1, i, 0, 0, losses[i], 0, 0, 0, 0, 0));
      assertEquals(due[i], stopping.isDue(records), "after epoch " + (i + 1));
    }
    assertThrows(IllegalArgumentException.class, () -> EarlyStopping.patience(0));
    assertThrows(
        IllegalArgumentException.class, () -> new EarlyStopping(Metric.TRAIN_LOSS, 1, Double.NaN));
  }

  @Test
  void listenersHearOfEverythingInOrder() {
    List<String> heard = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void onStart(List<EpochRecord> earlier, int epochs) {
            heard.add("start " + earlier.size() + "/" + epochs);
          }

          @Override
          public void onStep(Progress p) {
            heard.add(
                String.format(
                    Locale.ROOT,
                    "step %d, epoch %d/%d, batch %d/%d",
                    p.step(),
                    p.epoch(),
                    p.epochs(),
                    p.batch(),
                    p.batches()));
            assertTrue(p.loss() > 0 && p.stepLoss() > 0 && p.imagesPerSecond() > 0);
            assertTrue(p.top1() >= 0 && p.top1() <= 1);
            assertEquals(0.01f, p.learningRate());
          }

          @Override
          public void onEpoch(EpochRecord record, Evaluation validation) {
            heard.add("epoch " + record.epoch());
            assertEquals(record.validationTop1(), validation.top1());
          }

          @Override
          public void onCheckpoint(Path file) {
            heard.add(file.getFileName().toString());
          }

          @Override
          public void onEnd(History history) {
            heard.add("end");
          }
        };
    try (Network network = Nets.dense(Nets.CLASSES)) {
      Trainer.of(network)
          .checkpoint(folder)
          .listener(listener)
          .fit(examples(24, 12), validation(), 1);
    }
    assertEquals(
        List.of(
            "start 0/1",
            "step 1, epoch 1/1, batch 1/2",
            "step 2, epoch 1/1, batch 2/2",
            "epoch 1",
            "best.safetensors",
            "last.safetensors",
            "end"),
        heard);
  }

  private void assertRefused(
      String message, BatchSource train, BatchSource validation, int epochs) {
    try (Network network = Nets.dense(Nets.CLASSES)) {
      Trainer trainer = Trainer.of(network);
      var e =
          assertThrows(
              IllegalArgumentException.class, () -> trainer.fit(train, validation, epochs));
      assertTrue(e.getMessage().contains(message), e.getMessage());
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    Examples good = examples(24, 12);
    assertRefused("epochs must be at least 1, not 0", good, null, 0);
    assertRefused(
        "the training data has 20 classes but the network 6 outputs: give the network as many",
        new Examples(Nets.IMAGE, 24, 12, 20, 1),
        null,
        1);
    assertRefused(
        "the validation data has 5 classes but the network 6 outputs",
        good,
        new Examples(Nets.IMAGE, 24, 12, 5, 1),
        1);
    assertRefused(
        "the training data has images of 3×8×8 but the network takes 3×16×16",
        new Examples(Shape.of(3, 8, 8), 24, 12, Nets.CLASSES, 1),
        null,
        1);
    assertRefused(
        "a batch of 25 is more than the training data's 24 examples", examples(24, 25), null, 1);
    assertRefused("the training data has no examples", examples(0, 12), null, 1);
    assertRefused("the validation data has no examples", good, examples(0, 12), 1);
    BatchSource renamed =
        new ForwardingSource(good) {
          @Override
          public List<String> classNames() {
            List<String> names = new ArrayList<>(super.classNames());
            Collections.swap(names, 2, 4);
            return names;
          }
        };
    assertRefused(
        "class 2 is '%s' in the training data and '%s' in the validation data"
            .formatted(good.classNames().get(2), good.classNames().get(4)),
        good,
        renamed,
        1);
    Examples mislabelled = examples(24, 12);
    mislabelled.label(3, Nets.CLASSES);
    assertRefused("a label of 6 in the data, but there are 6 classes", mislabelled, null, 1);
  }

  @Test
  void saysWhenASourceEndsEarly() {
    Examples data = examples(24, 12);
    BatchSource promisesMore =
        new ForwardingSource(data) {
          @Override
          public int size() {
            return 36;
          }
        };
    try (Network network = Nets.dense(Nets.CLASSES)) {
      var e =
          assertThrows(
              IllegalStateException.class, () -> Trainer.of(network).fit(promisesMore, null, 1));
      assertTrue(e.getMessage().contains("ended before the last batch"), e.getMessage());
      assertThrows(
          IllegalStateException.class, () -> Trainer.of(network).fit(data, promisesMore, 1));
    }
  }

  @Test
  void refusesSettingsOutOfRange() {
    try (Network network = Nets.dense(Nets.CLASSES)) {
      Trainer trainer = Trainer.of(network);
      for (Runnable setting :
          List.<Runnable>of(
              () -> trainer.learningRate(Float.NaN),
              () -> trainer.learningRate(-1),
              () -> trainer.accumulate(0),
              () -> trainer.checkpointEvery(0),
              () -> trainer.clipNorm(Float.NaN),
              () -> trainer.clipValue(0),
              () -> trainer.note("train.epoch", "7"))) {
        assertThrows(IllegalArgumentException.class, setting::run);
      }
      var e =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  Trainer.of(network)
                      .learningRate((step, epoch) -> step < 1 ? 0.1f : Float.NaN)
                      .fit(examples(24, 12), null, 1));
      assertTrue(e.getMessage().contains("NaN at step 2"), e.getMessage());
      e =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  Trainer.of(network)
                      .earlyStopping(EarlyStopping.patience(1))
                      .fit(examples(24, 12), null, 1));
      assertTrue(e.getMessage().contains("no validation data"), e.getMessage());
    }
  }

  @Test
  void refusesACheckpointFolderThatIsAFileBeforeTraining() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "");
    try (Network network = Nets.dense(Nets.CLASSES)) {
      List<float[]> before = weights(network);
      Trainer trainer = Trainer.of(network).checkpoint(file);
      var e = assertThrows(CheckpointException.class, () -> trainer.fit(examples(24, 12), null, 1));
      assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
      assertSameBits(before, weights(network));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void keepsTheTableOfEpochs(boolean resumed) throws Exception {
    Path csv = folder.resolve("runs").resolve("metrics.csv");
    try (Network network = Nets.dense(Nets.CLASSES)) {
      Trainer.of(network)
          .checkpoint(folder)
          .listener(new CsvMetrics(csv))
          .fit(examples(24, 12), validation(), 2);
    }
    int rows = 2;
    if (resumed) {
      Files.writeString(csv, Files.readString(csv) + "3,a row that no checkpoint knows of\n");
      try (Network network = Nets.dense(Nets.CLASSES)) {
        Trainer.of(network)
            .resume(folder)
            .listener(new CsvMetrics(csv))
            .fit(examples(24, 12), null, 4);
        rows = 4;
      }
    }
    List<String> lines = Files.readAllLines(csv);
    assertEquals(EpochRecord.CSV_HEADER, lines.get(0));
    assertEquals(rows + 1, lines.size());
    for (int row = 1; row <= rows; row++) {
      EpochRecord record = EpochRecord.ofCsv(lines.get(row));
      assertEquals(row, record.epoch());
      assertEquals(2L * row, record.steps());
      assertEquals(row > 2, Double.isNaN(record.validationLoss()));
      assertNotEquals(0, record.trainLoss());
    }
  }

  @Test
  void namesOfClassesThatACheckpointCannotKeepAreRefused() {
    try (Network network = Nets.dense(2)) {
      for (String name : List.of("", "a\nb", "cats\r")) {
        BatchSource data =
            new ForwardingSource(new Examples(Nets.IMAGE, 8, 4, 2, 1)) {
              @Override
              public List<String> classNames() {
                return List.of("dog", name);
              }
            };
        var e =
            assertThrows(
                IllegalArgumentException.class, () -> Trainer.of(network).fit(data, null, 1));
        String shown = name.replace("\n", "\\n").replace("\r", "\\r");
        assertTrue(e.getMessage().contains("a class named \"" + shown + "\""), e.getMessage());
      }
    }
  }

  @Test
  void constantWeightsAreRefusedBeforeAnythingBegins() {
    try (Network network = Nets.dense(Nets.CLASSES)) {
      network.weightsConstant(true);
      Trainer trainer =
          Trainer.of(network)
              .listener(
                  new TrainingListener() {
                    @Override
                    public void onStart(List<EpochRecord> earlier, int epochs) {
                      throw new AssertionError("has begun");
                    }
                  });
      assertThrows(IllegalStateException.class, () -> trainer.fit(examples(8, 4), null, 1));
      try (Network replica = network.replica(1)) {
        assertThrows(
            IllegalStateException.class, () -> Trainer.of(replica).fit(examples(8, 4), null, 1));
      }
    }
  }

  @Test
  void warnsOfASoftmaxBeforeThatOfTheLoss() {
    Graph graph =
        Graph.of(Nets.IMAGE)
            .then("flatten", new Flatten())
            .then("fc", Dense.of(Nets.CLASSES))
            .then("softmax", new Softmax())
            .build();
    List<String> warnings = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void onWarning(String warning) {
            warnings.add(warning);
          }
        };
    try (Network network = Nets.network(graph, 1, 1)) {
      Trainer.of(network).listener(listener).fit(examples(8, 4), null, 1);
      assertEquals(1, warnings.size());
      assertTrue(warnings.get(0).startsWith("the network ends in a softmax"), warnings.get(0));
      Trainer.of(network)
          .listener(listener)
          .loss(new MeanSquaredError())
          .fit(examples(8, 4), null, 1);
      assertEquals(1, warnings.size(), "which takes none");
    }
  }
}
