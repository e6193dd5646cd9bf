package io.alexnet.peers;

/** One library with the network and the batch of a {@link Task}, in a JVM of its own. */
interface Engine extends AutoCloseable {

  /** The library, its version, and what of it was found to be in use. */
  String version();

  long parameters();

  /** One training step or one inference of the batch; done when it returns. */
  void step() throws Exception;

  /** Mean loss of the last step's batch, before its update. */
  double loss() throws Exception;

  @Override
  void close() throws Exception;
}
