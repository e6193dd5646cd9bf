package io.alexnet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Trainings that are killed, at random moments and as often as the property {@code kills} says,
 * with the signal that no program can catch. Each goes on until it is through, and must then have
 * the bits of one that was left alone.
 */
class KillTest {

  private static final int KILLS = Integer.getInteger("kills", 30);

  @TempDir Path temporary;

  private final Random random = new Random(1);

  @Test
  @Timeout(value = 2, unit = TimeUnit.HOURS)
  void aKilledTrainingEndsAsIfItHadNotBeen() throws Exception {
    Path undisturbed = temporary.resolve("undisturbed");
    assertEquals(0, start(undisturbed).waitFor(), () -> ChildTraining.log(undisturbed));
    int kills = 0;
    int duringWrites = 0;
    for (int training = 1; kills < KILLS; training++) {
      Path run = temporary.resolve("run-" + training);
      while (true) {
        Process process = start(run);
        try {
          if (kills == KILLS || !isRunningAtItsEnd(process, run, kills % 2 == 0)) {
            assertEquals(0, process.waitFor(), () -> ChildTraining.log(run));
            break;
          }
        } finally {
          process.destroyForcibly().waitFor();
        }
        kills++;
        duringWrites += ChildTraining.hasLeftovers(run) ? 1 : 0;
      }
      ChildTraining.assertSameResult(undisturbed, run);
    }
    System.out.printf(
        "%d kills survived, %d of them while a file was written%n", kills, duringWrites);
    assertTrue(duringWrites > 0, "no kill came while a file was written");
  }

  private static Process start(Path run) throws IOException {
    return ChildTraining.start(List.of(), run, 20);
  }

  /**
   * Waits for the moment to kill the process, unless it ends before.
   *
   * @param writing whether it must be writing a checkpoint then
   */
  private boolean isRunningAtItsEnd(Process process, Path run, boolean writing) throws Exception {
    // Up to a second is the start of the JVM.
    if (process.waitFor(300 + random.nextInt(2000), TimeUnit.MILLISECONDS)) {
      return false;
    }
    Path checkpoint = run.resolve("checkpoints/.next.safetensors.tmp");
    while (writing && process.isAlive() && !Files.exists(checkpoint)) {
      Thread.sleep(1);
    }
    return process.isAlive();
  }
}
