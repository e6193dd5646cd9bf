package io.alexnet.examples.cli;

import io.alexnet.data.Preprocessing;
import io.alexnet.data.image.ImageDecoder;
import io.alexnet.examples.chart.ActivationSheet;
import io.alexnet.examples.chart.PngFile;
import io.alexnet.format.AtomicFile;
import io.alexnet.graph.Node;
import io.alexnet.layer.Activation;
import io.alexnet.layer.Conv2d;
import io.alexnet.tensor.Tensor;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
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
    name = "activations",
    description = {
      "Draws what the layers of a trained network make of an image: a grid of grey tiles for each"
          + " layer, one for each channel.",
      "All tiles of a layer have one scale: black is 0 and white the largest, or, where there are"
          + " negative values, middle grey is 0."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  java -jar alexnet.jar activations runs/flowers photo.jpg --out activations.png",
      "  java -jar alexnet.jar activations runs/flowers photo.jpg --layer conv1,pool5 --out maps/"
    })
final class ActivationsCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "RUN", description = "The folder of a run.")
  private Path run;

  @Parameters(index = "1", paramLabel = "IMAGE", description = "An image file.")
  private Path image;

  @Option(
      names = "--layer",
      split = ",",
      paramLabel = "NAME",
      description =
          "Layers, separated by commas; if not given, the activations behind the convolutions.")
  private List<String> layers;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR|FILE.png",
      description =
          "A PNG file for all layers, one below the other, or a folder for one of each; replaced if"
              + " there are such files.")
  private Path out;

  @Mixin private ThreadsOption threads;

  @Override
  public Integer call() throws IOException {
    boolean one = PngFile.isName(out) && !Files.isDirectory(out);
    if (one) {
      new OutputFile("--out", out).requireReplaceable(List.of(image));
    } else if (!Files.isDirectory(out)) {
      requireFolderName();
      OutputFile folder = new OutputFile("--out", out);
      if (Files.exists(out)) {
        throw folder.failure("a file, but neither a PNG file nor a folder", null);
      }
      folder.requireNew();
    }
    Fonts.require("--out");
    Map<String, BufferedImage> sheets = new LinkedHashMap<>();
    try (TrainedNetwork trained = TrainedNetwork.open(run, threads.count())) {
      Preprocessing preprocessing = trained.configuration().preprocessing();
      Tensor input = preprocessing.batch(List.of(new ImageDecoder().decode(image)), false);
      List<Node> nodes =
          layers == null ? maps(trained) : layers.stream().map(trained::layer).toList();
      trained.network().keepOutputs(nodes.stream().map(Node::name).toList());
      trained.network().infer(input);
      for (Node node : nodes) {
        Tensor output = trained.network().output(node.name()).reshape(node.shape());
        sheets.put(node.name(), ActivationSheet.draw(node.name(), output));
      }
    }
    if (one) {
      write(below(List.copyOf(sheets.values())), out);
    } else {
      AtomicFile.createFolder(out);
      for (Map.Entry<String, BufferedImage> sheet : sheets.entrySet()) {
        write(sheet.getValue(), out.resolve(fileName(sheet.getKey())));
      }
    }
    return CommandLine.ExitCode.OK;
  }

  /** A picture of another format was meant, and no folder of such a name. */
  private void requireFolderName() {
    if (out.getFileName().toString().matches("(?i).+\\.(jpe?g|gif|bmp|webp|tiff?|svg|pdf)")) {
      throw new ParameterException(
          spec.commandLine(), "--out takes FILE.png or a folder, not " + out);
    }
  }

  /** Layers may be called anything; what is no letter or digit need not be fit for a file. */
  private static String fileName(String layer) {
    return layer.replaceAll("[^\\p{Alnum}._-]", "_") + ".png";
  }

  /** The activations that are maps, or the convolutions if there are none. */
  private List<Node> maps(TrainedNetwork trained) {
    List<Node> maps =
        trained.network().graph().layers().stream().filter(n -> n.shape().rank() == 3).toList();
    List<Node> activations = maps.stream().filter(n -> n.layer() instanceof Activation).toList();
    List<Node> convolutions = maps.stream().filter(n -> n.layer() instanceof Conv2d).toList();
    if (activations.isEmpty() && convolutions.isEmpty()) {
      throw new Failure(run + ": the network has no convolution; name a --layer");
    }
    return activations.isEmpty() ? convolutions : activations;
  }

  private void write(BufferedImage sheet, Path file) throws IOException {
    PngFile.write(sheet, file);
    PrintWriter console = spec.commandLine().getOut();
    console.printf("%s: %d×%d%n", file, sheet.getWidth(), sheet.getHeight());
    console.flush();
  }

  private static BufferedImage below(List<BufferedImage> sheets) {
    int width = sheets.stream().mapToInt(BufferedImage::getWidth).max().orElseThrow();
    int height = sheets.stream().mapToInt(BufferedImage::getHeight).sum();
    BufferedImage all = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = all.createGraphics();
    graphics.fillRect(0, 0, width, height);
    int y = 0;
    for (BufferedImage sheet : sheets) {
      graphics.drawImage(sheet, 0, y, null);
      y += sheet.getHeight();
    }
    graphics.dispose();
    return all;
  }
}
