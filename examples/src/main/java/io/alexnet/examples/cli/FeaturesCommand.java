package io.alexnet.examples.cli;

import io.alexnet.data.Preprocessing;
import io.alexnet.data.image.Image;
import io.alexnet.data.image.ImageDecoder;
import io.alexnet.examples.chart.NeighbourSheet;
import io.alexnet.examples.chart.NeighbourSheet.Picture;
import io.alexnet.examples.chart.PngFile;
import io.alexnet.graph.Node;
import io.alexnet.layer.Dense;
import io.alexnet.layer.Dropout;
import io.alexnet.predict.Predictor;
import io.alexnet.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "features",
    description = {
      "Writes what a layer of a trained network makes of a folder's images, a vector for each, or"
          + " finds the images that are nearest to another by these vectors, as the paper's figure"
          + " 4 does."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  java -jar alexnet.jar features runs/flowers photos/ --out features.csv",
      "  java -jar alexnet.jar features runs/flowers photos/ --layer relu6 --out features.npy",
      "  java -jar alexnet.jar features runs/flowers photos/ --nearest rose.jpg --out rose.png"
    })
final class FeaturesCommand implements Callable<Integer> {

  /** An image and how far its features are from the query's. */
  private record Neighbour(Path file, double distance) {}

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "RUN", description = "The folder of a run.")
  private Path run;

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "DIR|IMAGE",
      description = "Image files; of a folder, all images in it and in its folders, sorted.")
  private List<Path> images;

  @Option(
      names = "--layer",
      paramLabel = "NAME",
      description =
          "The layer whose output is taken; if not given, what the last dense layer sees: the"
              + " activations of the last hidden layer.")
  private String layer;

  @Option(
      names = "--nearest",
      paramLabel = "IMAGE",
      description =
          "An image to find the nearest to, by Euclidean distance; may be given several times.")
  private List<Path> queries = List.of();

  @Option(
      names = "--top",
      paramLabel = "K",
      description = "Nearest images for each; ${DEFAULT-VALUE} if not given.",
      defaultValue = "6")
  private int top;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description =
          "FILE.csv: a row for each image, its path and its features. FILE.npy: a matrix for NumPy,"
              + " and beside it FILE.txt with the paths, one a line. With --nearest FILE.png: the"
              + " images on a sheet, each query on the left. Replaced if there is one.")
  private Path out;

  @Mixin private ThreadsOption threads;

  @Override
  public Integer call() throws IOException {
    requireOptions();
    List<Path> files = ImageChunks.files(images);
    if (out != null) {
      List<Path> sources = new ArrayList<>(files);
      sources.addAll(queries);
      if (queries.isEmpty()) {
        new FeaturesFile(out).requireReplaceable(sources);
      } else {
        new OutputFile("--out", out).requireReplaceable(sources);
        if (!NeighbourSheet.fits(queries.size(), 1 + Math.min(top, files.size()))) {
          throw new ParameterException(
              spec.commandLine(),
              "--out: a sheet of %d queries with %d images each is too large: lower --top"
                  .formatted(queries.size(), Math.min(top, files.size())));
        }
        Fonts.require("--out");
      }
    }
    try (TrainedNetwork trained = TrainedNetwork.open(run, threads.count())) {
      String of = layer == null ? lastHidden(trained) : trained.layer(layer).name();
      return queries.isEmpty() ? write(trained, of, files) : nearest(trained, of, files);
    }
  }

  private void requireOptions() {
    if (top < 1) {
      throw new ParameterException(spec.commandLine(), "--top must be at least 1, not " + top);
    }
    if (queries.isEmpty() && out == null) {
      throw new ParameterException(
          spec.commandLine(), "what for? --out FILE.csv or FILE.npy, or --nearest IMAGE");
    }
    if (queries.isEmpty() && !new FeaturesFile(out).hasFormat()) {
      throw new ParameterException(
          spec.commandLine(), "--out writes features as .csv or .npy, so not " + out);
    }
    if (!queries.isEmpty() && out != null && !PngFile.isName(out)) {
      throw new ParameterException(
          spec.commandLine(), "--out writes the nearest images as a PNG file, so not " + out);
    }
  }

  private static int exitCode(List<Path> readable, List<Path> files) {
    return readable.size() == files.size()
        ? CommandLine.ExitCode.OK
        : CommandLine.ExitCode.SOFTWARE;
  }

  private void say(String format, Object... arguments) {
    PrintWriter console = spec.commandLine().getOut();
    console.printf(Locale.ROOT, format + "%n", arguments);
    console.flush();
  }

  /** Dropout hands on what it gets when a network infers. */
  private String lastHidden(TrainedNetwork trained) {
    List<Node> layers = trained.network().graph().layers();
    for (int i = layers.size() - 1; i >= 0; i--) {
      if (layers.get(i).layer() instanceof Dense) {
        Node node = layers.get(i).inputs().get(0);
        while (!node.isInput() && node.layer() instanceof Dropout) {
          node = node.inputs().get(0);
        }
        if (!node.isInput()) {
          return node.name();
        }
      }
    }
    throw new Failure(run + ": the network has no hidden dense layer; name a --layer");
  }

  /**
   * @param readable receives the files that have a row
   * @return [readable files][features]; null if no file can be read
   */
  private Tensor features(
      TrainedNetwork trained, String of, List<Path> files, List<Path> readable) {
    int width = trained.network().graph().layer(of).shape().size();
    long bytes = (long) files.size() * width * Float.BYTES;
    if (bytes > Runtime.getRuntime().maxMemory() / 2 || bytes > 4L * (Integer.MAX_VALUE - 8)) {
      throw new Failure(
          "%d features of %d images take %d MB: give java more (-Xmx), or take fewer images"
              .formatted(width, files.size(), bytes / 1_000_000));
    }
    Preprocessing preprocessing = trained.configuration().preprocessing();
    ImageChunks chunks = new ImageChunks(files, preprocessing, 1, threads.count());
    Tensor all = Tensor.zeros(files.size(), width);
    try (Predictor predictor = chunks.predictor(trained.network()).output(of).build()) {
      chunks.forEach(
          some -> rows(predictor, preprocessing, some),
          (file, row) -> {
            System.arraycopy(row, 0, all.array(), readable.size() * width, width);
            readable.add(file);
          },
          (file, e) -> {},
          spec.commandLine().getErr());
    }
    return readable.isEmpty() ? null : all.slice(0, readable.size());
  }

  private static List<float[]> rows(
      Predictor predictor, Preprocessing preprocessing, List<Image> images) {
    Tensor features = predictor.predict(preprocessing.batch(images, false));
    return IntStream.range(0, images.size())
        .mapToObj(i -> features.slice(i, i + 1).toArray())
        .toList();
  }

  private int write(TrainedNetwork trained, String of, List<Path> files) throws IOException {
    List<Path> readable = new ArrayList<>();
    Tensor features = features(trained, of, files, readable);
    if (features != null) {
      new FeaturesFile(out).write(readable, features);
      say(
          "%s: %d images, %d features of %s",
          out, readable.size(), features.shape().dimension(1), of);
    }
    return exitCode(readable, files);
  }

  private int nearest(TrainedNetwork trained, String of, List<Path> files) throws IOException {
    List<Path> asked = new ArrayList<>();
    Tensor ofQueries = features(trained, of, queries, asked);
    if (asked.size() < queries.size()) {
      return CommandLine.ExitCode.SOFTWARE;
    }
    List<Path> readable = new ArrayList<>();
    Tensor features = features(trained, of, files, readable);
    if (features == null) {
      return CommandLine.ExitCode.SOFTWARE;
    }
    List<List<Picture>> sheet = new ArrayList<>();
    for (int q = 0; q < queries.size(); q++) {
      List<Neighbour> found =
          nearest(ofQueries.slice(q, q + 1), queries.get(q), features, readable);
      List<Picture> row =
          new ArrayList<>(List.of(picture(trained, queries.get(q), fileName(queries.get(q)))));
      say("%s", queries.get(q));
      for (Neighbour neighbour : found) {
        say("  %10.4f  %s", neighbour.distance(), neighbour.file());
        if (out != null) {
          String caption =
              String.format(
                  Locale.ROOT, "%.2f  %s", neighbour.distance(), fileName(neighbour.file()));
          row.add(picture(trained, neighbour.file(), caption));
        }
      }
      sheet.add(row);
    }
    if (out != null) {
      BufferedImage picture = NeighbourSheet.draw(sheet);
      PngFile.write(picture, out);
      say("%s: %d×%d", out, picture.getWidth(), picture.getHeight());
    }
    return exitCode(readable, files);
  }

  /** The query itself is none of its neighbours. */
  private List<Neighbour> nearest(Tensor query, Path queryFile, Tensor features, List<Path> files)
      throws IOException {
    List<Neighbour> all = new ArrayList<>();
    for (int n = 0; n < files.size(); n++) {
      if (!Files.isSameFile(files.get(n), queryFile)) {
        all.add(new Neighbour(files.get(n), distance(query, features.slice(n, n + 1))));
      }
    }
    all.sort(Comparator.comparingDouble(Neighbour::distance));
    return all.subList(0, Math.min(top, all.size()));
  }

  private static String fileName(Path file) {
    return file.getFileName().toString();
  }

  /** √Σ(a − b)². */
  private static double distance(Tensor a, Tensor b) {
    double sum = 0;
    for (int i = 0; i < a.size(); i++) {
      double difference = a.array()[a.offset() + i] - b.array()[b.offset() + i];
      sum += difference * difference;
    }
    return Math.sqrt(sum);
  }

  /** The square of an image that the network sees. */
  private static Picture picture(TrainedNetwork trained, Path file, String caption) {
    Preprocessing preprocessing = trained.configuration().preprocessing();
    return new Picture(
        preprocessing.crop(new ImageDecoder().decode(file)).toBufferedImage(), caption);
  }
}
