package io.alexnet.examples.cli;

import io.alexnet.data.NormalizationKind;
import io.alexnet.data.source.Packer;
import io.alexnet.format.OneLine;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line: everything about it that is the same for all commands. */
@Command(
    name = "alexnet",
    description = "Trains convolutional networks on the CPU, AlexNet above all.",
    subcommands = {
      TrainCommand.class,
      EvaluateCommand.class,
      ReportCommand.class,
      PredictCommand.class,
      FiltersCommand.class,
      ActivationsCommand.class,
      FeaturesCommand.class,
      ExportCommand.class,
      PackCommand.class,
      SummaryCommand.class,
      AugmentPreviewCommand.class,
      CompletionCommand.class
    },
    versionProvider = AlexNetCommand.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:the command failed; one line on stderr says why",
      "2:an option or argument is wrong",
      "130:stopped by Ctrl-C (143: by SIGTERM)"
    },
    footerHeading = "%nType one of these next:%n",
    footer = {
      "  java -jar alexnet.jar train                       trains on generated shapes",
      "  java -jar alexnet.jar train --data folder:PHOTOS  on photographs, by folders",
      "  java -jar alexnet.jar predict RUN photo.jpg       what a network sees in one",
      "  java -jar alexnet.jar train --help                all that can be said"
    })
final class AlexNetCommand implements Runnable {

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this help and exit.")
  private boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Show the version and exit.")
  private boolean version;

  @Option(
      names = "--stacktrace",
      scope = ScopeType.INHERIT,
      description = "After an error, show where in the program it arose.")
  private boolean stacktrace;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  static int execute(String... args) {
    return execute(new PrintWriter(System.out, true), new PrintWriter(System.err, true), args);
  }

  /**
   * Runs a command. Nothing is thrown: every error is one line on {@code err}.
   *
   * @return the exit code
   */
  static int execute(PrintWriter out, PrintWriter err, String... args) {
    AlexNetCommand command = new AlexNetCommand();
    CommandLine commandLine =
        commandLine(command)
            .setOut(out)
            .setErr(err)
            .setParameterExceptionHandler((e, arguments) -> command.usageError(e))
            .setExecutionExceptionHandler((e, line, result) -> command.failure(e));
    try {
      int exitCode = commandLine.execute(args);
      if (out.checkError() && exitCode == CommandLine.ExitCode.OK) { // writers throw nothing
        return command.failure(
            new Failure("stdout cannot be written: the disk is full, or nobody reads on"));
      }
      return exitCode;
    } catch (Error e) {
      return command.failure(e);
    }
  }

  /** The command line that a command is part of. */
  static AlexNetCommand of(CommandLine.Model.CommandSpec command) {
    return (AlexNetCommand) command.root().userObject();
  }

  /** All commands, their options and how these are read. */
  static CommandLine commandLine(AlexNetCommand command) {
    return new CommandLine(command)
        .setUsageHelpAutoWidth(true)
        .registerConverter(ModelName.class, new Choice<>(ModelName.class))
        .registerConverter(ConvolutionName.class, new Choice<>(ConvolutionName.class))
        .registerConverter(OptimizerName.class, new Choice<>(OptimizerName.class))
        .registerConverter(ActivationName.class, new Choice<>(ActivationName.class))
        .registerConverter(NormalizationKind.class, new Choice<>(NormalizationKind.class))
        .registerConverter(DataSource.class, DataSource::parse)
        .registerConverter(Packer.Crop.class, new Choice<>(Packer.Crop.class));
  }

  /** An error that has a cause is the library's, which knows what there was no memory for. */
  static String outOfHeap(OutOfMemoryError e) {
    return e.getCause() != null
        ? e.getMessage()
        : "out of heap: "
            + Runtime.getRuntime().maxMemory() / 1_000_000
            + " MB are the JVM's limit; give it more (java -Xmx8g -jar …), or take fewer --threads"
            + " or a smaller --batch-size where there is one";
  }

  /** Without a command: the help, which ends with what to type next. */
  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  private int usageError(ParameterException e) {
    CommandLine commandLine = e.getCommandLine();
    StringBuilder line = new StringBuilder(oneLine(e.getMessage()));
    if (e instanceof UnmatchedArgumentException unmatched
        && !unmatched.getSuggestions().isEmpty()) {
      line.append("; did you mean ").append(unmatched.getSuggestions().get(0)).append('?');
    }
    line.append(" (").append(commandLine.getCommandSpec().qualifiedName()).append(" --help)");
    commandLine.getErr().println("alexnet: " + line);
    if (stacktrace) {
      e.printStackTrace(commandLine.getErr());
    }
    return CommandLine.ExitCode.USAGE;
  }

  /**
   * Says in one line on stderr what has failed, at once.
   *
   * @return the exit code
   */
  int failure(Throwable e) {
    PrintWriter err = spec.commandLine().getErr();
    err.println("alexnet: " + oneLine(reason(e)));
    if (stacktrace) {
      e.printStackTrace(err);
    }
    err.flush();
    return CommandLine.ExitCode.SOFTWARE;
  }

  /** What to tell the user. The JDK's file exceptions name the file but not what is wrong. */
  private static String reason(Throwable e) {
    if (e instanceof OutOfMemoryError outOfMemory) {
      return outOfHeap(outOfMemory);
    }
    if (e instanceof InternalError && String.valueOf(e.getMessage()).contains("unsafe memory")) {
      // The JVM's answer to a page that the system cannot read.
      return "packed images cannot be read: the disk failed or a file was cut";
    }
    if (e instanceof NoSuchFileException) {
      return e.getMessage() + ": no such file or folder";
    }
    if (e instanceof AccessDeniedException) {
      return e.getMessage() + ": permission denied";
    }
    if (e instanceof FileSystemException fileError && fileError.getReason() == null) {
      return e.getMessage() + ": " + e.getClass().getSimpleName();
    }
    boolean expected =
        e.getClass().getName().startsWith("io.alexnet.")
            || e instanceof IllegalArgumentException
            || e instanceof IllegalStateException
            || e instanceof IOException
            || e instanceof UncheckedIOException;
    if (expected && e.getMessage() != null) {
      return e.getMessage();
    }
    return "this should not have happened: " + e + " (--stacktrace shows where)";
  }

  private static String oneLine(String message) {
    return OneLine.of(message.strip().replaceAll("\\s*\\R\\s*", " "));
  }

  /** The version in the jar's manifest. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = AlexNetCommand.class.getPackage().getImplementationVersion();
      return new String[] {
        "alexnet " + (version == null ? "(not run from its jar)" : version),
        "JVM " + Runtime.version() + ", " + System.getProperty("os.arch")
      };
    }
  }
}
