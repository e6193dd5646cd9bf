package io.alexnet.examples.cli;

import io.alexnet.data.source.Packer;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "pack",
    description = {
      "Decodes and resizes all images once and writes their pixels to a folder, from which"
          + " trainings read them (--data packed:DIR) without decoding anything.",
      "A test set that the data has stays apart; other data is split by each training."
    },
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  java -jar alexnet.jar pack --data folder:imagenet --out packed",
      "  java -jar alexnet.jar pack --data cifar10:cifar10 --out packed-cifar10 --side 32",
      "  java -jar alexnet.jar train --data packed:packed"
    })
final class PackCommand implements Runnable {

  private static final long MEGABYTE = 1 << 20;
  private static final long MAX_MEGABYTES = Integer.MAX_VALUE / MEGABYTE;

  @Spec private CommandSpec spec;

  @Option(
      names = "--data",
      order = 0,
      required = true,
      paramLabel = "DATA",
      description =
          "folder:PATH, list:PATH, flowers17:PATH, cifar10:PATH, mnist:PATH or"
              + " fashion-mnist:PATH, as for train.")
  private DataSource data;

  @Option(
      names = "--out",
      order = 1,
      required = true,
      paramLabel = "DIR",
      description = "Folder to pack into, new or empty.")
  private Path out;

  private int side = 256;

  @Option(
      names = "--side",
      order = 2,
      paramLabel = "PIXELS",
      description = "Length that each image's shorter side is brought to; 256 if not given.")
  void side(int pixels) {
    check(
        pixels >= 1 && pixels <= Packer.MAX_SIDE,
        "--side must be from 1 to " + Packer.MAX_SIDE + ", not " + pixels);
    side = pixels;
  }

  @Option(
      names = "--crop",
      order = 3,
      paramLabel = "NAME",
      description =
          "centre, if not given: the centre square, all that training uses. full: all of the image;"
              + " one more than 16 times as long as wide is left out.")
  private Packer.Crop crop = Packer.Crop.CENTRE;

  private long shardBytes = 1024 * MEGABYTE;

  @Option(
      names = "--shard-size",
      order = 4,
      paramLabel = "MB",
      description = "Largest size of a file; 1024 if not given, at most 2047.")
  void shardSize(int megabytes) {
    check(
        megabytes >= 1 && megabytes <= MAX_MEGABYTES,
        "--shard-size must be from 1 to " + MAX_MEGABYTES + " MB, not " + megabytes);
    shardBytes = megabytes * MEGABYTE;
  }

  @Mixin private ThreadsOption threads;

  private void check(boolean right, String message) {
    if (!right) {
      throw new ParameterException(spec.commandLine(), message);
    }
  }

  @Override
  public void run() {
    PrintWriter console = spec.commandLine().getOut();
    boolean leavesOutTest = data.hasTestBesideValidation(); // fails before hours of packing
    try (PackProgress progress = new PackProgress(console)) {
      Packer.Summary packed =
          data.pack(
              Packer.to(out)
                  .side(side)
                  .crop(crop)
                  .shardBytes(shardBytes)
                  .threads(threads.count())
                  .progress(progress));
      progress.close();
      console.printf(
          Locale.ROOT,
          "packed %d images into %s: %d shards, %.1f MB; %.1f s, %.1f images/s%n",
          packed.images(),
          out,
          packed.shards(),
          packed.bytes() / 1e6,
          progress.seconds(),
          (packed.images() + packed.skipped()) / progress.seconds());
      if (packed.skipped() > 0) {
        console.printf(
            Locale.ROOT,
            "skipped %d images that cannot be read; %s says why%n",
            packed.skipped(),
            out.resolve("index.tsv"));
      }
      if (leavesOutTest) {
        console.printf(
            "left out %s, which is for testing alone: evaluate RUN --data %s takes it as it is%n",
            data.path().resolve("test"), Quoted.of(data));
      }
      console.printf("next: train --data %s%n", Quoted.of("packed:" + out));
      console.flush();
    }
  }
}
