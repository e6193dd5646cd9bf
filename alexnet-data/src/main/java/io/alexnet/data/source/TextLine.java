package io.alexnet.data.source;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.alexnet.data.DatasetException;
import java.io.BufferedReader;
import java.io.FilterReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A line of a text file that people write, and where it stands.
 *
 * @param number from 1
 * @param text without white space around it
 */
record TextLine(Path file, int number, String text) {

  private static final String BYTE_ORDER_MARK = "\uFEFF";

  /** About what a line takes in memory, with what is made of it. */
  private static final int LINE_BYTES = 400;

  /** More than a path, a name and a label can have. */
  private static final int LONGEST = 1 << 16;

  /** What the decoder puts in place of bytes that are not UTF-8. */
  private static final String UNREADABLE = "\uFFFD";

  /**
   * The lines of a UTF-8 file that are not blank.
   *
   * @throws DatasetException if the file cannot be read or holds nothing
   */
  static List<TextLine> read(Path file) {
    List<TextLine> lines = new ArrayList<>();
    int number = 0;
    long most = Runtime.getRuntime().maxMemory() / 4 * 3 / LINE_BYTES;
    try (BufferedReader reader =
        new BufferedReader(
            new LineLimit(new InputStreamReader(Files.newInputStream(file), UTF_8)))) {
      for (String text; (text = reader.readLine()) != null; ) {
        number++;
        text = number == 1 && text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
        if (!text.isBlank()) {
          lines.add(new TextLine(file, number, text.strip()));
        }
        if (lines.size() > most) {
          throw new DatasetException(
              file
                  + ": more than "
                  + most
                  + " lines, too many for the JVM's memory: give it more with -Xmx");
        }
        if (text.contains(UNREADABLE)) {
          throw lines.get(lines.size() - 1).wrong("not UTF-8");
        }
      }
    } catch (IOException e) {
      throw new DatasetException(file + ": cannot be read: " + e.getMessage(), e);
    }
    if (lines.isEmpty()) {
      throw new DatasetException(file + ": has no lines");
    }
    return lines;
  }

  /** Ends a line that would fill the heap: whoever reads lines keeps all of each. */
  private static final class LineLimit extends FilterReader {
    private int length;

    LineLimit(Reader reader) {
      super(reader);
    }

    @Override
    public int read(char[] buffer, int from, int most) throws IOException {
      int count = super.read(buffer, from, most);
      for (int i = from; i < from + count; i++) {
        length = buffer[i] == '\n' || buffer[i] == '\r' ? 0 : length + 1;
        if (length > LONGEST) {
          throw new IOException("a line of more than " + LONGEST + " characters");
        }
      }
      return count;
    }
  }

  /** What to throw if the line is not as it should be. */
  DatasetException wrong(String what) {
    return new DatasetException(file + ", line " + number + ": " + what);
  }
}
