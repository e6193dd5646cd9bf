package io.alexnet.examples.cli;

import io.alexnet.format.OneLine;

/** Ends a command with one line on stderr, the message, and exit code 1. */
final class Failure extends RuntimeException {

  private static final long serialVersionUID = 1;

  Failure(String message) {
    this(message, null);
  }

  Failure(String message, Throwable cause) {
    super(OneLine.of(message), cause);
  }
}
