package io.alexnet.examples.experiment;

import io.alexnet.examples.chart.EpochChart;
import io.alexnet.examples.cli.Main;
import io.alexnet.examples.page.Json;
import io.alexnet.format.AtomicFile;
import io.alexnet.format.OneLine;
import io.alexnet.train.CsvMetrics;
import io.alexnet.train.EpochRecord;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Trainings that differ in one thing, each with several seeds, and what came of them as a table and
 * a picture.
 *
 * <p>Each training is a {@code train} command with a folder of its own, {@code OUT/VARIANT/seed-N};
 * the command is printed, and {@code OUT/commands.txt} keeps it. Table and picture, {@code
 * OUT/results.md} and {@code OUT/curves.png}, are made anew after each training of what there is.
 * What is done keeps its model but not its checkpoints. Stopped and started again, an experiment
 * goes on where it was; with other data or another recipe for a variant that it has, it is refused.
 * A training that fails, as one that diverges, is named at the end and does not keep the others
 * from their turn.
 */
final class Experiment {

  /** One training that has come to its end. */
  record Training(long seed, Path folder, List<EpochRecord> epochs) {
    EpochRecord last() {
      return epochs.get(epochs.size() - 1);
    }

    /** The record of this epoch, from 1, or of the last if there were fewer. */
    EpochRecord after(int epoch) {
      return epochs.get(Math.min(epoch, epochs.size()) - 1);
    }

    /** The last epoch's top-1 share as the average over ten crops; NaN if it did not crop. */
    double tenCropTop1() {
      Path file = folder.resolve(EVALUATION);
      try (Reader text = Files.newBufferedReader(file)) {
        long tokens = Files.size(file); // at most; a thousand classes make millions
        Map<?, ?> last = (Map<?, ?>) ((Map<?, ?>) Json.read(text, tokens)).get("last");
        for (Object evaluation : (List<?>) last.get("evaluations")) {
          if (((Map<?, ?>) evaluation).get("crops").equals(10)) {
            return ((Number) ((Map<?, ?>) evaluation).get("top1")).doubleValue();
          }
        }
        return Double.NaN;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /**
   * @param start whose weights it begins with; null to begin from scratch
   */
  private record Variant(String name, Variant start, List<String> arguments) {
    Path folder(Path out, long seed) {
      String folder = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
      return out.resolve(folder).resolve("seed-" + seed);
    }
  }

  private record Column(String name, String format, ToDoubleFunction<Training> figure) {
    /** The mean and, of several trainings, their standard deviation; a dash for no figure. */
    String cell(List<Training> trainings) {
      double[] figures = trainings.stream().mapToDouble(figure).toArray();
      double mean = Arrays.stream(figures).average().orElse(Double.NaN);
      if (Double.isNaN(mean)) {
        return "–";
      }
      double squares = Arrays.stream(figures).map(f -> (f - mean) * (f - mean)).sum();
      String spread =
          figures.length < 2
              ? ""
              : " ± "
                  + String.format(Locale.ROOT, format, Math.sqrt(squares / (figures.length - 1)));
      return String.format(Locale.ROOT, format, mean) + spread;
    }
  }

  private record Curve(String title, ToDoubleFunction<EpochRecord> percent) {}

  private static final String COMMANDS = "commands.txt";
  private static final String RESULTS = "results.md";

  /** Exit code after Ctrl-C. */
  private static final int STOPPED = 130;

  /** In a training's folder once it has come to its end. */
  private static final String EVALUATION = "evaluation.json";

  private final Class<?> program;
  private final List<String> common;
  private final List<Variant> variants = new ArrayList<>();
  private final List<Column> columns = new ArrayList<>();
  private final List<Curve> curves = new ArrayList<>();

  /**
   * @param program whose {@code main} this is
   * @param common arguments of {@code train} for every training, but data, seed and folder
   */
  Experiment(Class<?> program, String... common) {
    this.program = program;
    this.common = List.of(common);
  }

  /** One about errors, with columns and curves but no variants yet; arguments as above. */
  static Experiment ofErrors(Class<?> program, String... common) {
    return new Experiment(program, common)
        .column("test error, %", "%.2f", t -> 100 - 100 * t.last().validationTop1())
        .column("test error, ten crops, %", "%.2f", t -> 100 - 100 * t.tenCropTop1())
        .column("training error, %", "%.2f", t -> 100 - 100 * t.last().trainTop1())
        .curve("Test error", epoch -> 1 - epoch.validationTop1())
        .curve("Training error", epoch -> 1 - epoch.trainTop1());
  }

  /** One about accuracies, likewise. */
  static Experiment ofAccuracies(Class<?> program, String... common) {
    return new Experiment(program, common)
        .column("top-1, centre, %", "%.1f", t -> 100 * t.last().validationTop1())
        .column("top-1, ten crops, %", "%.1f", t -> 100 * t.tenCropTop1())
        .column("training top-1, %", "%.1f", t -> 100 * t.last().trainTop1())
        .curve("Validation top-1, centre crop", epoch -> epoch.validationTop1())
        .curve("Training top-1", epoch -> epoch.trainTop1());
  }

  /**
   * @param arguments of {@code train} for this variant
   */
  Experiment variant(String name, String... arguments) {
    variants.add(new Variant(name, null, List.of(arguments)));
    return this;
  }

  /**
   * A variant whose trainings begin with the weights of another's, of the same seed.
   *
   * @param start the other's name, of a variant given before
   * @param arguments of {@code train} for this variant, but {@code --from}
   */
  Experiment variantFrom(String start, String name, String... arguments) {
    Variant other =
        variants.stream().filter(variant -> variant.name.equals(start)).findAny().orElseThrow();
    variants.add(new Variant(name, other, List.of(arguments)));
    return this;
  }

  /**
   * A column of the table.
   *
   * @param format of the figure, as in {@code %.1f}
   */
  Experiment column(String name, String format, ToDoubleFunction<Training> figure) {
    columns.add(new Column(name, format, figure));
    return this;
  }

  /** A chart with the curves of all variants, from 0 to 100 %. */
  Experiment curve(String title, ToDoubleFunction<EpochRecord> share) {
    curves.add(new Curve(title, epoch -> 100 * share.applyAsDouble(epoch)));
    return this;
  }

  /**
   * Does what is not done yet.
   *
   * @param args DATA, as {@code train --data} takes it, OUT and, if it is not three, the number of
   *     seeds
   * @return the exit code: 0, 1 after a training that failed, 2 after wrong arguments, that of a
   *     training that was stopped
   */
  int run(String... args) throws InterruptedException {
    System.setProperty("java.awt.headless", "true"); // pictures are drawn to files, on no display
    try {
      return runOrFail(args);
    } catch (IOException | UncheckedIOException e) {
      System.err.println(OneLine.of(program.getSimpleName() + ": " + e));
      return 1;
    }
  }

  private int runOrFail(String... args) throws IOException, InterruptedException {
    String seedsText = args.length == 3 ? args[2] : "3";
    if (args.length < 2 || args.length > 3 || !seedsText.matches("[1-9]\\d?")) {
      System.err.println(
          "usage: java -cp alexnet.jar "
              + program.getName()
              + " DATA OUT [SEEDS], as in cifar10:cifar-10-binary.tar.gz runs/experiment 3");
      return 2;
    }
    Path out = Path.of(args[1]);
    if (!keepCommands(args[0], out.resolve(COMMANDS))) {
      System.err.println(
          out.resolve(COMMANDS) + " has other commands: choose another OUT, or delete this one");
      return 1;
    }
    int seeds = Integer.parseInt(seedsText);
    List<String> failed = new ArrayList<>();
    report(out, seeds);
    for (long seed = 1; seed <= seeds; seed++) {
      for (Variant variant : variants) {
        Path folder = variant.folder(out, seed);
        if (isFinished(folder)) {
          deleteCheckpoints(folder); // unless it was killed before it could
          continue;
        }
        if (variant.start != null && !isFinished(variant.start.folder(out, seed))) {
          failed.add(variant.name + ", seed " + seed + " (nothing to begin with)");
          continue;
        }
        int exitCode = train(args[0], out, variant, seed);
        if (exitCode == 1) {
          failed.add(variant.name + ", seed " + seed);
        } else if (!isFinished(folder)) {
          return exitCode == 0 ? STOPPED : exitCode;
        } else {
          deleteCheckpoints(folder);
        }
        report(out, seeds);
      }
    }
    if (!failed.isEmpty()) {
      System.err.println("failed: " + String.join("; ", failed));
    }
    if (Files.exists(out.resolve(RESULTS))) {
      System.out.print(Files.readString(out.resolve(RESULTS)));
    }
    return failed.isEmpty() ? 0 : 1;
  }

  /**
   * Writes down how each variant is trained.
   *
   * @return whether it agrees with what is written there already
   */
  private boolean keepCommands(String data, Path file) throws IOException {
    Map<String, String> commands = new LinkedHashMap<>();
    if (Files.exists(file)) {
      for (String line : Files.readAllLines(file)) {
        commands.put(line.replaceFirst(": .*", ""), line);
      }
    }
    for (Variant variant : variants) {
      String line = variant.name + ": alexnet " + String.join(" ", arguments(data, variant));
      if (variant.start != null) {
        line += " --from " + variant.start.folder(Path.of("OUT"), 0).resolveSibling("seed-N");
      }
      String before = commands.put(variant.name, line);
      if (before != null && !before.equals(line)) {
        return false;
      }
    }
    write(file, String.join("\n", commands.values()) + "\n");
    return true;
  }

  /** Of {@code train}, but for seed and folder. */
  private List<String> arguments(String data, Variant variant) {
    List<String> arguments = new ArrayList<>(List.of("train", "--data", data));
    arguments.addAll(common);
    arguments.addAll(variant.arguments);
    return arguments;
  }

  private static boolean isFinished(Path folder) {
    return Files.exists(folder.resolve(EVALUATION));
  }

  private int train(String data, Path out, Variant variant, long seed)
      throws IOException, InterruptedException {
    Path folder = variant.folder(out, seed);
    List<String> command = arguments(data, variant);
    command.addAll(List.of("--seed", String.valueOf(seed)));
    boolean begun = Files.exists(folder.resolve("config.json"));
    command.addAll(List.of(begun ? "--resume" : "--out", folder.toString()));
    if (variant.start != null && !begun) {
      command.addAll(List.of("--from", variant.start.folder(out, seed).toString()));
    }
    System.out.println("alexnet " + String.join(" ", command));
    return Main.run(command.toArray(String[]::new));
  }

  /** Of AlexNet 1.4 GB for each training; its model stays. */
  private static void deleteCheckpoints(Path folder) throws IOException {
    Path checkpoints = folder.resolve("checkpoints");
    if (!Files.exists(checkpoints)) {
      return;
    }
    try (Stream<Path> files = Files.list(checkpoints)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Files.delete(file);
      }
    }
    Files.delete(checkpoints);
  }

  private void report(Path out, int seeds) throws IOException {
    Map<Variant, List<Training>> done = new LinkedHashMap<>();
    for (Variant variant : variants) {
      List<Training> trainings = new ArrayList<>();
      for (long seed = 1; seed <= seeds; seed++) {
        Path folder = variant.folder(out, seed);
        if (isFinished(folder)) {
          trainings.add(new Training(seed, folder, CsvMetrics.read(folder.resolve("metrics.csv"))));
        }
      }
      if (!trainings.isEmpty()) {
        done.put(variant, trainings);
      }
    }
    if (done.isEmpty()) {
      return;
    }
    write(out.resolve(RESULTS), table(done));
    try {
      picture(done, out.resolve("curves.png"));
    } catch (RuntimeException | Error e) { // a JDK without fonts throws any of these
      System.err.println(OneLine.of(out.resolve("curves.png") + " is not drawn: " + e));
    }
  }

  private static void write(Path file, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    AtomicFile.write(file, output -> output.write(bytes));
  }

  private String table(Map<Variant, List<Training>> done) {
    StringBuilder table = new StringBuilder("| | seeds |");
    columns.forEach(column -> table.append(' ').append(column.name).append(" |"));
    table.append("\n|---|---|").append("---|".repeat(columns.size())).append('\n');
    done.forEach(
        (variant, trainings) -> {
          table.append("| " + variant.name + " | " + trainings.size() + " |");
          columns.forEach(column -> table.append(' ').append(column.cell(trainings)).append(" |"));
          table.append('\n');
        });
    return table.toString();
  }

  /** A thin curve for each training and a thick one for the mean of a variant's. */
  private void picture(Map<Variant, List<Training>> done, Path file) throws IOException {
    int epochs =
        done.values().stream()
            .flatMap(List::stream)
            .mapToInt(training -> training.epochs.size())
            .max()
            .orElseThrow();
    EpochChart[] charts = new EpochChart[curves.size()];
    for (int i = 0; i < charts.length; i++) {
      Curve curve = curves.get(i);
      EpochChart chart = new EpochChart(curve.title, "%", epochs).upTo(100);
      int color = 0;
      for (Map.Entry<Variant, List<Training>> entry : done.entrySet()) {
        List<double[]> figures = new ArrayList<>();
        for (Training training : entry.getValue()) {
          double[] figure = training.epochs.stream().mapToDouble(curve.percent).toArray();
          String name = entry.getKey().name + ", seed " + training.seed;
          chart.thinCurve(name, color, numbers(figure.length), figure);
          figures.add(figure);
        }
        int shortest = figures.stream().mapToInt(f -> f.length).min().orElseThrow();
        double[] mean =
            IntStream.range(0, shortest)
                .mapToDouble(e -> figures.stream().mapToDouble(f -> f[e]).average().orElseThrow())
                .toArray();
        chart.curve(entry.getKey().name, color++, numbers(shortest), mean);
      }
      charts[i] = chart;
    }
    EpochChart.write(file, charts);
  }

  private static double[] numbers(int count) {
    return IntStream.rangeClosed(1, count).asDoubleStream().toArray();
  }
}
