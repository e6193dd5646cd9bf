package io.alexnet.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * How many images a second several machines would train on together, computed from what was
 * measured on one: a table and a picture.
 *
 * <p>A step of n machines, each with a batch of b images, takes
 *
 * <pre>  b / rate  +  2 (n − 1) / n · (work + bytes · 8 / bandwidth)  +  2 · meeting</pre>
 *
 * <p>The first is what one machine computes, optimiser included. Work is the processor's on what is
 * exchanged (copying, adding, Netty), which two replicas on one machine were measured to take, less
 * their meetings: there the network costs nothing, and n = 2 makes the factor 1. Then there is the
 * wire, full duplex, every machine sending as it receives, and twice in a step the replicas wait
 * for each other. Nothing overlaps, all machines are equally fast, and the switch carries all of
 * them.
 *
 * <p>Local SGD exchanges weights and the optimiser's memory, twice as much, but only every K-th
 * step.
 */
@Command(
    name = "ScalingModel",
    mixinStandardHelpOptions = true,
    description = "Images a second of 1 to 64 machines, from what was measured on one.")
public final class ScalingModel implements Runnable {

  private static final int[] MACHINES = {1, 2, 4, 8, 16, 32, 64};

  @Option(names = "--rate", required = true, description = "Images a second of one machine.")
  double rate;

  @Option(
      names = "--exchange",
      required = true,
      description =
          "Seconds for an exchange between two replicas on one machine, 32 bits a number.")
  double exchange;

  @Option(
      names = "--exchange-bfloat16",
      required = true,
      description = "The same with 16 bits a number.")
  double exchange16;

  @Option(
      names = "--meeting",
      required = true,
      description = "Seconds for replicas to wait for each other once.")
  double meeting;

  @Option(
      names = "--parameters",
      defaultValue = "60965224",
      description = "Of the network: ${DEFAULT-VALUE} unless given, AlexNet's.")
  long parameters;

  @Option(
      names = "--batch",
      defaultValue = "128",
      description = "Images a step of each machine: ${DEFAULT-VALUE} unless given.")
  int batch;

  @Option(names = "--out", description = "PNG file for the picture.")
  Path out;

  @Spec private CommandSpec spec;

  /** One way to train together. */
  private record Way(String name, double gigabits, int bytes, double work, int batch, int every) {}

  public static void main(String[] args) {
    Program.run(new ScalingModel(), args);
  }

  @Override
  public void run() {
    Program.require(
        spec,
        rate > 0
            && batch > 0
            && parameters > 0
            && meeting >= 0
            && exchange > 2 * meeting
            && exchange16 > 2 * meeting,
        "rate, batch and parameters must be positive, and an exchange longer than two meetings");
    if (out != null) {
      Program.requireWritable(spec, "--out", out);
    }
    double work = exchange - 2 * meeting;
    double work16 = exchange16 - 2 * meeting;
    List<Way> ways = new ArrayList<>();
    for (double gigabits : new double[] {10, 25}) {
      ways.add(new Way("every step", gigabits, 4, work, batch, 1));
      ways.add(new Way("bfloat16", gigabits, 2, work16, batch, 1));
      ways.add(new Way("batch " + 4 * batch, gigabits, 4, work, 4 * batch, 1));
      ways.add(new Way("local SGD, K = 32", gigabits, 8, 2 * work, batch, 32));
    }
    System.out.printf(
        Locale.ROOT,
        "%,d parameters, %.1f images/s and a batch of %d on each machine%n%n",
        parameters,
        rate,
        batch);
    System.out.printf("%-28s", "machines");
    for (int n : MACHINES) {
      System.out.printf("%16d", n);
    }
    System.out.println();
    for (Way way : ways) {
      System.out.printf(Locale.ROOT, "%-28s", label(way));
      for (int n : MACHINES) {
        System.out.printf(
            Locale.ROOT, "%9.0f (%3.0f%%)", imagesPerSecond(way, n), 100 * efficiency(way, n));
      }
      System.out.println();
    }
    if (out != null) {
      draw(ways);
    }
  }

  private static String label(Way way) {
    return String.format(Locale.ROOT, "%.0f Gbit/s, %s", way.gigabits, way.name);
  }

  private double stepSeconds(Way way, int machines) {
    double compute = way.batch / rate;
    if (machines == 1) {
      return compute;
    }
    double share = 2.0 * (machines - 1) / machines;
    double wire = parameters * way.bytes * 8 / (way.gigabits * 1e9);
    return compute + (share * (way.work + wire) + 2 * meeting) / way.every;
  }

  private double imagesPerSecond(Way way, int machines) {
    return machines * way.batch / stepSeconds(way, machines);
  }

  private double efficiency(Way way, int machines) {
    return imagesPerSecond(way, machines) / (machines * rate);
  }

  private void draw(List<Way> ways) {
    double[] machines = Arrays.stream(MACHINES).asDoubleStream().toArray();
    Map<String, double[]> speeds = new LinkedHashMap<>();
    speeds.put("no exchange", Arrays.stream(machines).map(n -> n * rate).toArray());
    for (Way way : ways) {
      if (way.gigabits == 10 || way.name.equals("every step")) {
        speeds.put(
            label(way),
            Arrays.stream(MACHINES).mapToDouble(n -> imagesPerSecond(way, n)).toArray());
      }
    }
    ScalingPicture.draw(machines, speeds, out);
  }
}
