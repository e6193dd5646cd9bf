package io.alexnet.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PreparedWeightsTest {

  private static final int CALLERS = 8;
  private static final int LENGTH = 1000;

  private final PreparedWeights prepared = new PreparedWeights();
  private final AtomicInteger preparations = new AtomicInteger();
  private final AtomicInteger asking = new AtomicInteger();
  private final List<Thread> callers = new ArrayList<>();

  @Test
  void oneCallerPreparesAFormAndTheOthersWaitForIt() throws Exception {
    float[] ones = new float[LENGTH];
    Arrays.fill(ones, 1f);
    CyclicBarrier start = new CyclicBarrier(CALLERS);
    List<FutureTask<float[]>> answers = new ArrayList<>();
    for (int i = 0; i < CALLERS; i++) {
      FutureTask<float[]> answer =
          new FutureTask<>(
              () -> {
                start.await();
                asking.incrementAndGet();
                float[] weights = prepared.get("form", LENGTH, this::fillWhenAllOthersWait);
                assertArrayEquals(ones, weights, "whole when it is handed out");
                return weights;
              });
      answers.add(answer);
      callers.add(new Thread(answer));
    }
    for (Thread caller : callers) {
      caller.setDaemon(true);
      caller.start();
    }
    for (FutureTask<float[]> answer : answers) {
      assertSame(answers.get(0).get(), answer.get());
    }
    assertEquals(1, preparations.get());
    assertEquals(LENGTH * Float.BYTES, prepared.bytes());
  }

  /** So each of the others had its chance to prepare the form too, or to get it unfinished. */
  private void fillWhenAllOthersWait(float[] array) {
    preparations.incrementAndGet();
    while (asking.get() < CALLERS || callers.stream().anyMatch(this::isAnotherAndRuns)) {
      LockSupport.parkNanos(1_000_000);
    }
    Arrays.fill(array, 1f);
  }

  private boolean isAnotherAndRuns(Thread caller) {
    return caller != Thread.currentThread() && caller.getState() == Thread.State.RUNNABLE;
  }

  @Test
  void aFormWhosePreparationThrewIsPreparedAgain() {
    IllegalStateException failure = new IllegalStateException("in the midst of it");
    IllegalStateException thrown =
        assertThrows(
            IllegalStateException.class,
            () ->
                prepared.get(
                    "form",
                    LENGTH,
                    array -> {
                      Arrays.fill(array, 7f);
                      throw failure;
                    }));
    assertSame(failure, thrown);
    assertEquals(0, prepared.bytes());

    float[] weights =
        prepared.get(
            "form",
            LENGTH,
            array -> {
              preparations.incrementAndGet();
              assertArrayEquals(new float[LENGTH], array, "nothing is left of the first try");
              array[0] = 1f;
            });
    assertEquals(1, preparations.get());
    assertEquals(1f, weights[0]);
    assertSame(weights, prepared.get("form", LENGTH, array -> preparations.incrementAndGet()));
    assertEquals(1, preparations.get(), "kept from now on");
  }
}
