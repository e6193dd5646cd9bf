package io.alexnet.train;

import io.alexnet.format.AtomicFile;
import io.alexnet.format.OneLine;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A table of a training's figures in a text file: a header, and a line for each row. */
final class CsvTable {

  /** Of half a million rows; a table is held in memory, where a row may be ten times as large. */
  private static final long MOST_BYTES = 32_000_000;

  private static final int MOST_ROWS = 1_000_000;

  private CsvTable() {}

  /**
   * Begins the file anew with these rows, as a whole; missing folders are made.
   *
   * @throws UncheckedIOException if it cannot be written; the message names it
   */
  static void begin(Path file, String header, List<String> rows) {
    byte[] text = (header + "\n" + lines(rows)).getBytes(StandardCharsets.UTF_8);
    try {
      AtomicFile.write(file, output -> output.write(text));
    } catch (IOException e) {
      throw unwritable(file, e);
    }
  }

  /**
   * Writes further rows.
   *
   * @throws UncheckedIOException if it cannot be written; the message names it
   */
  static void append(Path file, List<String> rows) {
    try {
      Files.writeString(file, lines(rows), StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw unwritable(file, e);
    }
  }

  private static String lines(List<String> rows) {
    return rows.stream().map(row -> row + "\n").collect(Collectors.joining());
  }

  private static UncheckedIOException unwritable(Path file, IOException e) {
    return new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), e);
  }

  /**
   * The rows of a table.
   *
   * @param what the table is of, for the message if it is none
   * @param row makes a row of a line; throws {@link IllegalArgumentException} if it is none
   * @throws UncheckedIOException if it cannot be read or is not such a table; the message names it
   */
  static <T> List<T> read(Path file, String header, String what, Function<String, T> row) {
    try {
      List<T> rows = new ArrayList<>();
      forEachLine(file, header, what, line -> rows.add(row.apply(line)));
      return rows;
    } catch (IOException | IllegalArgumentException e) {
      String problem = e instanceof CharacterCodingException ? "not UTF-8" : e.getMessage();
      String message = OneLine.of("cannot read " + file + ": " + problem);
      throw new UncheckedIOException(message, new IOException(message, e));
    }
  }

  /**
   * Goes through the lines behind the header.
   *
   * @param what the table is of, for the message if it is none
   * @throws IOException if it cannot be read or is not such a table, perhaps after some lines were
   *     handed on
   */
  static void forEachLine(Path file, String header, String what, Consumer<String> action)
      throws IOException {
    if (Files.size(file) > MOST_BYTES) {
      throw new IOException("it is too large to be that of " + what);
    }
    try (BufferedReader reader = Files.newBufferedReader(file)) {
      if (!header.equals(reader.readLine())) {
        throw new IOException("its first line is not the header of " + what);
      }
      int lines = 0;
      for (String line; (line = reader.readLine()) != null; lines++) {
        if (lines == MOST_ROWS) {
          throw new IOException("it has more than " + MOST_ROWS + " rows");
        }
        action.accept(line);
      }
    }
  }
}
