package io.alexnet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import io.alexnet.batch.BatchSource;
import io.alexnet.data.Batches;
import io.alexnet.data.ResizedImages;
import io.alexnet.data.Split;
import io.alexnet.data.image.Augment;
import io.alexnet.data.source.Shapes;
import io.alexnet.examples.chart.EpochChart;
import io.alexnet.graph.Graph;
import io.alexnet.graph.Network;
import io.alexnet.kernels.Window;
import io.alexnet.layer.Activation;
import io.alexnet.layer.BatchNorm;
import io.alexnet.layer.Conv2d;
import io.alexnet.layer.Dense;
import io.alexnet.layer.Dropout;
import io.alexnet.layer.Flatten;
import io.alexnet.layer.LocalResponseNorm;
import io.alexnet.layer.MaxPool2d;
import io.alexnet.tensor.Shape;
import io.alexnet.train.CsvMetrics;
import io.alexnet.train.CsvNorms;
import io.alexnet.train.EpochRecord;
import io.alexnet.train.Evaluation;
import io.alexnet.train.Trainer;
import io.alexnet.train.TrainingListener;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A training of very many small steps, as many as the property {@code soakSteps} says, with all
 * that goes with one: prefetching, augmentation, validation, checkpoints, tables. Heap, threads and
 * open files must not grow. {@code target/soak.csv} and {@code soak.png} have what was measured.
 */
class SoakTest {

  private static final int STEPS = Integer.getInteger("soakSteps", 2_000);
  private static final int EPOCHS = 50;
  private static final int BATCH = 4;

  /** A record of an epoch and its like may stay: less than this for all of them. */
  private static final long HEAP_GROWTH = 1 << 20;

  @TempDir Path temporary;

  private record Sample(int epoch, long step, long heap, int threads, long files) {
    static Sample now(EpochRecord record) {
      System.gc();
      var system = (UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
      return new Sample(
          record.epoch(),
          record.steps(),
          ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
          ManagementFactory.getThreadMXBean().getThreadCount(),
          system.getOpenFileDescriptorCount());
    }

    String toCsv() {
      return String.format(Locale.ROOT, "%d,%d,%d,%d,%d", epoch, step, heap, threads, files);
    }
  }

  private static Graph graph() {
    return Graph.of(Shape.of(3, 12, 12))
        .then("conv1", Conv2d.of(8, Window.square(3).padding(1)))
        .then("bn1", BatchNorm.keras())
        .then("relu1", Activation.relu())
        .then("norm1", LocalResponseNorm.paper())
        .then("pool1", MaxPool2d.of(Window.square(3).stride(2)))
        .then("flatten", new Flatten())
        .then("drop2", new Dropout(0.2f))
        .then("fc2", Dense.of(8))
        .build();
  }

  private static BatchSource batches(io.alexnet.data.Dataset images, Augment augment) {
    return Batches.of(ResizedImages.of(images, 14))
        .imageSize(12)
        .batchSize(BATCH)
        .shuffle(true)
        .seed(1)
        .augment(augment)
        .threads(2)
        .build();
  }

  private static double[] epochs(List<Sample> samples) {
    return figures(samples, Sample::epoch);
  }

  private static double[] figures(List<Sample> samples, ToDoubleFunction<Sample> figure) {
    return samples.stream().mapToDouble(figure).toArray();
  }

  @Test
  void heapThreadsAndFilesDoNotGrow() throws Exception {
    assumeTrue(
        ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean,
        "counts open files");
    int images = STEPS / EPOCHS * BATCH;
    Split split = Shapes.of(images * 5 / 4, 16, 1).split(0.8, 1);
    List<Sample> samples = new ArrayList<>();
    try (Network network = Network.builder(graph()).threads(3).build()) {
      Trainer.of(network)
          .learningRate(0.01f)
          .checkpoint(temporary.resolve("checkpoints"))
          .checkpointEvery(Math.max(1, STEPS / EPOCHS / 5))
          .listener(new CsvMetrics(temporary.resolve("metrics.csv")))
          .listener(new CsvNorms(temporary.resolve("norms.csv"), network))
          .listener(
              new TrainingListener() {
                @Override
                public void onEpoch(EpochRecord record, Evaluation validation) {
                  samples.add(Sample.now(record));
                }
              })
          .fit(
              batches(split.train(), Augment.paper().brightness(0.1).mixup(0.2)),
              batches(split.validation(), Augment.none()),
              EPOCHS);
    }
    List<String> lines = new ArrayList<>(List.of("epoch,step,heap_bytes,threads,open_files"));
    samples.forEach(sample -> lines.add(sample.toCsv()));
    Files.write(Path.of("target", "soak.csv"), lines);
    EpochChart.write(
        Path.of("target", "soak.png"),
        new EpochChart("Heap after collection", "MB", EPOCHS)
            .curve("heap", 0, epochs(samples), figures(samples, sample -> sample.heap / 1e6)),
        new EpochChart("Threads and open files", "", EPOCHS)
            .curve("threads", 0, epochs(samples), figures(samples, sample -> sample.threads))
            .curve("open files", 1, epochs(samples), figures(samples, sample -> sample.files)));

    Sample settled = samples.get(EPOCHS / 5);
    Sample last = samples.get(EPOCHS - 1);
    String seen = String.join("\n", lines);
    assertEquals(STEPS / EPOCHS * EPOCHS, last.step, seen);
    assertTrue(last.heap - settled.heap < HEAP_GROWTH, seen);
    assertTrue(last.threads <= settled.threads, seen); // those of other tests may end
    assertTrue(last.files <= settled.files, seen);
  }
}
