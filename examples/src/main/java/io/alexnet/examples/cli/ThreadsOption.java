package io.alexnet.examples.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code --threads}. */
final class ThreadsOption {

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  private int count = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--threads",
      order = 30,
      paramLabel = "N",
      description =
          "Threads to compute with; all processors if not given. No result depends on it.")
  void count(int threads) {
    if (threads < 1) {
      throw new ParameterException(
          command.commandLine(), "--threads must be at least 1, not " + threads);
    }
    count = threads;
  }

  int count() {
    return count;
  }
}
