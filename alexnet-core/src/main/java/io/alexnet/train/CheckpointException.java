package io.alexnet.train;

import io.alexnet.format.OneLine;
import java.nio.file.Path;

/**
 * A checkpoint cannot be written, or cannot be read or used here: missing, damaged, not a
 * checkpoint, or of another model or training. The message is one line that names the file and what
 * is wrong or differs.
 */
public final class CheckpointException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  CheckpointException(Path file, String problem) {
    this(file + ": " + problem, null);
  }

  CheckpointException(String message, Throwable cause) {
    super(OneLine.of(message), cause);
  }
}
