package io.alexnet.peers;

/** Ends the program with one line on stderr, the message, and exit code 1. */
final class Failure extends RuntimeException {

  private static final long serialVersionUID = 1;

  Failure(String message) {
    super(message);
  }
}
