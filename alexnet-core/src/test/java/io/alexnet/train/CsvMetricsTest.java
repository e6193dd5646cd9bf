package io.alexnet.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvMetricsTest {

  @TempDir Path folder;

  private static EpochRecord epoch(int number, double validation) {
    return new EpochRecord(
        number, 34L * number, 1 / 3.0, 0.1, validation, validation, validation, 0.01f, 97.3, 12);
  }

  @Test
  void whatIsWrittenIsReadToTheBit() {
    Path file = folder.resolve("metrics.csv");
    CsvMetrics metrics = new CsvMetrics(file);
    metrics.onStart(List.of(epoch(1, 0.2)), 2);
    metrics.onEpoch(epoch(2, Double.NaN), null);
    assertEquals(List.of(epoch(1, 0.2), epoch(2, Double.NaN)), CsvMetrics.read(file));
  }

  @Test
  void otherFilesAreRefusedByName() throws IOException {
    Path missing = folder.resolve("none.csv");
    Path foreign = Files.writeString(folder.resolve("foreign.csv"), "a,b\n1,2\n");
    Path broken = folder.resolve("broken.csv");
    new CsvMetrics(broken).onStart(List.of(epoch(1, 0.2)), 1);
    Files.writeString(broken, Files.readString(broken).replace("34", "many"));
    for (Path file : List.of(missing, foreign, broken)) {
      var thrown = assertThrows(UncheckedIOException.class, () -> CsvMetrics.read(file));
      assertTrue(thrown.getMessage().contains(file.toString()), thrown.getMessage());
    }
  }
}
