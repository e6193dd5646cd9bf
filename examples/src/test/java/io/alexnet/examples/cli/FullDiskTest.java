package io.alexnet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.alexnet.train.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Trainings whose disk is full: they say so, and go on to the same end once there is room. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
@DisabledOnOs(OS.WINDOWS)
class FullDiskTest {

  @TempDir private static Path shared;
  private static Path undisturbed;

  @TempDir private Path temporary;

  @BeforeAll
  static void trainUndisturbed() throws Exception {
    undisturbed = shared.resolve("undisturbed");
    assertEquals(0, exitCode(start(List.of(), undisturbed)), () -> ChildTraining.log(undisturbed));
  }

  private static Process start(List<String> launcher, Path run) throws IOException {
    return ChildTraining.start(launcher, run, 3);
  }

  private static int exitCode(Process process) throws InterruptedException {
    try {
      return process.waitFor();
    } finally {
      process.destroyForcibly().waitFor(); // if it took too long
    }
  }

  /** Checks that it ended with one line and that what was there before still is. */
  private static void assertEndedCleanly(Process process, Path run, String reason)
      throws Exception {
    assertEquals(1, exitCode(process), () -> ChildTraining.log(run));
    String log = ChildTraining.log(run);
    String error = log.lines().reduce((before, last) -> last).orElseThrow();
    assertTrue(error.contains("cannot write " + run), log);
    assertTrue(error.contains(reason), log);
    assertFalse(log.contains("\tat "), log);
    assertTrue(Checkpoint.read(run.resolve("checkpoints")).steps() > 0);
    assertFalse(ChildTraining.hasLeftovers(run));
  }

  /** Needs the right to mount; there is no other way to a disk of some megabytes. */
  @Test
  void ofASmallDisk() throws Exception {
    Path disk = Files.createDirectory(temporary.resolve("disk"));
    long checkpoint = Files.size(undisturbed.resolve("checkpoints/" + Checkpoint.LAST));
    // Room for the best and the last two, but not for the next beside them.
    String options = "size=" + checkpoint * 7 / 2;
    assumeTrue(exitCode("mount", "-t", "tmpfs", "-o", options, "tmpfs", disk.toString()) == 0);
    try {
      Path run = disk.resolve("run");
      assertEndedCleanly(start(List.of(), run), run, "No space left on device");
      assertEndedCleanly(start(List.of(), run), run, "No space left on device");
      assertEquals(0, exitCode("mount", "-o", "remount,size=" + checkpoint * 20, disk.toString()));
      assertEquals(0, exitCode(start(List.of(), run)), () -> ChildTraining.log(run));
      ChildTraining.assertSameResult(undisturbed, run);
    } finally {
      assertEquals(0, exitCode("umount", disk.toString()));
    }
  }

  /** What a quota does as well: a file stops in the middle. */
  @Test
  void ofALimitOnFiles() throws Exception {
    Path run = temporary.resolve("run");
    Process process = start(List.of(), run);
    while (process.isAlive() && !Checkpoint.isIn(run.resolve("checkpoints"))) {
      Thread.sleep(10);
    }
    process.destroy();
    exitCode(process);
    // In blocks of 512 bytes; a checkpoint is larger, all else is smaller.
    List<String> limited = List.of("sh", "-c", "ulimit -f 1000; exec \"$@\"", "sh");
    assertEndedCleanly(start(limited, run), run, "File too large");
    assertEquals(0, exitCode(start(List.of(), run)), () -> ChildTraining.log(run));
    ChildTraining.assertSameResult(undisturbed, run);
  }

  private static int exitCode(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }
}
