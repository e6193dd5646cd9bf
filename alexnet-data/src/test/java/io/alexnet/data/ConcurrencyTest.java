package io.alexnet.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.batch.BatchSource;
import io.alexnet.batch.Fingerprint;
import io.alexnet.data.image.Augment;
import io.alexnet.data.source.Shapes;
import io.alexnet.graph.Graph;
import io.alexnet.graph.Network;
import io.alexnet.predict.Predictor;
import io.alexnet.tensor.Tensor;
import io.alexnet.train.History;
import io.alexnet.train.Progress;
import io.alexnet.train.Trainer;
import io.alexnet.train.TrainingListener;
import io.alexnet.zoo.SmallAlexNet;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Trainings and predictions side by side in one JVM share nothing, and leave no thread behind. */
@Timeout(120)
class ConcurrencyTest {

  private static final int BATCHES = 6;

  private static Graph graph() {
    return SmallAlexNet.of(3, 16).classes(8).graph();
  }

  private static BatchSource batches(long seed) {
    return Batches.of(ResizedImages.of(Shapes.of(4 * BATCHES, 20, seed), 18))
        .imageSize(16)
        .batchSize(4)
        .shuffle(true)
        .seed(seed)
        .augment(Augment.paper().mixup(0.2))
        .threads(2)
        .build();
  }

  private static String trained(long seed) {
    try (Network network = Network.builder(graph()).threads(2).seed(seed).build()) {
      Trainer.of(network).learningRate(0.003f).fit(batches(seed), batches(seed + 100), 2);
      return fingerprint(network);
    }
  }

  private static String fingerprint(Network network) {
    Fingerprint fingerprint = new Fingerprint();
    for (Tensor tensor : network.state().values()) {
      fingerprint.add(tensor.array(), tensor.offset(), tensor.size());
    }
    return fingerprint.text();
  }

  private static Set<Thread> ours() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("alexnet-"))
        .collect(Collectors.toSet());
  }

  private static <T> List<T> sideBySide(List<Callable<T>> works) throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(works.size());
    try {
      List<T> results = new ArrayList<>();
      for (Future<T> future : executor.invokeAll(works)) {
        results.add(future.get());
      }
      return results;
    } finally {
      executor.shutdownNow();
      assertTrue(executor.awaitTermination(1, TimeUnit.MINUTES));
    }
  }

  @Test
  void trainersSideBySideLearnWhatEachLearnsAlone() throws Exception {
    Set<Thread> before = ours();
    List<String> alone = List.of(trained(1), trained(2), trained(3));
    assertEquals(alone, sideBySide(List.of(() -> trained(1), () -> trained(2), () -> trained(3))));
    assertEquals(before, ours());
  }

  @Test
  void aPredictorBesideATrainerPredictsTheSame() throws Exception {
    Set<Thread> before = ours();
    String alone = trained(1);
    AtomicBoolean over = new AtomicBoolean();
    try (Network network = Network.builder(graph()).threads(1).seed(9).build();
        Predictor predictor = Predictor.builder(network).workspaces(2).build()) {
      Tensor images = Tensor.zeros(network.inputShape().prepend(3));
      for (int i = 0; i < images.size(); i++) {
        images.array()[i] = (float) Math.sin(i);
      }
      float[] expected = predictor.predict(images).toArray();
      Callable<String> training =
          () -> {
            try {
              return trained(1);
            } finally {
              over.set(true);
            }
          };
      Callable<String> predicting =
          () -> {
            do {
              assertArrayEquals(expected, predictor.predict(images).toArray());
            } while (!over.get());
            return alone;
          };
      assertEquals(
          List.of(alone, alone, alone), sideBySide(List.of(training, predicting, predicting)));
    }
    assertEquals(before, ours());
  }

  /** What a listener does at a given step: between it and the next there is a whole step's work. */
  private static TrainingListener atStep(int step, Runnable action) {
    return new TrainingListener() {
      @Override
      public void onStep(Progress progress) {
        if (progress.step() == step) {
          action.run();
        }
      }
    };
  }

  @Test
  void interruptedAtAnyStepItStopsAndGoesOn() {
    Set<Thread> before = ours();
    String straight = trained(1);
    for (int step = 1; step < 2 * BATCHES; step++) {
      try (Network network = Network.builder(graph()).threads(2).seed(1).build()) {
        Trainer trainer =
            Trainer.of(network)
                .learningRate(0.003f)
                .listener(atStep(step, () -> Thread.currentThread().interrupt()));
        History history = trainer.fit(batches(1), batches(101), 2);
        assertTrue(Thread.interrupted(), "the interrupt is still there when it has ended");
        assertSame(History.End.STOPPED, history.end(), "step " + step);
        trainer.fit(batches(1), batches(101), 2);
        assertEquals(straight, fingerprint(network), "interrupted at step " + step);
      }
      assertEquals(before, ours());
    }
  }

  @Test
  void interruptedFromOutsideAtAnyMomentItStopsAndLeavesNoThread() throws Exception {
    Set<Thread> before = ours();
    for (int pause = 0; pause < 40; pause += 3) {
      try (Network network = Network.builder(graph()).threads(2).seed(1).build()) {
        List<Throwable> thrown = new ArrayList<>();
        Thread training =
            new Thread(() -> Trainer.of(network).fit(batches(1), batches(101), Integer.MAX_VALUE));
        training.setUncaughtExceptionHandler((thread, t) -> thrown.add(t));
        training.start();
        Thread.sleep(pause);
        training.interrupt();
        training.join();
        assertEquals(List.of(), thrown);
      }
      assertEquals(before, ours());
    }
  }

  @Test
  void whatAListenerThrowsAtAnyStepEndsItWithoutThreads() {
    Set<Thread> before = ours();
    RuntimeException thrown = new RuntimeException("of a listener");
    for (int step = 1; step <= 2 * BATCHES; step++) {
      try (Network network = Network.builder(graph()).threads(2).seed(1).build()) {
        Trainer trainer =
            Trainer.of(network)
                .listener(
                    atStep(
                        step,
                        () -> {
                          throw thrown;
                        }));
        try {
          trainer.fit(batches(1), batches(101), 2);
          throw new AssertionError("it went on");
        } catch (RuntimeException e) {
          assertSame(thrown, e);
        }
      }
      assertEquals(before, ours());
    }
  }
}
