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
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Trainings that are killed, at random moments and as often as the property {@code kills} says,
 * with the signal that no program can catch. Each goes on until it is through, and must then have
 * the bits of one that was left alone.
 */
class KillTest {

  private static final int KILLS = Integer.getInteger("kills", 30);

  /** A training of some seconds that writes as much as it computes. */
  private static final List<String> TRAINING =
      List.of(
          ("train --model small --data shapes --images 60 --image-size 16 --batch-size 12 --epochs 20"
                  + " --optimizer adam --augment crop,mirror,color-noise --seed 5")
              .split(" "));

  @TempDir Path temporary;

  private final Random random = new Random(1);

  @Test
  @Timeout(value = 2, unit = TimeUnit.HOURS)
  void aKilledTrainingEndsAsIfItHadNotBeen() throws Exception {
    Path undisturbed = temporary.resolve("undisturbed");
    assertEquals(0, start(undisturbed).waitFor(), () -> log(undisturbed));
    int kills = 0;
    int duringWrites = 0;
    for (int training = 1; kills < KILLS; training++) {
      Path run = temporary.resolve("run-" + training);
      while (true) {
        Process process = start(run);
        try {
          if (kills == KILLS || !isRunningAtItsEnd(process, run, kills % 2 == 0)) {
            assertEquals(0, process.waitFor(), () -> log(run));
            break;
          }
        } finally {
          process.destroyForcibly().waitFor();
        }
        kills++;
        duringWrites += hasLeftovers(run) ? 1 : 0;
      }
      assertSameResult(undisturbed, run);
    }
    System.out.printf(
        "%d kills survived, %d of them while a file was written%n", kills, duringWrites);
    assertTrue(duringWrites > 0, "no kill came while a file was written");
  }

  /**
   * Waits for the moment to kill the process, unless it ends before.
   *
   * @param writing whether it must be writing a checkpoint then
   */
  private boolean isRunningAtItsEnd(Process process, Path run, boolean writing) throws Exception {
    // Up to a second is the start of the JVM.
    if (process.waitFor(300 + random.nextInt(2000), TimeUnit.MILLISECONDS)) {
      return false;
    }
    Path checkpoint = run.resolve("checkpoints/.next.safetensors.tmp");
    while (writing && process.isAlive() && !Files.exists(checkpoint)) {
      Thread.sleep(1);
    }
    return process.isAlive();
  }

  private static Process start(Path run) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx512m", "-XX:+UseSerialGC", "--add-modules", Main.VECTOR_MODULE));
    // Soon at full speed, where the vector kernels wait for C2.
    command.add("-Dio.alexnet.kernels.provider=scalar");
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(TRAINING);
    command.addAll(List.of("--checkpoint-every", "1"));
    boolean begun = Files.exists(run.resolve("config.json"));
    command.addAll(List.of(begun ? "--resume" : "--out", run.toString()));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(logFile(run).toFile()))
        .start();
  }

  private static Path logFile(Path run) {
    return run.resolveSibling(run.getFileName() + ".log");
  }

  private static String log(Path run) {
    try {
      return Files.readString(logFile(run), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static boolean hasLeftovers(Path run) throws IOException {
    if (!Files.exists(run)) {
      return false;
    }
    try (Stream<Path> files = Files.walk(run)) {
      return files.anyMatch(AtomicFile::isLeftover);
    }
  }

  private static void assertSameResult(Path expected, Path actual) throws IOException {
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
