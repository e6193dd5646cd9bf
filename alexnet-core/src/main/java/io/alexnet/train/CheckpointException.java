package io.alexnet.train;

import java.nio.file.Path;

/**
 * A checkpoint cannot be written, or cannot be read or used here: missing, damaged, not a
 * checkpoint, or of another model or training. The message is one line that names the file and what
 * is wrong or differs.
 */
public final class CheckpointException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  CheckpointException(Path file, String problem) {
    super(file + ": " + problem);
  }

  CheckpointException(String message, Throwable cause) {
    super(message, cause);
  }
}
