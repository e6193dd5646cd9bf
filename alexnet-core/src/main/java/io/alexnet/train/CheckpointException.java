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

  private final boolean damage;

  CheckpointException(Path file, String problem) {
    this(file + ": " + problem, null);
  }

  CheckpointException(String message, Throwable cause) {
    this(message, cause, false);
  }

  private CheckpointException(String message, Throwable cause, boolean damage) {
    super(OneLine.of(message), cause);
    this.damage = damage;
  }

  static CheckpointException ofDamage(String message, Throwable cause) {
    return new CheckpointException(message, cause, true);
  }

  /**
   * Whether the file itself is damaged, so that an older one is the best there is: not if it is
   * sound, as far as can be told, and only cannot be opened, or is not for this program.
   */
  public boolean isDamage() {
    return damage;
  }
}
