package io.alexnet.examples.cli;

import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * The terminal's current line, written over and over. In place of the progress bar library's own,
 * which looks at the terminal through JLine: that resets the handling of SIGINT, and Ctrl-C would
 * end the JVM before its checkpoint.
 */
final class TerminalLine implements ProgressBarConsumer {

  private static final int USUAL_WIDTH = 80;

  private final PrintStream out;
  private final int width;

  TerminalLine(PrintStream out) {
    this.out = out;
    this.width = terminalWidth();
  }

  /** Whether the program's input and output are a terminal. */
  static boolean exists() {
    Console console = System.console();
    if (console == null) {
      return false;
    }
    try { // From JDK 22 on there always is a Console, and a method that says what it is.
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (ReflectiveOperationException e) {
      return true;
    }
  }

  /**
   * A bar on this line.
   *
   * @param left asked for the time that is left
   */
  static ProgressBar bar(String task, long steps, Supplier<Duration> left) {
    return new ProgressBarBuilder()
        .setTaskName(task)
        .setInitialMax(steps)
        .setStyle(ProgressBarStyle.ASCII)
        .setConsumer(new TerminalLine(System.out))
        .setEtaFunction(state -> Optional.of(left.get()))
        .clearDisplayOnFinish()
        .build();
  }

  private static int terminalWidth() {
    try {
      Process stty =
          new ProcessBuilder("stty", "size").redirectInput(ProcessBuilder.Redirect.INHERIT).start();
      try (BufferedReader reader =
          new BufferedReader(
              new InputStreamReader(stty.getInputStream(), StandardCharsets.US_ASCII))) {
        String rowsAndColumns = reader.readLine();
        int columns = rowsAndColumns == null ? 0 : Integer.parseInt(rowsAndColumns.split(" ")[1]);
        return columns > 0 ? columns : USUAL_WIDTH;
      }
    } catch (IOException | RuntimeException e) { // no stty: not Unix
      return USUAL_WIDTH;
    }
  }

  @Override
  public int getMaxRenderedLength() {
    return width - 1; // the cursor stands behind the text
  }

  @Override
  public void accept(String text) {
    out.print('\r' + text);
    out.flush();
  }

  @Override
  public void clear() {
    out.print('\r' + " ".repeat(width - 1) + '\r');
    out.flush();
  }

  @Override
  public void close() {}
}
