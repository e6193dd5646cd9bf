package io.alexnet.examples.cli;

import java.util.concurrent.CountDownLatch;
import java.util.function.IntSupplier;

/**
 * While open, keeps a JVM that is asked to end (Ctrl-C, SIGTERM) alive until the work in progress
 * has been stopped and put away.
 */
final class StopOnSignal implements AutoCloseable {

  private final CountDownLatch finished = new CountDownLatch(1);
  private final Thread hook;
  private volatile boolean asked;

  /**
   * @param stop asks the work to end soon; called from another thread
   */
  StopOnSignal(Runnable stop) {
    hook =
        new Thread(
            () -> {
              asked = true;
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

  /**
   * To be called before it is closed if the work has failed. A JVM that was asked to end would do
   * so as soon as it is closed, without a word and as if the work had been put away: it says so
   * here and ends with that exit code. At other times this does nothing.
   *
   * @param say writes what has failed, and returns the exit code
   */
  void failed(IntSupplier say) {
    if (asked) {
      Runtime.getRuntime().halt(say.getAsInt());
    }
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
