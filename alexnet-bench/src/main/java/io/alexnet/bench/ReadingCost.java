package io.alexnet.bench;

import com.sun.management.OperatingSystemMXBean;
import io.alexnet.batch.BatchSource;
import io.alexnet.data.Batches;
import io.alexnet.data.Dataset;
import io.alexnet.data.ImageStatistics;
import io.alexnet.data.ResizedImages;
import io.alexnet.data.image.Augment;
import io.alexnet.data.source.PackedImages;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * What it costs to make batches of packed images, in processor time of the whole process, which
 * other work on the machine does not change much: reading an image with its checksum, and all of
 * it, with the paper's augmentation.
 */
@Command(
    name = "ReadingCost",
    mixinStandardHelpOptions = true,
    description = "Measures the processor time for making batches of packed images.")
public final class ReadingCost implements Runnable {

  @Parameters(paramLabel = "DIR", description = "Written by the command pack.")
  private Path folder;

  @Option(names = "--size", description = "Pixels of a crop's side; ${DEFAULT-VALUE}.")
  private int size = 227;

  @Option(names = "--side", description = "That it is cut from; ${DEFAULT-VALUE}.")
  private int side = 256;

  @Option(names = "--rate", description = "Images a second of the training; ${DEFAULT-VALUE}.")
  private int rate = 150;

  @Option(names = "--epochs", description = "The first one warms up; ${DEFAULT-VALUE}.")
  private int epochs = 5;

  private final OperatingSystemMXBean system =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  @Spec private CommandSpec spec;

  ReadingCost() {}

  public static void main(String[] args) {
    Program.run(new ReadingCost(), args);
  }

  private void require(boolean holds, String message) {
    Program.require(spec, holds, message);
  }

  @Override
  public void run() {
    require(size >= 1, "--size must be at least 1, not " + size);
    require(side >= size, "--side must be at least --size, " + size + ", not " + side);
    require(rate >= 1, "--rate must be at least 1, not " + rate);
    require(epochs >= 1, "--epochs must be at least 1, not " + epochs);
    Dataset dataset = PackedImages.split(folder, 0.9, 1).train();
    ResizedImages images = ResizedImages.of(dataset, side).cacheBytes(0); // read anew each time
    ImageStatistics statistics = ImageStatistics.of(images, 1);
    BatchSource batches =
        Batches.of(images)
            .imageSize(size)
            .batchSize(Math.min(64, dataset.size()))
            .shuffle(true)
            .augment(Augment.paper(statistics.principalColors()))
            .normalization(statistics.meanPixel())
            .threads(1)
            .build();
    for (int epoch = 0; epoch < epochs; epoch++) {
      long begun = system.getProcessCpuTime();
      for (int i = 0; i < dataset.size(); i++) {
        images.pixels(i);
      }
      long read = system.getProcessCpuTime();
      try (BatchSource.Batches open = batches.open(epoch, 0)) {
        while (open.next() != null) {}
      }
      long made = system.getProcessCpuTime();
      double reading = (read - begun) / 1e6 / dataset.size();
      double all = (made - read) / 1e6 / dataset.size();
      System.out.printf(
          Locale.ROOT,
          "epoch %d: reading %.3f ms an image, all %.3f ms: %.1f %% of a core at %d images/s%n",
          epoch + 1,
          reading,
          all,
          all * rate / 10,
          rate);
    }
  }
}
