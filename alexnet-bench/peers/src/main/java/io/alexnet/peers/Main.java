package io.alexnet.peers;

import io.alexnet.peers.Comparison.Entrant;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs this library's AlexNet and other engines' in turns, and prints how they compare. */
@Command(
    name = "peers",
    mixinStandardHelpOptions = true,
    description = "Runs AlexNet on this library and on others in turns, and compares them.")
final class Main implements Callable<Integer> {

  private enum Mode {
    TRAIN,
    INFER
  }

  private enum Format {
    CONTIGUOUS,
    CHANNELS_LAST,
    BOTH
  }

  @Parameters(paramLabel = "train|infer", description = "A training step, or inference.")
  private Mode mode;

  @Option(names = "--batch", defaultValue = "64", description = "Images; ${DEFAULT-VALUE}.")
  private int batch;

  @Option(names = "--threads", description = "Of every engine; all processors unless given.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--lrn",
      arity = "1",
      defaultValue = "true",
      description = "With local response normalisation: true or false.")
  private boolean lrn;

  @Option(
      names = "--against",
      split = ",",
      defaultValue = "libtorch",
      description = "libtorch, dl4j, onnxruntime; ${DEFAULT-VALUE} unless given.")
  private List<Peer> against;

  @Option(names = "--rounds", defaultValue = "5", description = "Turns each; ${DEFAULT-VALUE}.")
  private int rounds;

  @Option(
      names = "--round-seconds",
      defaultValue = "3",
      description = "That a turn lasts at the least, and one step; ${DEFAULT-VALUE}.")
  private double roundSeconds;

  @Option(
      names = "--warm-up",
      defaultValue = "15",
      description = "Seconds of steps before the first round, two steps at the least.")
  private double warmUpSeconds;

  @Option(
      names = "--memory-format",
      defaultValue = "both",
      description = "libtorch's: contiguous, channels_last or both; ${DEFAULT-VALUE}.")
  private Format format;

  @Option(
      names = "--jvm-options",
      split = " ",
      description = "Of this library's process alone, say \"-XX:UseAVX=2\".")
  private List<String> jvmOptions = List.of();

  @Option(names = "--xmx", defaultValue = "6g", description = "Heap of each; ${DEFAULT-VALUE}.")
  private String xmx;

  @Option(names = "--markdown", description = "Print the table as Markdown.")
  private boolean markdown;

  @Spec private CommandSpec spec;

  public static void main(String[] arguments) {
    System.exit(
        execute(new PrintWriter(System.out, true), new PrintWriter(System.err, true), arguments));
  }

  /** Every error is one line on {@code err}; returns the exit code. */
  static int execute(PrintWriter out, PrintWriter err, String... arguments) {
    return new CommandLine(new Main())
        .setOut(out)
        .setErr(err)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(
            (e, rejected) -> {
              err.println("peers: " + e.getMessage().replaceAll("\\s*\\R\\s*", " "));
              return CommandLine.ExitCode.USAGE;
            })
        .setExecutionExceptionHandler(
            (e, line, result) -> {
              err.println("peers: " + (e instanceof Failure ? e.getMessage() : e.toString()));
              return CommandLine.ExitCode.SOFTWARE;
            })
        .execute(arguments);
  }

  @Override
  public Integer call() throws Exception {
    require(batch >= 1, "--batch must be at least 1, not " + batch);
    require(threads >= 1, "--threads must be at least 1, not " + threads);
    require(rounds >= 1, "--rounds must be at least 1, not " + rounds);
    require(roundSeconds >= 0, "--round-seconds must not be negative");
    require(warmUpSeconds >= 0, "--warm-up must not be negative");
    require(xmx.matches("\\d+[kmgKMG]?"), "--xmx takes a size as 6g, not " + xmx);
    require(!against.contains(Peer.OURS), "--against takes libtorch, dl4j and onnxruntime");
    require(
        mode == Mode.INFER || !against.contains(Peer.ONNXRUNTIME),
        "onnxruntime does not train: leave it out of --against");
    Comparison comparison = new Comparison(rounds, roundSeconds, warmUpSeconds, xmx, jvmOptions);
    PrintWriter out = spec.commandLine().getOut();
    Task task = new Task(mode == Mode.TRAIN, batch, threads, lrn, false);
    print(out, comparison, task);
    if (mode == Mode.INFER && batch > 1) {
      print(out, comparison, task.withBatch(1));
    }
    return CommandLine.ExitCode.OK;
  }

  private void print(PrintWriter out, Comparison comparison, Task task) throws Exception {
    out.printf(
        "%s, batch %d, %d threads, %s LRN, %d rounds:%n%n",
        task.train() ? "Training step" : "Inference",
        task.batch(),
        task.threads(),
        task.lrn() ? "with" : "without",
        rounds);
    out.println(Report.of(comparison.run(entrants(task)), markdown));
  }

  private List<Entrant> entrants(Task task) {
    List<Entrant> entrants = new ArrayList<>();
    entrants.add(new Entrant("ours", Peer.OURS, task));
    Set<Peer> peers = new LinkedHashSet<>(against);
    for (Peer peer : peers) {
      if (peer != Peer.LIBTORCH) {
        entrants.add(new Entrant(peer.toString(), peer, task));
        continue;
      }
      for (Format stored : List.of(Format.CONTIGUOUS, Format.CHANNELS_LAST)) {
        if (format == stored || format == Format.BOTH) {
          entrants.add(
              new Entrant(
                  "libtorch " + stored.name().toLowerCase(Locale.ROOT),
                  peer,
                  task.inChannelsLast(stored == Format.CHANNELS_LAST)));
        }
      }
    }
    return entrants;
  }

  private void require(boolean condition, String message) {
    if (!condition) {
      throw new ParameterException(spec.commandLine(), message);
    }
  }
}
