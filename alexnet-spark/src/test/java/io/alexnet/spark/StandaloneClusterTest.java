package io.alexnet.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.train.Checkpoint;
import io.alexnet.train.CheckpointException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** On a master and three workers, of which two have executors: one is to spare. */
@Timeout(400)
class StandaloneClusterTest {

  private static final Logger LOG = LoggerFactory.getLogger(StandaloneClusterTest.class);

  private static final int EPOCHS = 20;

  @TempDir static Path folder;

  private static StandaloneCluster cluster;
  private static JavaSparkContext spark;

  @BeforeAll
  static void begin() throws Exception {
    cluster = new StandaloneCluster(folder.resolve("spark"), 3);
    spark = new JavaSparkContext(cluster.conf().set("spark.cores.max", "2"));
  }

  @AfterAll
  static void end() throws Exception {
    if (spark != null) {
      spark.close();
    }
    if (cluster != null) {
      cluster.close();
    }
  }

  /** By a relative path, which leads elsewhere from where an executor works. */
  private static SparkTraining fit(Path checkpoints) throws Exception {
    Path relative = Path.of("").toAbsolutePath().relativize(checkpoints.toAbsolutePath());
    return SparkTrainer.of(spark, Trainings::graph)
        .settings(Trainings::settings)
        .replicas(2)
        .checkpoint(relative.toString())
        .fit(Trainings.data(), EPOCHS);
  }

  private static void awaitStep(Path checkpoints, long step, Future<?> training) throws Exception {
    while (true) {
      if (training.isDone()) {
        training.get(); // says why, if it failed
        throw new IllegalStateException("the training was over before step " + step);
      }
      try {
        if (Checkpoint.read(checkpoints.resolve(Checkpoint.LAST)).steps() >= step) {
          return;
        }
      } catch (CheckpointException e) {
        // Not there yet, or just being moved.
      }
      Thread.sleep(20);
    }
  }

  @Test
  void goesOnWhenAnExecutorAndThenAWorkerAreKilled() throws Exception {
    SparkTraining undisturbed = fit(folder.resolve("undisturbed"));
    List<ReplicaReport> reports = undisturbed.replicas();
    assertNotEquals(reports.get(0).executor(), reports.get(1).executor());
    for (ReplicaReport report : reports) {
      assertTrue(report.kernels().startsWith("simd"), "Spark adds the module: " + report);
      assertEquals(1, report.threads());
      LOG.info("{}", report);
    }

    Path checkpoints = folder.resolve("killed");
    CompletableFuture<SparkTraining> training =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return fit(checkpoints);
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    awaitStep(checkpoints, 30, training);
    ProcessHandle executor = cluster.executors().get(0);
    LOG.info("killing executor process {}", executor.pid());
    assertTrue(executor.destroyForcibly());
    awaitStep(checkpoints, 60, training);
    LOG.info("killing a worker");
    cluster.killWorkerWithExecutor();
    SparkTraining killed = training.get();

    assertTrue(killed.replicas().get(0).steps() <= 6 * EPOCHS - 60, "went on, not anew");
    assertArrayEquals(Trainings.weights(undisturbed), Trainings.weights(killed));
    assertEquals(
        undisturbed.history().epochs().stream().map(Trainings::figures).toList(),
        killed.history().epochs().stream().map(Trainings::figures).toList());
  }
}
