package io.alexnet.format;

import java.io.IOException;

/**
 * A file does not hold what its format promises. The message is one line that names the file and
 * what is wrong with it.
 */
public class FormatException extends IOException {

  private static final long serialVersionUID = 1L;

  FormatException(String file, String problem) {
    super(OneLine.of(file + ": " + problem));
  }
}
