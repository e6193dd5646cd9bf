package io.alexnet.examples.cli;

import io.alexnet.examples.chart.FilterSheet;
import io.alexnet.examples.chart.PngFile;
import io.alexnet.graph.Node;
import io.alexnet.layer.Conv2d;
import io.alexnet.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "filters",
    description = {
      "Draws what a convolution has learnt, as the paper's figure 3 shows the first one.",
      "A tile for each filter, in colour if its layer sees RGB, grey if it sees one channel; of"
          + " other layers a row for each filter with a grey tile for each channel. Middle grey is"
          + " 0, and each filter has a scale of its own."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  java -jar alexnet.jar filters runs/flowers --out filters.png",
      "  java -jar alexnet.jar filters runs/flowers --layer conv2 --out conv2.png"
    })
final class FiltersCommand implements Callable<Integer> {

  private static final int SIDE = 1000;

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "RUN", description = "The folder of a run.")
  private Path run;

  @Option(
      names = "--layer",
      paramLabel = "NAME",
      description = "A convolution; the first if not given.")
  private String layer;

  @Option(
      names = "--magnify",
      paramLabel = "N",
      description = "Pixels for each weight, across and down; if not given as fit in 1000.")
  private Integer magnify;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE.png",
      description = "The picture, replaced if there is one.")
  private Path out;

  @Override
  public Integer call() throws IOException {
    if (!PngFile.isName(out)) {
      throw new ParameterException(spec.commandLine(), "--out writes a PNG file, so not " + out);
    }
    if (magnify != null && magnify < 1) {
      throw new ParameterException(
          spec.commandLine(), "--magnify must be at least 1, not " + magnify);
    }
    new OutputFile("--out", out).requireReplaceable(List.of());
    try (TrainedNetwork trained = TrainedNetwork.open(run, 1)) {
      Node node = layer == null ? first(trained) : trained.layer(layer);
      if (!(node.layer() instanceof Conv2d)) {
        List<String> convolutions = convolutions(trained).stream().map(Node::name).toList();
        throw new Failure(
            "--layer %s is no convolution but %s; there are %s"
                .formatted(layer, node.layer().type(), String.join(", ", convolutions)));
      }
      Tensor weights = trained.network().state().get(node.name() + ".weight");
      int magnification =
          magnify == null ? FilterSheet.magnificationWithin(weights.shape(), SIDE) : magnify;
      BufferedImage sheet = FilterSheet.draw(weights, magnification);
      PngFile.write(sheet, out);
      spec.commandLine()
          .getOut()
          .printf(
              "%s: %s, %d filters of %d×%d×%d, %d×%d pixels%n",
              out,
              node.name(),
              weights.shape().dimension(0),
              weights.shape().dimension(1),
              weights.shape().dimension(2),
              weights.shape().dimension(3),
              sheet.getWidth(),
              sheet.getHeight());
      spec.commandLine().getOut().flush();
    }
    return CommandLine.ExitCode.OK;
  }

  private static List<Node> convolutions(TrainedNetwork trained) {
    return trained.network().graph().layers().stream()
        .filter(node -> node.layer() instanceof Conv2d)
        .toList();
  }

  private Node first(TrainedNetwork trained) {
    return convolutions(trained).stream()
        .findFirst()
        .orElseThrow(() -> new Failure(run + ": the network has no convolution"));
  }
}
