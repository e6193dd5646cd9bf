package io.alexnet.examples.cli;

import io.alexnet.data.predict.ImageClassifier;
import io.alexnet.data.predict.Prediction;
import io.alexnet.examples.page.Json;
import io.alexnet.format.OneLine;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "predict",
    description = {
      "Says what a trained network sees in images.",
      "A file that cannot be read is one line on stderr; the others go on, and the exit code is 1."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  java -jar alexnet.jar predict runs/flowers photo.jpg",
      "  java -jar alexnet.jar predict runs/flowers holiday/ --top 3 --json"
    })
final class PredictCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "RUN", description = "The folder of a run.")
  private Path run;

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "IMAGE|DIR",
      description = "Image files; of a folder, all images in it and in its folders, sorted.")
  private List<Path> images;

  @Option(
      names = "--top",
      paramLabel = "K",
      description = "Guesses for each image; ${DEFAULT-VALUE} if not given.",
      defaultValue = "5")
  private int top;

  @Option(names = "--json", description = "Prints JSON; an image that cannot be read has an error.")
  private boolean json;

  @Mixin private CropsOption crops;

  @Mixin private ThreadsOption threads;

  @Override
  public Integer call() {
    if (top < 1) {
      throw new ParameterException(spec.commandLine(), "--top must be at least 1, not " + top);
    }
    List<Path> files = ImageChunks.files(images);
    boolean all;
    try (TrainedNetwork trained = TrainedNetwork.open(run, threads.count())) {
      RunConfiguration configuration = trained.configuration();
      int views = crops.count(configuration);
      ImageChunks chunks =
          new ImageChunks(files, configuration.preprocessing(), views, threads.count());
      try (ImageClassifier classifier =
          trained.classifier(chunks.predictor(trained.network()).build(), views)) {
        all = json ? printJson(chunks, classifier) : printTable(files, chunks, classifier);
      }
    }
    return all ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
  }

  /** Whether all images could be read. */
  private boolean printTable(List<Path> files, ImageChunks chunks, ImageClassifier classifier) {
    PrintWriter out = spec.commandLine().getOut();
    int width = files.stream().mapToInt(f -> f.toString().length()).max().orElse(0);
    return chunks.forEach(
        some -> classifier.classify(some, top),
        (file, guesses) -> print(file, guesses, width, out),
        (file, e) -> {},
        spec.commandLine().getErr());
  }

  /** Whether all images could be read. */
  private boolean printJson(ImageChunks chunks, ImageClassifier classifier) {
    List<Object> entries = new ArrayList<>();
    boolean all =
        chunks.forEach(
            some -> classifier.classify(some, top),
            (file, guesses) ->
                entries.add(
                    toMap(file, "guesses", guesses.stream().map(PredictCommand::toMap).toList())),
            (file, e) -> entries.add(toMap(file, "error", e.reason())),
            spec.commandLine().getErr());
    spec.commandLine().getOut().print(Json.ascii(entries));
    spec.commandLine().getOut().flush();
    return all;
  }

  private static void print(Path file, List<Prediction> guesses, int width, PrintWriter out) {
    String name = OneLine.of(file.toString());
    for (Prediction guess : guesses) {
      out.printf(
          Locale.ROOT,
          "%-" + width + "s  %5.1f %%  %s%n",
          name,
          100 * guess.probability(),
          OneLine.of(guess.className()));
      name = "";
    }
    out.flush();
  }

  private static Map<String, Object> toMap(Path file, String key, Object value) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("image", file);
    map.put(key, value);
    return map;
  }

  private static Map<String, Object> toMap(Prediction guess) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("class", guess.className());
    // JSON has no NaN, which a network that diverged gives.
    map.put("probability", Float.isFinite(guess.probability()) ? guess.probability() : null);
    return map;
  }
}
