package io.alexnet.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.apache.spark.SparkEnv;

/**
 * A folder for as long as it is open, of a driver or an executor: there where Spark itself clears
 * up, if this JVM does not live to do so.
 */
final class TemporaryFolder implements AutoCloseable {

  private final Path path;

  TemporaryFolder() throws IOException {
    Path local = SparkEnv.get().blockManager().diskBlockManager().localDirs()[0].toPath();
    path = Files.createTempDirectory(local, "alexnet-");
  }

  Path path() {
    return path;
  }

  @Override
  public void close() throws IOException {
    try (Stream<Path> files = Files.walk(path)) {
      for (Path file : (Iterable<Path>) files.sorted(Comparator.reverseOrder())::iterator) {
        Files.delete(file);
      }
    }
  }
}
