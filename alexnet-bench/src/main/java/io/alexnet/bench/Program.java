package io.alexnet.bench;

import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * Command lines of this module's programs: what is wrong is one line on stderr, which begins with
 * the program's name.
 */
final class Program {

  private Program() {}

  /** Runs a command and ends the JVM. */
  static void run(Object command, String... arguments) {
    // Pictures are drawn into files. AWT asks once, when the first of its classes is loaded.
    System.setProperty("java.awt.headless", "true");
    System.exit(execute(command, new PrintWriter(System.err, true), arguments));
  }

  /** Returns the exit code: 2 for arguments that cannot be, 1 for what came of others. */
  static int execute(Object command, PrintWriter err, String... arguments) {
    CommandLine line = new CommandLine(command).setErr(err);
    return line.setParameterExceptionHandler(
            (e, rejected) -> complain(line, e.getMessage(), CommandLine.ExitCode.USAGE))
        .setExecutionExceptionHandler(
            (e, ignored, result) -> {
              boolean expected = e instanceof UncheckedIOException; // a file's fault
              String message = expected ? e.getMessage() : e.toString();
              return complain(line, message, CommandLine.ExitCode.SOFTWARE);
            })
        .execute(arguments);
  }

  private static int complain(CommandLine line, String message, int exitCode) {
    String oneLine = message.replaceAll("\\s*\\R\\s*", " ");
    line.getErr().println(line.getCommandName() + ": " + oneLine);
    return exitCode;
  }

  /** Throws {@link ParameterException} unless it holds. */
  static void require(CommandSpec spec, boolean holds, String message) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), message);
    }
  }

  /** Throws {@link ParameterException} for a file that could not be written after long work. */
  static void requireWritable(CommandSpec spec, String option, Path file) {
    require(spec, !Files.isDirectory(file), option + ": " + file + " is a folder");
    Path folder = file.toAbsolutePath().getParent();
    require(spec, Files.isDirectory(folder), option + ": there is no folder " + folder);
    boolean writable = Files.isWritable(Files.exists(file) ? file : folder);
    require(spec, writable, option + ": " + file + " cannot be written");
  }
}
