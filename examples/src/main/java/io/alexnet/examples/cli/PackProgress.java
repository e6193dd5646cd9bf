package io.alexnet.examples.cli;

import io.alexnet.data.source.Packer;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;

/** Shows how packing goes: on a terminal a bar, elsewhere a plain line now and then. */
final class PackProgress implements Packer.Progress, AutoCloseable {

  private static final long NANOS_BETWEEN_LINES = 10_000_000_000L;

  private final PrintWriter out;
  private final boolean terminal = TerminalLine.exists();
  private final long begun = System.nanoTime();
  private long lastLine = begun;
  private Duration left = Duration.ZERO;
  private ProgressBar bar;

  PackProgress(PrintWriter out) {
    this.out = out;
  }

  @Override
  public void packed(int done, int images) {
    double perSecond = done / seconds();
    left = Duration.ofMillis((long) (1000 * (images - done) / perSecond));
    if (terminal) {
      if (bar == null) {
        bar = TerminalLine.bar("pack", images, () -> left);
      }
      bar.stepTo(done);
      bar.setExtraMessage(String.format(Locale.ROOT, " %.0f img/s", perSecond));
    } else if (System.nanoTime() - lastLine >= NANOS_BETWEEN_LINES) {
      lastLine = System.nanoTime();
      out.printf(
          Locale.ROOT,
          "%d of %d images, %.1f images/s, %s left%n",
          done,
          images,
          perSecond,
          ConsoleProgress.clock(left));
      out.flush();
    }
  }

  /** Since the first image was asked for. */
  double seconds() {
    return (System.nanoTime() - begun) / 1e9;
  }

  /** Takes the bar off the line. */
  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
