package io.alexnet.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.batch.BatchSource;
import io.alexnet.data.Batches;
import io.alexnet.data.Dataset;
import io.alexnet.data.ResizedImages;
import io.alexnet.data.image.Image;
import io.alexnet.data.image.ImageException;
import io.alexnet.data.source.ImageFolder;
import io.alexnet.data.source.PackedImages;
import io.alexnet.data.source.Packer;
import io.alexnet.data.source.Shapes;
import io.alexnet.graph.Graph;
import io.alexnet.graph.Network;
import io.alexnet.layer.Dense;
import io.alexnet.tensor.Shape;
import io.alexnet.train.Checkpoint;
import io.alexnet.train.EpochRecord;
import io.alexnet.train.History;
import io.alexnet.train.Progress;
import io.alexnet.train.Trainer;
import io.alexnet.train.TrainingListener;
import io.alexnet.zoo.AlexNet;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkException;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rpc.RpcEndpointRef;
import org.apache.spark.rpc.RpcTimeout;
import org.apache.spark.util.RpcUtils;
import org.apache.spark.util.TaskCompletionListener;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.concurrent.Await;
import scala.concurrent.Future;
import scala.concurrent.duration.Duration;
import scala.reflect.ClassTag;

/** With Spark in this JVM: three replicas at most. */
@Timeout(300)
class SparkTrainerTest {

  private static final Logger LOG = LoggerFactory.getLogger(SparkTrainerTest.class);

  private static final Duration SOON = Duration.create(30, TimeUnit.SECONDS);

  /** Of each step that replicas, which are in this JVM, have taken: whether Spark wanted none. */
  private static final Queue<Boolean> STEPS = new ConcurrentLinkedQueue<>();

  /** Has a permit for each replica that has ended. */
  private static final Semaphore ENDED = new Semaphore(0);

  private static JavaSparkContext spark;
  private static History aloneHistory;
  private static float[] alone;

  @TempDir Path folder;

  /** How far sums in another order may take trainings apart in 24 steps; measured: 8·10⁻⁸. */
  private static final double DRIFT = 1e-6;

  @BeforeAll
  static void begin() {
    spark =
        new JavaSparkContext(
            new SparkConf()
                .setMaster("local[3, 4]")
                .setAppName("test")
                .set("spark.ui.enabled", "false"));
    try (Network network = Trainings.network()) {
      aloneHistory = Trainings.alone(network, Trainings.EPOCHS);
      alone = Trainings.weights(network);
    }
  }

  @AfterAll
  static void end() {
    if (spark != null) { // else it has not begun
      spark.close();
    }
  }

  private static SparkTrainer trainer(int replicas) {
    return SparkTrainer.of(spark, Trainings::graph)
        .settings(Trainings::settings)
        .replicas(replicas);
  }

  private static SparkTraining fit(SparkTrainer trainer) throws IOException {
    return trainer.fit(Trainings.data(), Trainings.EPOCHS);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void replicasHaveTheWeightsOfOneNetwork(int replicas) throws Exception {
    Queue<EpochRecord> epochs = new ConcurrentLinkedQueue<>();
    SparkTraining training = fit(trainer(replicas).onEpoch(epochs::add));
    assertEquals(training.history().epochs(), List.copyOf(epochs));
    double error = Trainings.relativeError(alone, Trainings.weights(training));
    LOG.info("{} replicas, 24 steps: relative error {}", replicas, error);
    assertTrue(error < DRIFT, "relative error " + error);
    for (int epoch = 0; epoch < Trainings.EPOCHS; epoch++) {
      EpochRecord expected = aloneHistory.epochs().get(epoch);
      EpochRecord actual = training.history().epochs().get(epoch);
      assertEquals(6 * (epoch + 1), expected.steps());
      assertEquals(expected.steps(), actual.steps());
      assertEquals(expected.trainLoss(), actual.trainLoss(), DRIFT);
      assertEquals(expected.validationLoss(), actual.validationLoss(), DRIFT);
      assertEquals(expected.validationTop1(), actual.validationTop1());
    }
    assertEquals(replicas, training.replicas().size());
    for (ReplicaReport report : training.replicas()) {
      assertTrue(report.kernels().startsWith("simd"), report.kernels());
      assertEquals(1, report.threads());
      assertEquals(24, report.steps());
      assertTrue(report.exchangeSeconds() < report.seconds());
      assertEquals(replicas > 1, report.bytesFetched() > 0);
    }
  }

  /** As networks of many millions of weights have them; of ours a slice is less than one. */
  @Test
  void slicesOfManyBlocksGiveTheSameBits() throws Exception {
    SparkTrainer trainer = trainer(3);
    trainer.blockLength = 1000;
    SparkTraining inBlocks = trainer.fit(Trainings.data(), 1);
    SparkTraining inSlices = trainer(3).fit(Trainings.data(), 1);
    float[] expected = Trainings.weights(inSlices);
    assertTrue(expected.length / 3 > 10 * trainer.blockLength, "weights: " + expected.length);
    assertArrayEquals(expected, Trainings.weights(inBlocks));
    assertEquals(
        inSlices.replicas().get(0).bytesFetched(), inBlocks.replicas().get(0).bytesFetched());
  }

  @Test
  void weightsForAnotherNetworkAreRefused() throws Exception {
    SparkTraining training = trainer(1).fit(Trainings.data(), 1);
    try (Network other =
        Network.builder(Graph.of(Shape.of(8)).then("fc", Dense.of(2)).build()).build()) {
      IllegalArgumentException refused =
          assertThrows(IllegalArgumentException.class, () -> training.loadInto(other));
      assertTrue(refused.getMessage().startsWith("the trained weights: "), refused.getMessage());
      assertFalse(refused.getMessage().contains("alexnet-weights-"), "a copy that is gone");
    }
  }

  @Test
  void theSameNumberOfReplicasGivesTheSameBits() throws Exception {
    assertArrayEquals(Trainings.weights(fit(trainer(2))), Trainings.weights(fit(trainer(2))));
  }

  @Test
  void halfOfTheBytesTravelAsBfloat16() throws Exception {
    SparkTraining whole = fit(trainer(2));
    SparkTraining half = fit(trainer(2).gradientFormat(GradientFormat.BFLOAT16));
    long evaluations = 2 * Trainings.EPOCHS * 9 * 8 * 4; // their counts travel as they are
    assertEquals(
        whole.replicas().get(0).bytesFetched() / 2,
        half.replicas().get(0).bytesFetched(),
        evaluations);
    double error = Trainings.relativeError(Trainings.weights(whole), Trainings.weights(half));
    assertTrue(error > 1e-6 && error < 0.05, "relative error " + error);
  }

  @Test
  void localSgdExchangesLess() throws Exception {
    SparkTraining every = fit(trainer(2));
    SparkTraining third = fit(trainer(2).averageEvery(3));
    assertEquals(24, third.history().epochs().get(Trainings.EPOCHS - 1).steps());
    // Weights and momentum, in every third step.
    assertEquals(
        2.0 / 3,
        (double) third.replicas().get(0).bytesFetched() / every.replicas().get(0).bytesFetched(),
        0.01);
    double apart = Trainings.relativeError(Trainings.weights(every), Trainings.weights(third));
    assertTrue(apart > 100 * DRIFT, "relative difference " + apart);
  }

  /** The same photographs from a folder, packed, and drawn by the program: the same weights. */
  @Test
  void imageFoldersAndPackedImagesFeedReplicas() throws Exception {
    Shapes shapes = Shapes.of(48, 28, 1);
    for (int i = 0; i < shapes.size(); i++) {
      Path file = folder.resolve("photos/" + shapes.classNames().get(shapes.label(i)));
      Files.createDirectories(file);
      ImageIO.write(picture(shapes.image(i)), "png", file.resolve(i + ".png").toFile());
    }
    String photos = folder.resolve("photos").toString();
    String packed = folder.resolve("packed").toString();
    Packer.to(Path.of(packed)).side(28).pack(ImageFolder.in(Path.of(photos)));
    ReplicaData<Integer> ofFolder =
        (rows, rank, count) -> part(ImageFolder.in(Path.of(photos)), rank, count);
    ReplicaData<Integer> ofPacked =
        (rows, rank, count) -> part(PackedImages.in(Path.of(packed)), rank, count);
    SparkTraining fromFolder = trainer(2).fit(ofFolder, 2);
    SparkTraining fromPacked = trainer(2).fit(ofPacked, 2);
    assertEquals(6, fromPacked.replicas().get(1).steps());
    assertArrayEquals(Trainings.weights(fromFolder), Trainings.weights(fromPacked));
  }

  private static ReplicaData.Part part(Dataset images, int rank, int count) {
    BatchSource train =
        Batches.of(ResizedImages.of(images, 28))
            .imageSize(24)
            .batchSize(16)
            .shuffle(true)
            .part(rank, count)
            .build();
    return new ReplicaData.Part(train, null);
  }

  private static BufferedImage picture(Image image) {
    BufferedImage picture =
        new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < image.width() * image.height(); i++) {
      int rgb = 0;
      for (int channel = 0; channel < 3; channel++) {
        rgb = rgb << 8 | image.pixels()[3 * i + channel] & 0xff;
      }
      picture.setRGB(i % image.width(), i / image.width(), rgb);
    }
    return picture;
  }

  @Test
  void checkpointsAreKeptAndResumedFrom() throws Exception {
    String path = folder.resolve("run").toUri().toString();
    trainer(2).checkpoint(path).fit(Trainings.data(), 2);
    assertEquals(12, Checkpoint.read(folder.resolve("run/last.safetensors")).steps());
    assertEquals(6, Checkpoint.read(folder.resolve("run/last-1.safetensors")).steps());
    assertTrue(Files.exists(folder.resolve("run/best.safetensors")));

    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> fit(trainer(2).checkpoint(path)));
    assertTrue(refused.getMessage().contains("resume()"), refused.getMessage());

    SparkTraining resumed = fit(trainer(2).checkpoint(path).resume());
    SparkTraining undisturbed = fit(trainer(2));
    assertArrayEquals(Trainings.weights(undisturbed), Trainings.weights(resumed));
    assertEquals(
        undisturbed.history().epochs().stream().map(Trainings::figures).toList(),
        resumed.history().epochs().stream().map(Trainings::figures).toList());
  }

  @Test
  void aWorseEpochAfterAResumeLeavesTheBestAlone() throws Exception {
    String path = folder.resolve("run").toUri().toString();
    trainer(2).checkpoint(path).fit(Trainings.data(), 2);
    Path best = folder.resolve("run/best.safetensors");
    byte[] before = Files.readAllBytes(best);
    SparkTraining worse =
        trainer(2)
            .checkpoint(path)
            .resume()
            .settings(
                (trainer, network) -> {
                  Trainings.settings(trainer, network);
                  trainer.learningRate(2f).clipNorm(5);
                })
            .fit(Trainings.data(), 3);
    List<EpochRecord> epochs = worse.history().epochs();
    int kept = Checkpoint.read(best).epochs().size();
    assertTrue(epochs.get(2).validationTop1() < epochs.get(kept - 1).validationTop1());
    assertArrayEquals(before, Files.readAllBytes(best));
  }

  /** One machine goes on where the cluster has stopped. */
  @Test
  void checkpointsAreThoseOfOneMachine() throws Exception {
    String path = folder.resolve("run").toUri().toString();
    trainer(3).checkpoint(path).fit(Trainings.data(), 2);
    try (Network network = Trainings.network()) {
      Trainer trainer = Trainer.of(network);
      Trainings.settings(trainer, network);
      trainer.resume(folder.resolve("run"));
      trainer.fit(Trainings.train(0, 1), Trainings.validation(0, 1), Trainings.EPOCHS);
      double error = Trainings.relativeError(alone, Trainings.weights(network));
      assertTrue(error < DRIFT, "relative error " + error);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aDamagedCheckpointIsNotUsed(boolean hadoopNotices) throws Exception {
    String path = folder.resolve("run").toUri().toString();
    trainer(2).checkpoint(path).fit(Trainings.data(), 2);
    Path last = folder.resolve("run/last.safetensors");
    byte[] bytes = Files.readAllBytes(last);
    bytes[bytes.length - 5]++;
    Files.write(last, bytes);
    if (!hadoopNotices) {
      Files.delete(folder.resolve("run/.last.safetensors.crc")); // its own checksums
    }
    SparkTraining resumed = fit(trainer(2).checkpoint(path).resume());
    assertEquals(18, resumed.replicas().get(0).steps(), "from the end of the first epoch");
    assertArrayEquals(Trainings.weights(fit(trainer(2))), Trainings.weights(resumed));
  }

  private record Unreadable(Dataset images) implements Dataset {
    @Override
    public int size() {
      return images.size();
    }

    @Override
    public int channels() {
      return images.channels();
    }

    @Override
    public List<String> classNames() {
      return images.classNames();
    }

    @Override
    public int label(int index) {
      return images.label(index);
    }

    @Override
    public String name(int index) {
      return images.name(index);
    }

    @Override
    public Image image(int index) {
      throw new ImageException(name(index), "made to fail");
    }
  }

  @Test
  void anEpochWhoseValidationFailsIsKept() throws Exception {
    String path = folder.resolve("run").toUri().toString();
    ReplicaData<Integer> broken =
        (rows, rank, count) -> {
          if (rank > 0) {
            return Trainings.part(rank, count);
          }
          Dataset images = new Unreadable(Shapes.of(75, 28, 2));
          return new ReplicaData.Part(
              Trainings.train(rank, count),
              Batches.of(ResizedImages.of(images, 28))
                  .imageSize(24)
                  .batchSize(40)
                  .part(rank, count)
                  .build());
        };
    assertThrows(Exception.class, () -> trainer(2).checkpoint(path).fit(broken, 1));
    Checkpoint kept = Checkpoint.read(folder.resolve("run/last.safetensors"));
    assertEquals(6, kept.steps());
    assertEquals(0, kept.epochs().size());
  }

  @Test
  void aTaskMayFailOnceAndIsTriedAgainWithAllOthers() throws Exception {
    Path marker = folder.resolve("failed");
    String path = folder.resolve("run").toUri().toString();
    String markerPath = marker.toString();
    SparkTraining training =
        trainer(2)
            .checkpoint(path)
            .settings(
                (trainer, network) -> {
                  Trainings.settings(trainer, network);
                  trainer.listener(new FailsOnce(markerPath, 9));
                })
            .fit(Trainings.data(), Trainings.EPOCHS);
    assertTrue(Files.exists(marker));
    assertEquals(18, training.replicas().get(0).steps(), "from the end of the first epoch");
    assertArrayEquals(Trainings.weights(fit(trainer(2))), Trainings.weights(training));
  }

  /** Also when the replicas have nothing to tell each other for long. */
  @Test
  void replicasOfAJobThatIsCancelledEndAtTheirNextStep() throws Exception {
    STEPS.clear();
    ENDED.drainPermits();
    ReplicaData<Integer> data =
        (rows, rank, count) -> {
          TaskCompletionListener ended = task -> ENDED.release();
          TaskContext.get().addTaskCompletionListener(ended);
          return new ReplicaData.Part(
              Batches.of(ResizedImages.of(Shapes.of(200, 28, 1), 28))
                  .imageSize(24)
                  .batchSize(2)
                  .part(rank, count)
                  .build(),
              null);
        };
    CompletableFuture<SparkTraining> training =
        CompletableFuture.supplyAsync(
            () -> {
              spark.setJobGroup("to be cancelled", "a test");
              try {
                return trainer(2)
                    .averageEvery(1000)
                    .settings((trainer, network) -> trainer.listener(new SlowSteps()))
                    .fit(data, 1);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              } finally {
                spark.clearJobGroup();
              }
            });
    while (STEPS.size() < 2 * 3) {
      assertFalse(training.isDone());
      Thread.sleep(10);
    }
    spark.cancelJobGroup("to be cancelled");
    assertThrows(ExecutionException.class, () -> training.get(30, TimeUnit.SECONDS));
    assertTrue(ENDED.tryAcquire(2, 30, TimeUnit.SECONDS), "replicas go on");
    long late = STEPS.stream().filter(cancelled -> cancelled).count();
    assertTrue(late <= 2, late + " steps of two replicas, each of which had one under way");
  }

  private static final class SlowSteps implements TrainingListener {

    @Override
    public void onStep(Progress progress) {
      STEPS.add(TaskContext.get().isInterrupted());
      try {
        Thread.sleep(50);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Test
  void numbersGoingWrongEndTheTrainingAtOnce() {
    DistributedTrainingException failure =
        assertThrows(
            DistributedTrainingException.class,
            () ->
                trainer(2)
                    .settings((trainer, network) -> trainer.learningRate(1e30f))
                    .fit(Trainings.data(), Trainings.EPOCHS));
    assertTrue(failure.getMessage().contains("learning rate"), failure.getMessage());
    assertFalse(failure.getMessage().startsWith("replica"), failure.getMessage());
  }

  @Test
  void whatIsWrongWithTheDataIsSaid() {
    SparkException failure =
        assertThrows(
            SparkException.class,
            () ->
                trainer(2)
                    .fit(
                        (rows, rank, count) -> {
                          throw new IOException("no such folder: /photographs");
                        },
                        1));
    assertTrue(failure.getMessage().contains("no such folder: /photographs"));
  }

  @Test
  void theCostOfAnExchangeIsMeasured() {
    ExchangeCost cost = new ExchangeCost(spark, 2, 3);
    assertEquals(3, cost.waiting().length);
    for (GradientFormat format : GradientFormat.values()) {
      assertTrue(Arrays.stream(cost.bySlices(100_001, format)).allMatch(seconds -> seconds > 0));
    }
    assertTrue(Arrays.stream(cost.byTree(100_001)).allMatch(seconds -> seconds > 0));
    assertThrows(IllegalArgumentException.class, () -> new ExchangeCost(spark, 2, 0));
    assertThrows(IllegalArgumentException.class, () -> cost.byTree(0));
  }

  @Test
  void optionsAreChecked() {
    assertThrows(IllegalArgumentException.class, () -> trainer(0));
    assertThrows(IllegalArgumentException.class, () -> trainer(2).averageEvery(0));
    assertThrows(IllegalArgumentException.class, () -> trainer(2).checkpointEvery(0));
    assertThrows(IllegalArgumentException.class, () -> trainer(2).fit(Trainings.data(), 0));
    assertThrows(IllegalArgumentException.class, () -> fit(trainer(2).resume()));
    assertThrows(IllegalArgumentException.class, () -> fit(trainer(2).checkpointEvery(5)));
    assertThrows(IOException.class, () -> fit(trainer(2).checkpoint("nowhere://host/run")));
    IllegalArgumentException format =
        assertThrows(
            IllegalArgumentException.class,
            () -> fit(trainer(2).averageEvery(2).gradientFormat(GradientFormat.BFLOAT16)));
    assertTrue(format.getMessage().contains("set averageEvery to 1"), format.getMessage());
    IllegalArgumentException partitions =
        assertThrows(
            IllegalArgumentException.class,
            () -> trainer(2).fit(spark.parallelize(List.of(1, 2, 3), 3), Trainings.data(), 1));
    assertTrue(partitions.getMessage().contains("3 partitions for 2 replicas"));
  }

  /** Spark leaves those waiting whom another's lost rows concern, until the stage is run anew. */
  @Test
  void whoWaitsForAReplicaThatHasFailedFailsToo() throws Exception {
    ClassTag<String[]> tag = ClassTag.apply(String[].class);
    RpcTimeout timeout = RpcTimeout.apply(spark.getConf(), "spark.barrier.sync.timeout", "365d");
    try (MeetingPoint point = new MeetingPoint(spark.sc(), epoch -> {})) {
      RpcEndpointRef reference =
          RpcUtils.makeDriverRef(point.name(), spark.getConf(), spark.sc().env().rpcEnv());
      var waiting = reference.<String[]>ask(new String[] {"0", "0", "2", "x"}, timeout, tag);
      reference.send(new String[] {"0", "replica 1 has failed: its disk"});
      assertFails(waiting);
      assertFails(reference.ask(new String[] {"0", "0", "2", "x"}, timeout, tag)); // later
      var anew = reference.<String[]>ask(new String[] {"1", "0", "2", "x"}, timeout, tag);
      reference.send(new String[] {"0", "replica 1 has failed: of the attempt before"});
      reference.<String[]>ask(new String[] {"1", "1", "2", "y"}, timeout, tag);
      assertArrayEquals(new String[] {"x", "y"}, Await.result(anew, SOON));
    }
  }

  private static void assertFails(Future<String[]> answer) {
    var failure = assertThrows(IllegalStateException.class, () -> Await.result(answer, SOON));
    assertEquals("replica 1 has failed: its disk", failure.getMessage());
  }

  @Test
  void weightsThatCannotComeToTheDriverAreNotTrained() {
    for (int side : new int[] {600, 1200}) {
      var refused =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  SparkTrainer.of(spark, () -> AlexNet.paper().imageSize(side).graph())
                      .fit(Trainings.data(), 1));
      String reason = side == 600 ? "spark.driver.maxResultSize" : "more than 2 GB";
      assertTrue(refused.getMessage().contains(reason), refused.getMessage());
    }
  }

  @Test
  void nothingIsLeftBehind() throws Exception {
    fit(trainer(2));
    Leftovers.assertNone();
    assertEquals(
        0,
        scala.jdk.javaapi.CollectionConverters.asJava(
                org.apache.spark.SparkEnv.get()
                    .blockManager()
                    .getMatchingBlockIds(
                        new scala.runtime.AbstractFunction1<>() {
                          @Override
                          public Object apply(org.apache.spark.storage.BlockId id) {
                            return id.name().contains("alexnet");
                          }
                        }))
            .size());
  }
}
