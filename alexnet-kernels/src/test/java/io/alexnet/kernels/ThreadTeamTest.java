package io.alexnet.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class ThreadTeamTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8})
  void runsEachPieceExactlyOnce(int size) {
    try (ThreadTeam team = new ThreadTeam(size)) {
      for (int pieces : new int[] {0, 1, 2, 3, 7, 1000}) {
        AtomicIntegerArray runs = new AtomicIntegerArray(pieces);
        AtomicBoolean workersInRange = new AtomicBoolean(true);
        team.run(
            pieces,
            (piece, worker) -> {
              runs.incrementAndGet(piece);
              if (worker < 0 || worker >= size) {
                workersInRange.set(false);
              }
            });
        for (int piece = 0; piece < pieces; piece++) {
          assertEquals(1, runs.get(piece), "runs of piece " + piece + " of " + pieces);
        }
        assertTrue(workersInRange.get());
      }
    }
  }

  @Test
  void runsPiecesSideBySide() {
    CountDownLatch bothBegan = new CountDownLatch(2);
    Set<Integer> workers = new HashSet<>();
    try (ThreadTeam team = new ThreadTeam(2)) {
      team.run(
          2,
          (piece, worker) -> {
            synchronized (workers) {
              workers.add(worker);
            }
            bothBegan.countDown();
            await(bothBegan); // for ever, if one thread ran both pieces
          });
    }
    assertEquals(Set.of(0, 1), workers);
  }

  /** Plain fields written by one task are read by the next, wherever each piece runs. */
  @Test
  void tasksSeeWhatEarlierTasksWrote() {
    int tasks = 10_000;
    int[] counters = new int[5];
    int[] doubled = new int[5];
    try (ThreadTeam team = new ThreadTeam(3)) {
      for (int i = 0; i < tasks; i++) {
        team.run(counters.length, (piece, worker) -> counters[piece]++);
        team.run(
            counters.length,
            (piece, worker) -> doubled[piece] = counters[(piece + 1) % counters.length] * 2);
      }
    }
    int[] expected = new int[counters.length];
    Arrays.fill(expected, tasks);
    assertArrayEquals(expected, counters);
    Arrays.fill(expected, 2 * tasks);
    assertArrayEquals(expected, doubled);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void throwsWhatAPieceThrewAndSkipsTheRest(int size) {
    try (ThreadTeam team = new ThreadTeam(size)) {
      for (int failing : new int[] {0, 1, 50}) {
        IllegalStateException failure = new IllegalStateException("piece " + failing);
        AtomicInteger after = new AtomicInteger();
        IllegalStateException thrown =
            assertThrows(
                IllegalStateException.class,
                () ->
                    team.run(
                        100_000_000,
                        (piece, worker) -> {
                          if (piece == failing) {
                            throw failure;
                          }
                          after.incrementAndGet();
                        }));
        assertSame(failure, thrown);
        assertTrue(after.get() < 99_999_999, "pieces after the failure were not skipped");

        AtomicInteger runs = new AtomicInteger();
        team.run(10, (piece, worker) -> runs.incrementAndGet());
        assertEquals(10, runs.get(), "the team works on after a failure");
      }
    }
  }

  @Test
  void passesErrorsOn() {
    try (ThreadTeam team = new ThreadTeam(2)) {
      AssertionError error = new AssertionError("from a worker");
      CountDownLatch bothBegan = new CountDownLatch(2);
      Throwable thrown =
          assertThrows(
              AssertionError.class,
              () ->
                  team.run(
                      2,
                      (piece, worker) -> {
                        bothBegan.countDown();
                        await(bothBegan);
                        if (worker == 1) {
                          throw error;
                        }
                      }));
      assertSame(error, thrown);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void refusesATaskWithinATask(int size) {
    try (ThreadTeam team = new ThreadTeam(size)) {
      CountDownLatch bothBegan = new CountDownLatch(size);
      AtomicInteger refusals = new AtomicInteger();
      team.run(
          size,
          (piece, worker) -> {
            bothBegan.countDown();
            await(bothBegan);
            assertThrows(IllegalStateException.class, () -> team.run(2, (p, w) -> {}));
            assertThrows(IllegalStateException.class, team::close);
            refusals.incrementAndGet();
          });
      assertEquals(size, refusals.get());
    }
  }

  /** The caller's piece alone is held up: for those of its own threads a team waits in any case. */
  @Test
  void refusesASecondCallerAndClosesAfterTheFirst() throws InterruptedException {
    ThreadTeam team = new ThreadTeam(2);
    CountDownLatch bothBegan = new CountDownLatch(2);
    CountDownLatch goOn = new CountDownLatch(1);
    AtomicBoolean finished = new AtomicBoolean();
    Thread first =
        new Thread(
            () ->
                team.run(
                    2,
                    (piece, worker) -> {
                      bothBegan.countDown();
                      await(bothBegan);
                      if (worker == 0) {
                        await(goOn);
                        finished.set(true);
                      }
                    }));
    first.start();
    bothBegan.await();
    IllegalStateException refusal =
        assertThrows(IllegalStateException.class, () -> team.run(1, (piece, worker) -> {}));
    assertTrue(refusal.getMessage().contains("runs a task already"), refusal.getMessage());

    AtomicBoolean finishedAtClose = new AtomicBoolean();
    Thread closer =
        new Thread(
            () -> {
              team.close();
              finishedAtClose.set(finished.get());
            });
    closer.start();
    while (closer.getState() != Thread.State.WAITING) {
      assertTrue(closer.isAlive(), "close did not wait for the task");
      Thread.sleep(1);
    }
    closer.join(50); // as long as it would take to end the other thread
    assertTrue(closer.isAlive(), "close waited for the team's own thread only");
    assertFalse(finished.get());
    goOn.countDown();
    first.join();
    closer.join();
    assertTrue(finishedAtClose.get());
  }

  @Test
  void anInterruptedCallerStillGetsTheWholeTask() {
    try (ThreadTeam team = new ThreadTeam(2)) {
      AtomicInteger runs = new AtomicInteger();
      Thread.currentThread().interrupt();
      team.run(100, (piece, worker) -> runs.incrementAndGet());
      assertTrue(Thread.interrupted(), "the interruption is kept for the caller to see");
      assertEquals(100, runs.get());
    }
  }

  @Test
  void closeEndsTheThreads() {
    AtomicReference<Thread> other = new AtomicReference<>();
    ThreadTeam team = new ThreadTeam(2);
    CountDownLatch bothBegan = new CountDownLatch(2);
    team.run(
        2,
        (piece, worker) -> {
          bothBegan.countDown();
          await(bothBegan);
          if (worker == 1) {
            other.set(Thread.currentThread());
          }
        });
    assertTrue(other.get().isAlive());
    assertTrue(other.get().isDaemon());
    team.close();
    assertFalse(other.get().isAlive());
    team.close();
    assertThrows(IllegalStateException.class, () -> team.run(1, (piece, worker) -> {}));
  }

  @Test
  void refusesFewerThanOneThread() {
    assertThrows(IllegalArgumentException.class, () -> new ThreadTeam(0));
    assertThrows(IllegalArgumentException.class, () -> new ThreadTeam(-1));
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
