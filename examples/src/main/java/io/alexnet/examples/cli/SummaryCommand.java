package io.alexnet.examples.cli;

import io.alexnet.graph.Graph;
import io.alexnet.graph.Network;
import io.alexnet.graph.Plan;
import io.alexnet.layer.ConvolutionChoice;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "summary",
    description = "Shows a network layer by layer: shapes and parameters.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  java -jar alexnet.jar summary",
      "  java -jar alexnet.jar summary --model alexnet-bn",
      "  java -jar alexnet.jar summary --model alexnet-ungrouped --batch-size 64",
      "  java -jar alexnet.jar summary --model alexnet --plan"
    })
final class SummaryCommand implements Runnable {

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "RUN",
      arity = "0..1",
      description = "A run's folder, for the network trained in it.")
  private Path run;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      description = "${COMPLETION-CANDIDATES}; ${DEFAULT-VALUE} if not given.",
      defaultValue = "alexnet")
  private ModelName model;

  @Option(
      names = "--classes",
      paramLabel = "N",
      description = "Outputs of the network; 1000 if not given, 17 for alexnet-bn.")
  private Integer classes;

  @Option(
      names = "--channels",
      paramLabel = "N",
      description = "Channels of the images; ${DEFAULT-VALUE} if not given.",
      defaultValue = "3")
  private int channels;

  @Option(names = "--image-size", paramLabel = "PIXELS", description = "Width and height.")
  private Integer imageSize;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      description = "Also shows what training with this batch size needs in memory.")
  private Integer batchSize;

  @Option(
      names = "--plan",
      description =
          "Also shows how each convolution is computed in training, what that costs and what memory"
              + " it takes.")
  private boolean plan;

  @Mixin private ThreadsOption threads;

  @Override
  public void run() {
    if (run != null) {
      requireNoOtherNetwork();
    }
    PrintWriter out = spec.commandLine().getOut();
    RunConfiguration begun = run == null ? null : RunFolder.open(run).configuration();
    Recipe recipe = begun == null ? Recipe.of(model, DataSource.Kind.FOLDER) : begun.recipe();
    Graph graph = graph(begun, recipe);
    out.print(graph.summary());
    if (batchSize != null && batchSize < 1) {
      throw new ParameterException(
          spec.commandLine(), "--batch-size must be at least 1, not " + batchSize);
    }
    if (batchSize != null || plan) {
      try (Network network =
          Network.builder(graph)
              .threads(threads.count())
              .convolutions(begun == null ? ConvolutionChoice.AUTO : begun.convolutions())
              .skipInitialization()
              .build()) {
        recipe.fineTuning().applyTo(network); // what is frozen takes less
        Plan planned = network.plan(batchSize == null ? recipe.batchSize : batchSize, true);
        if (batchSize != null) {
          out.println();
          out.print(planned);
        }
        if (plan) {
          out.println();
          out.print(planned.convolutionSummary());
        }
      }
    }
    out.flush();
  }

  private void requireNoOtherNetwork() {
    for (String option : List.of("--model", "--classes", "--channels", "--image-size")) {
      if (spec.commandLine().getParseResult().hasMatchedOption(option)) {
        throw new ParameterException(
            spec.commandLine(), option + " does not go with RUN, which has a network of its own");
      }
    }
  }

  private Graph graph(RunConfiguration begun, Recipe recipe) {
    if (begun != null) {
      return begun.graph();
    }
    if (imageSize != null) {
      recipe.imageSize = imageSize;
    }
    if (classes == null) {
      classes = model == ModelName.ALEXNET_BN ? 17 : 1000;
    }
    return model.graph(channels, classes, recipe);
  }
}
