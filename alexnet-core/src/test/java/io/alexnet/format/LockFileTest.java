package io.alexnet.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.channels.FileLockInterruptionException;
import java.nio.file.Path;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LockFileTest {

  @TempDir private Path folder;

  private Path file() {
    return LockFile.beside(folder.resolve("data"));
  }

  /** Tells whether it got the lock, and keeps it until its input ends. */
  static final class Child {

    private Child() {}

    public static void main(String[] arguments) throws IOException {
      try (LockFile lock = LockFile.ifFree(Path.of(arguments[0]))) {
        System.out.println(lock != null ? "locked" : "refused");
        System.in.read();
      }
    }
  }

  private Process child() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Child.class.getName(),
            file().toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static String told(Process child) throws IOException {
    BufferedReader out = child.inputReader();
    return out.readLine();
  }

  @Test
  void aSecondOneThatIsRefusedLeavesTheFirstItsLock() throws Exception {
    try (LockFile first = LockFile.ifFree(file())) {
      assertNotNull(first);
      assertNull(LockFile.ifFree(file()));
      assertNull(LockFile.ifFree(folder.resolve("../" + folder.getFileName() + "/.data.lock")));
      Process other = child();
      assertEquals("refused", told(other));
      other.destroyForcibly().waitFor();
    }
    LockFile.ifFree(file()).close();
  }

  @Test
  void anotherProcessIsWaitedForUntilItEndsOrThisThreadIsInterrupted() throws Exception {
    Process other = child();
    assertEquals("locked", told(other));
    assertNull(LockFile.ifFree(file()));
    Thread.currentThread().interrupt();
    assertThrows(FileLockInterruptionException.class, () -> LockFile.await(file()));
    assertTrue(Thread.interrupted());
    FutureTask<LockFile> waiting = new FutureTask<>(() -> LockFile.await(file()));
    new Thread(waiting).start();
    other.destroyForcibly();
    waiting.get().close();
  }

  @Test
  void anotherThreadIsWaitedForUntilItEndsOrThisOneIsInterrupted() throws Exception {
    FutureTask<LockFile> waiting = new FutureTask<>(() -> LockFile.await(file()));
    try (LockFile first = LockFile.await(file())) {
      Thread.currentThread().interrupt();
      assertThrows(FileLockInterruptionException.class, () -> LockFile.await(file()));
      assertTrue(Thread.interrupted());
      Thread second = new Thread(waiting);
      second.start();
      while (second.getState() != Thread.State.WAITING) {
        Thread.sleep(1);
      }
    }
    waiting.get().close();
  }

  @Test
  void closingTwiceGivesUpNobodyElsesLock() throws Exception {
    LockFile first = LockFile.ifFree(file());
    first.close();
    try (LockFile second = LockFile.ifFree(file())) {
      assertNotNull(second);
      first.close();
      assertNull(LockFile.ifFree(file()));
    }
  }
}
