package io.alexnet.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Teams of several sizes side by side, more threads than processors, for as many tasks as the
 * property {@code stressTasks} says: each piece runs exactly once, sees what the task before wrote,
 * and is over when run returns, whatever pieces throw and whenever the caller is interrupted.
 */
class ThreadTeamStressTest {

  private static final int TASKS = Integer.getInteger("stressTasks", 5_000);
  private static final int[] SIZES = {1, 2, 3, 5, 8};

  @Test
  @Timeout(value = 1, unit = TimeUnit.HOURS)
  void everyPieceRunsOnceAndIsOverInTime() throws Exception {
    ExecutorService callers = Executors.newFixedThreadPool(SIZES.length);
    try {
      List<Future<?>> stresses = new ArrayList<>();
      for (int size : SIZES) {
        stresses.add(callers.submit(() -> new Stress(size).run()));
      }
      for (Future<?> stress : stresses) {
        stress.get();
      }
    } finally {
      callers.shutdownNow();
      assertTrue(callers.awaitTermination(1, TimeUnit.MINUTES));
    }
  }

  private static final class Stress {
    private static final int MOST_PIECES = 60;

    private final int size;
    private final Random random;

    /** Plain memory, as kernels' arrays are: the team alone makes it safe. */
    private final int[] counts = new int[MOST_PIECES];

    private final int[] expected = new int[MOST_PIECES];
    private final int[] workerCounts;
    private final RuntimeException thrown = new RuntimeException("of a piece");
    private int failingPiece;
    private volatile boolean over = true;
    private volatile String wrong;

    Stress(int size) {
      this.size = size;
      random = new Random(size);
      workerCounts = new int[size];
    }

    void run() {
      int ran = 0;
      try (ThreadTeam team = new ThreadTeam(size)) {
        for (int task = 0; task < TASKS; task++) {
          ran += runTask(team, 1 + random.nextInt(MOST_PIECES));
          // Others park meanwhile, or are about to.
          if (random.nextInt(100) == 0) {
            Thread.yield();
          }
        }
      }
      assertEquals(ran, Arrays.stream(workerCounts).sum(), "each worker counts for itself");
    }

    private int runTask(ThreadTeam team, int pieces) {
      failingPiece = random.nextInt(10) == 0 ? random.nextInt(pieces) : -1;
      boolean interrupted = random.nextInt(20) == 0;
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      over = false;
      RuntimeException caught = null;
      try {
        team.run(pieces, this::piece);
      } catch (RuntimeException e) {
        caught = e;
      }
      over = true;
      assertEquals(interrupted, Thread.interrupted());
      assertEquals(null, wrong);
      int ran = 0;
      if (failingPiece < 0) {
        assertSame(null, caught);
        for (int piece = 0; piece < pieces; piece++) {
          expected[piece]++;
        }
        ran = pieces;
      } else {
        assertSame(thrown, caught);
        for (int piece = 0; piece < pieces; piece++) {
          int more = counts[piece] - expected[piece];
          assertTrue(more == 0 && piece > 0 || more == 1, "a piece is skipped or runs once");
          expected[piece] += more;
          ran += more;
        }
        assertEquals(expected[failingPiece], counts[failingPiece]);
      }
      assertTrue(Arrays.equals(expected, counts), "size " + size);
      return ran;
    }

    private void piece(int piece, int worker) {
      counts[piece]++; // before anything volatile is read, but by the team
      workerCounts[worker]++;
      if (over) {
        wrong = "piece " + piece + " outlived its task";
      }
      if (piece == failingPiece) {
        throw thrown;
      }
    }
  }
}
