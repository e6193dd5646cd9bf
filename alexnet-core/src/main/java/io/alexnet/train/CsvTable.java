package io.alexnet.train;

import io.alexnet.format.OneLine;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** A table of a training's figures in a text file: a header, and a line for each row. */
final class CsvTable {

  /** Of half a million rows; a table is held in memory, where a row may be ten times as large. */
  private static final long MOST_BYTES = 32_000_000;

  private static final int MOST_ROWS = 1_000_000;

  private CsvTable() {}

  /**
   * The rows of a table.
   *
   * @param what the table is of, for the message if it is none
   * @param row makes a row of a line; throws {@link IllegalArgumentException} if it is none
   * @throws UncheckedIOException if it cannot be read or is not such a table; the message names it
   */
  static <T> List<T> read(Path file, String header, String what, Function<String, T> row) {
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw new IOException("it is too large to be that of " + what);
      }
      try (BufferedReader reader = Files.newBufferedReader(file)) {
        if (!header.equals(reader.readLine())) {
          throw new IOException("its first line is not the header of " + what);
        }
        List<T> rows = new ArrayList<>();
        for (String line; (line = reader.readLine()) != null; ) {
          if (rows.size() == MOST_ROWS) {
            throw new IOException("it has more than " + MOST_ROWS + " rows");
          }
          rows.add(row.apply(line));
        }
        return rows;
      }
    } catch (IOException | IllegalArgumentException e) {
      String message = OneLine.of("cannot read " + file + ": " + e.getMessage());
      throw new UncheckedIOException(message, new IOException(message, e));
    }
  }
}
