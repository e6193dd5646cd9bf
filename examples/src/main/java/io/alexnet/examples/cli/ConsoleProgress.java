package io.alexnet.examples.cli;

import io.alexnet.train.EpochRecord;
import io.alexnet.train.Evaluation;
import io.alexnet.train.History;
import io.alexnet.train.Progress;
import io.alexnet.train.TrainingListener;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;

/**
 * Shows how a training goes: on a terminal a bar for each epoch, elsewhere a plain line now and
 * then, and in both a line for each epoch that is done.
 */
final class ConsoleProgress implements TrainingListener, AutoCloseable {

  private static final long NANOS_BETWEEN_LINES = 10_000_000_000L;

  private final PrintWriter out;
  private final boolean terminal;
  private int epochs;
  private ProgressBar bar;
  private long lastLine = System.nanoTime();
  private Duration left = Duration.ZERO;

  ConsoleProgress(PrintWriter out) {
    this.out = out;
    this.terminal = TerminalLine.exists();
  }

  @Override
  public void onStart(List<EpochRecord> earlier, int epochs) {
    this.epochs = epochs;
  }

  @Override
  public void onStep(Progress progress) {
    left = Duration.ofMillis((long) (1000 * progress.secondsLeft()));
    if (terminal) {
      if (bar == null) {
        String task = "epoch " + progress.epoch() + "/" + progress.epochs();
        bar = TerminalLine.bar(task, progress.batches(), () -> left);
      }
      bar.stepTo(progress.batch());
      bar.setExtraMessage(
          String.format(
              Locale.ROOT,
              " loss %.2f top-1 %.0f%% %.0f img/s", // fits into 80 columns
              progress.loss(),
              100 * progress.top1(),
              progress.imagesPerSecond()));
    } else if (System.nanoTime() - lastLine >= NANOS_BETWEEN_LINES) {
      lastLine = System.nanoTime();
      out.printf(
          Locale.ROOT,
          "epoch %d/%d, batch %d/%d: loss %.3f, top-1 %.1f %%, %.1f images/s, %s left%n",
          progress.epoch(),
          progress.epochs(),
          progress.batch(),
          progress.batches(),
          progress.loss(),
          100 * progress.top1(),
          progress.imagesPerSecond(),
          clock(left));
    }
  }

  static String clock(Duration time) {
    return String.format(
        Locale.ROOT, "%d:%02d:%02d", time.toHours(), time.toMinutesPart(), time.toSecondsPart());
  }

  @Override
  public void onEpoch(EpochRecord record, Evaluation validation) {
    close();
    lastLine = System.nanoTime();
    out.printf(
        Locale.ROOT,
        "epoch %d/%d: loss %.4f, top-1 %.1f %%; validation loss %.4f, top-1 %.1f %%, top-5 %.1f %%;"
            + " %.1f images/s, %.0f s%n",
        record.epoch(),
        epochs,
        record.trainLoss(),
        100 * record.trainTop1(),
        record.validationLoss(),
        100 * record.validationTop1(),
        100 * record.validationTop5(),
        record.imagesPerSecond(),
        record.seconds());
  }

  @Override
  public void onEnd(History history) {
    close();
  }

  /** Takes the bar off the line, which an error would otherwise be added to. */
  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}
