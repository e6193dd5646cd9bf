package io.alexnet.bench;

import static io.alexnet.bench.PeakProfiler.PEAK;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.regex.PatternSyntaxException;
import org.openjdk.jmh.Main;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * JMH's command line, and behind its own report a table in shares of what the machine can do: of
 * multiply-adds around each iteration ({@link PeakProfiler}), the median over the iterations; of
 * the bandwidth by {@link PeakBenchmark#memory}, which runs with every selection. Peaks are those
 * of one core, so with {@code -p threads=2} a kernel may reach 200 %. Everything is measured by the
 * second: {@code -bm} and {@code -tu} have no effect.
 */
public final class Benchmarks {

  private static final String MEMORY = "PeakBenchmark.memory";

  private Benchmarks() {}

  public static void main(String[] args) throws IOException {
    int exitCode = execute(new PrintWriter(System.err, true), args);
    if (exitCode != 0) {
      System.exit(exitCode);
    }
  }

  /** Whatever is wrong is one line on {@code err}; returns the exit code, as JMH's would be. */
  static int execute(PrintWriter err, String... args) throws IOException {
    try {
      CommandLineOptions options = new CommandLineOptions(args);
      if (options.shouldHelp()
          || options.shouldList()
          || options.shouldListWithParams()
          || options.shouldListProfilers()
          || options.shouldListResultFormats()) {
        Main.main(args);
        return 0;
      }
      requireMatches(options);
      System.out.print(table(new Runner(withPeaks(options)).run()));
      return 0;
    } catch (CommandLineOptionException | RunnerException | PatternSyntaxException e) {
      String message = e.getMessage() == null ? e.toString() : e.getMessage();
      if (e instanceof RunnerException && e.getCause() != null) {
        message += " " + e.getCause().getMessage();
      }
      err.println("Benchmarks: " + message.replaceAll("\\s*\\R\\s*", " "));
      return 1;
    }
  }

  /** JMH looks whether there is any benchmark to run, and {@link #MEMORY} always is. */
  private static void requireMatches(CommandLineOptions options) throws RunnerException {
    OutputFormat silent = OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT);
    for (String pattern : options.getIncludes()) {
      if (BenchmarkList.defaultList()
          .find(silent, List.of(pattern), options.getExcludes())
          .isEmpty()) {
        throw new RunnerException("no benchmark matches " + pattern + ": -l lists them");
      }
    }
  }

  static Options withPeaks(CommandLineOptions options) {
    OptionsBuilder builder = new OptionsBuilder();
    builder.parent(options);
    builder.addProfiler(PeakProfiler.class);
    builder.mode(Mode.Throughput).timeUnit(TimeUnit.SECONDS); // the table's units
    if (!options.getIncludes().isEmpty()) {
      options.getIncludes().forEach(builder::include);
      builder.include(MEMORY);
    }
    return builder.build();
  }

  private static String table(Collection<RunResult> results) {
    double gigabytePeak =
        results.stream()
            .filter(result -> result.getParams().getBenchmark().endsWith(MEMORY))
            .mapToDouble(result -> rate(result, "gigabytes"))
            .max()
            .orElse(Double.NaN);
    List<Double> peaks = new ArrayList<>();
    List<String> lines = new ArrayList<>();
    for (RunResult result : results) {
      peaks.addAll(overIterations(result, i -> score(i, PEAK)));
      double gflops = rate(result, "gflop");
      double gigabytes = rate(result, "gigabytes");
      double images = rate(result, "images");
      if (images > 0) {
        lines.add(row(result, images, "images/s"));
      } else if (gflops > 0) {
        double share = median(overIterations(result, i -> score(i, "gflop") / score(i, PEAK)));
        lines.add(row(result, gflops, "GFLOP/s") + share(share));
      } else {
        lines.add(row(result, gigabytes, "GB/s") + share(gigabytes / gigabytePeak));
      }
    }
    return "%nOf one core's peak, %.1f GFLOP/s and %.1f GB/s:%n%s%n"
        .formatted(median(peaks), gigabytePeak, String.join(System.lineSeparator(), lines));
  }

  private static String share(double ofPeak) {
    return " %4.0f %%".formatted(100 * ofPeak);
  }

  private static String row(RunResult result, double rate, String unit) {
    String benchmark = result.getParams().getBenchmark();
    String name = benchmark.substring(Benchmarks.class.getPackageName().length() + 1);
    List<String> parameters = new ArrayList<>();
    for (String key : result.getParams().getParamsKeys()) {
      parameters.add(key + "=" + result.getParams().getParam(key));
    }
    return "%-40s %-60s %8.1f %-8s".formatted(name, String.join(" ", parameters), rate, unit);
  }

  private static List<Double> overIterations(
      RunResult result, ToDoubleFunction<IterationResult> figure) {
    return result.getBenchmarkResults().stream()
        .flatMap(fork -> fork.getIterationResults().stream())
        .map(figure::applyAsDouble)
        .toList();
  }

  private static double median(List<Double> figures) {
    return figures.stream().sorted().skip(figures.size() / 2).findFirst().orElse(Double.NaN);
  }

  private static double score(IterationResult iteration, String counter) {
    Result<?> result = iteration.getSecondaryResults().get(counter);
    return result == null ? Double.NaN : result.getScore();
  }

  @SuppressWarnings("rawtypes")
  private static double rate(RunResult result, String counter) {
    Map<String, Result> counters = result.getSecondaryResults();
    return counters.containsKey(counter) ? counters.get(counter).getScore() : 0;
  }
}
