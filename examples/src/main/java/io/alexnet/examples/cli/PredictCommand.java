package io.alexnet.examples.cli;

import io.alexnet.batch.BatchSource;
import io.alexnet.data.image.ImageDecoder;
import io.alexnet.data.image.ImageException;
import io.alexnet.examples.page.Json;
import io.alexnet.train.Predictor;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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
    description = "Says what a trained network sees in images.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  java -jar alexnet.jar predict runs/flowers photo.jpg",
      "  java -jar alexnet.jar predict runs/flowers holiday/ --top 3 --json"
    })
final class PredictCommand implements Callable<Integer> {

  private record Guess(int output, double probability) {}

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "RUN", description = "The folder of a run.")
  private Path run;

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "IMAGE|DIR",
      description = "Image files; of a folder, all files in it.")
  private List<Path> images;

  @Option(
      names = "--top",
      paramLabel = "K",
      description = "Guesses for each image; ${DEFAULT-VALUE} if not given.",
      defaultValue = "5")
  private int top;

  @Option(names = "--json", description = "Prints JSON.")
  private boolean json;

  @Mixin private CropsOption crops;

  @Mixin private ThreadsOption threads;

  @Override
  public Integer call() throws IOException {
    if (top < 1) {
      throw new ParameterException(spec.commandLine(), "--top must be at least 1, not " + top);
    }
    PrintWriter out = spec.commandLine().getOut();
    List<Path> files = files();
    List<Path> readable = readable(files);
    if (!readable.isEmpty()) {
      try (TrainedNetwork trained = TrainedNetwork.open(run, threads.count())) {
        print(readable, guesses(trained, readable), trained.configuration().classNames(), out);
      }
    }
    return readable.size() == files.size()
        ? CommandLine.ExitCode.OK
        : CommandLine.ExitCode.SOFTWARE;
  }

  private List<Path> files() throws IOException {
    List<Path> files = new ArrayList<>();
    for (Path path : images) {
      if (Files.isDirectory(path)) {
        try (Stream<Path> inside = Files.list(path)) {
          List<Path> found = inside.filter(Files::isRegularFile).sorted().toList();
          if (found.isEmpty()) {
            throw new Failure(path + ": there are no images in this folder");
          }
          files.addAll(found);
        }
      } else {
        files.add(path);
      }
    }
    return files;
  }

  /** Says of each file that is not an image what is wrong with it, and leaves it out. */
  private List<Path> readable(List<Path> files) {
    ImageDecoder decoder = new ImageDecoder();
    List<Path> readable = new ArrayList<>();
    for (Path file : files) {
      try {
        decoder.check(file);
        readable.add(file);
      } catch (ImageException e) {
        spec.commandLine().getErr().println("alexnet: " + e.getMessage());
      }
    }
    return readable;
  }

  private List<List<Guess>> guesses(TrainedNetwork trained, List<Path> files) {
    RunConfiguration configuration = trained.configuration();
    ImageFiles images =
        new ImageFiles(files, configuration.channels(), configuration.classNames(), i -> 0);
    BatchSource source = configuration.evaluationBatches(images, crops.count(configuration));
    List<List<Guess>> guesses = new ArrayList<>();
    new Predictor(trained.network()).predict(source, p -> guesses.add(guesses(p)));
    return guesses;
  }

  /** The most probable outputs, best first. */
  private List<Guess> guesses(double[] probabilities) {
    return IntStream.range(0, probabilities.length)
        .mapToObj(i -> new Guess(i, probabilities[i]))
        .sorted(Comparator.comparingDouble(Guess::probability).reversed())
        .limit(top)
        .toList();
  }

  private void print(
      List<Path> files, List<List<Guess>> guesses, List<String> classNames, PrintWriter out) {
    if (json) {
      List<Map<String, Object>> all = new ArrayList<>();
      for (int i = 0; i < files.size(); i++) {
        Map<String, Object> image = new LinkedHashMap<>();
        image.put("image", files.get(i));
        image.put("guesses", guesses.get(i).stream().map(g -> toMap(g, classNames)).toList());
        all.add(image);
      }
      out.print(Json.write(all));
    } else {
      int width = files.stream().mapToInt(f -> f.toString().length()).max().orElse(0);
      for (int i = 0; i < files.size(); i++) {
        String file = files.get(i).toString();
        for (Guess guess : guesses.get(i)) {
          out.printf(
              Locale.ROOT,
              "%-" + width + "s  %5.1f %%  %s%n",
              file,
              100 * guess.probability(),
              classNames.get(guess.output()));
          file = "";
        }
      }
    }
    out.flush();
  }

  private static Map<String, Object> toMap(Guess guess, List<String> classNames) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("class", classNames.get(guess.output()));
    map.put("probability", guess.probability());
    return map;
  }
}
