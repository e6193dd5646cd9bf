package io.alexnet.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.SparkEnv;

/** What no training or prediction may leave in this JVM. */
final class Leftovers {

  private Leftovers() {}

  /** Neither temporary files nor threads. */
  static void assertNone() throws IOException {
    Path local = SparkEnv.get().blockManager().diskBlockManager().localDirs()[0].toPath();
    try (Stream<Path> files = Files.walk(local)) {
      assertEquals(
          List.of(), files.filter(f -> f.getFileName().toString().contains("alexnet")).toList());
    }
    assertEquals(
        List.of(),
        Thread.getAllStackTraces().keySet().stream()
            .map(Thread::getName)
            .filter(name -> name.startsWith("alexnet"))
            .toList());
  }
}
