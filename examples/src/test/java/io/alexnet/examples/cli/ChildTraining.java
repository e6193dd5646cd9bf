package io.alexnet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.format.AtomicFile;
import io.alexnet.format.SafeTensors;
import io.alexnet.train.Checkpoint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** A training of some seconds, in a JVM of its own, that writes as much as it computes. */
final class ChildTraining {

  private static final List<String> OPTIONS =
      List.of(
          ("train --model small --data shapes --images 32 --image-size 13 --batch-size 6"
                  + " --optimizer adam --augment crop,mirror,color-noise --seed 5"
                  + " --checkpoint-every 1")
              .split(" "));

  private ChildTraining() {}

  /**
   * Begins it in this folder, or goes on where one stands.
   *
   * @param launcher what comes before the command, as in {@code nice}
   * @param epochs of four steps, with a checkpoint after each step
   */
  static Process start(List<String> launcher, Path run, int epochs) throws IOException {
    List<String> command = new ArrayList<>(launcher);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx512m", "-XX:+UseSerialGC", "--add-modules", Main.VECTOR_MODULE));
    // Soon at full speed, where the vector kernels wait for C2.
    command.add("-Dio.alexnet.kernels.provider=scalar");
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(OPTIONS);
    command.addAll(List.of("--epochs", Integer.toString(epochs)));
    boolean begun = Files.exists(run.resolve("config.json"));
    command.addAll(List.of(begun ? "--resume" : "--out", run.toString()));
    ProcessBuilder process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(logFile(run).toFile()));
    process.environment().put("LC_ALL", "C"); // the system's messages in English
    return process.start();
  }

  private static Path logFile(Path run) {
    return run.resolveSibling(run.getFileName() + ".log");
  }

  /** What it has printed. */
  static String log(Path run) {
    try {
      return Files.readString(logFile(run), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** Whether it was stopped in writing a file. */
  static boolean hasLeftovers(Path run) throws IOException {
    if (!Files.exists(run)) {
      return false;
    }
    try (Stream<Path> files = Files.walk(run)) {
      return files.anyMatch(AtomicFile::isLeftover);
    }
  }

  /** Checks that two are the same to the last bit and file, but for what the clock says. */
  static void assertSameResult(Path expected, Path actual) throws IOException {
    for (String file :
        List.of(
            "model.safetensors",
            "checkpoints/" + Checkpoint.LAST,
            "checkpoints/" + Checkpoint.BEST)) {
      try (SafeTensors straight = SafeTensors.open(expected.resolve(file));
          SafeTensors killed = SafeTensors.open(actual.resolve(file))) {
        assertEquals(straight.names(), killed.names(), file);
        for (String name : straight.names()) {
          assertArrayEquals(bits(straight, name), bits(killed, name), file + ": " + name);
        }
      }
    }
    assertEquals(figures(expected), figures(actual), "metrics.csv");
    assertEquals(names(expected), names(actual), "and nothing else is left");
    assertEquals(
        Files.readString(expected.resolve("evaluation.json")),
        Files.readString(actual.resolve("evaluation.json")));
  }

  private static int[] bits(SafeTensors file, String name) throws IOException {
    float[] values = file.read(name).toArray();
    int[] bits = new int[values.length];
    Arrays.setAll(bits, i -> Float.floatToRawIntBits(values[i]));
    return bits;
  }

  /** The lines of the metrics without what the clock says. */
  private static List<String> figures(Path run) throws IOException {
    List<String> lines = Files.readAllLines(run.resolve("metrics.csv"));
    int columns = List.of(lines.get(0).split(",")).indexOf("images_per_second");
    assertTrue(columns > 5, lines.get(0));
    return lines.stream()
        .map(line -> String.join(",", List.of(line.split(",")).subList(0, columns)))
        .toList();
  }

  private static List<String> names(Path run) throws IOException {
    try (Stream<Path> files = Files.walk(run)) {
      return files.map(file -> run.relativize(file).toString()).sorted().toList();
    }
  }
}
