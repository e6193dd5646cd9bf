package io.alexnet.spark;

/** A training on several machines has come to numbers that are none; the message says where. */
public final class DistributedTrainingException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  DistributedTrainingException(String message) {
    super(message);
  }
}
