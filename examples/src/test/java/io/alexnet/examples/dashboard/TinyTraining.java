package io.alexnet.examples.dashboard;

import io.alexnet.batch.BatchSource;
import io.alexnet.data.Batches;
import io.alexnet.data.ResizedImages;
import io.alexnet.data.source.Shapes;
import io.alexnet.graph.Graph;
import io.alexnet.graph.Network;
import io.alexnet.layer.Dense;
import io.alexnet.layer.Flatten;
import io.alexnet.tensor.Shape;
import io.alexnet.train.History;
import io.alexnet.train.Progress;
import io.alexnet.train.Trainer;
import io.alexnet.train.TrainingListener;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/** A real training of next to nothing, on a thread of its own, that a dashboard looks at. */
final class TinyTraining implements AutoCloseable {

  private static final int SIDE = 8;

  final AtomicLong steps = new AtomicLong();
  final CompletableFuture<History> history = new CompletableFuture<>();
  private final Trainer trainer;
  private final Thread thread;

  /**
   * @param title as a run's
   * @param epochs of 8 steps, each step taking about a hundredth of a second
   */
  TinyTraining(Dashboard dashboard, String title, int epochs, Path checkpoints) {
    Network network =
        Network.of(
            Graph.of(Shape.of(3, SIDE, SIDE))
                .then("flatten", new Flatten())
                .then("fc", Dense.of(8))
                .build(),
            1);
    trainer = Trainer.of(network).learningRate(0.001f).checkpoint(checkpoints);
    dashboard.show(title, trainer);
    trainer
        .listener(dashboard.listener())
        .listener(
            new TrainingListener() {
              @Override
              public void onStep(Progress progress) {
                steps.set(progress.step());
                try {
                  Thread.sleep(10);
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              }
            });
    thread =
        new Thread(
            () -> {
              try (network) {
                history.complete(trainer.fit(batches(64, 1), batches(16, 2), epochs));
              } catch (RuntimeException | Error e) {
                history.completeExceptionally(e);
              }
            },
            "tiny-training");
    thread.start();
  }

  private static BatchSource batches(int images, long seed) {
    return Batches.of(ResizedImages.of(Shapes.of(images, SIDE, seed), SIDE))
        .imageSize(SIDE)
        .batchSize(8)
        .build();
  }

  @Override
  public void close() throws InterruptedException {
    trainer.stop();
    thread.join();
  }
}
