package io.alexnet.examples.cli;

import java.util.concurrent.CountDownLatch;

/**
 * While open, keeps a JVM that is asked to end (Ctrl-C, SIGTERM) alive until the work in progress
 * has been stopped and put away.
 */
final class StopOnSignal implements AutoCloseable {

  private final CountDownLatch finished = new CountDownLatch(1);
  private final Thread hook;

  /**
   * @param stop asks the work to end soon; called from another thread
   */
  StopOnSignal(Runnable stop) {
    hook =
        new Thread(
            () -> {
              stop.run();
              try {
                finished.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "alexnet-stop");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** The work has ended, and the JVM may. */
  @Override
  public void close() {
    finished.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is shutting down: the hook has done its work.
    }
  }
}
