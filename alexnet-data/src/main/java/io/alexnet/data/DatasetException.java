package io.alexnet.data;

import io.alexnet.format.OneLine;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * A dataset that cannot be opened: a folder is missing, a class is empty, a file is not what its
 * place says. The message names it and says what is expected, in one line.
 */
public final class DatasetException extends UncheckedIOException {

  private static final long serialVersionUID = 1;

  public DatasetException(String message) {
    this(message, null);
  }

  public DatasetException(String message, Throwable cause) {
    super(OneLine.of(message), new IOException(message, cause));
  }
}
