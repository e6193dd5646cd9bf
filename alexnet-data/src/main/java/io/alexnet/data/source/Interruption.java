package io.alexnet.data.source;

import java.io.InterruptedIOException;
import java.io.UncheckedIOException;

/** How reading and writing here tell that their thread was interrupted, which it is still. */
final class Interruption {

  private Interruption() {}

  /**
   * @param work that was broken off, as in "packing"
   */
  static UncheckedIOException during(String work) {
    String message = "interrupted while " + work;
    return new UncheckedIOException(message, new InterruptedIOException(message));
  }
}
