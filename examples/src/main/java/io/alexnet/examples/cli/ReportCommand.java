package io.alexnet.examples.cli;

import io.alexnet.data.Dataset;
import io.alexnet.data.ResizedImages;
import io.alexnet.data.image.ImageException;
import io.alexnet.examples.report.WorstMistakes;
import io.alexnet.graph.Network;
import io.alexnet.train.Checkpoint;
import io.alexnet.train.Evaluation;
import io.alexnet.train.Evaluator;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "report",
    description = {
      "Writes a run's report.html anew: curves, confusion matrix, worst mistakes, filters, norms.",
      "A training does so itself, after each epoch and, with the mistakes, at its end."
    },
    footerHeading = "%nExamples:%n",
    footer = "  java -jar alexnet.jar report runs/flowers")
final class ReportCommand implements Runnable {

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "RUN", description = "The folder of a run.")
  private Path run;

  @Mixin private ThreadsOption threads;

  @Override
  public void run() {
    RunFolder folder = RunFolder.open(run);
    RunConfiguration configuration = folder.configuration();
    try (Network network =
        Network.builder(configuration.graph())
            .threads(threads.count())
            .skipInitialization()
            .build()) {
      RunReport report = new RunReport(folder, configuration, network);
      Path weights = folder.weights();
      if (weights != null) {
        Checkpoint.loadWeights(weights, network);
        network.weightsConstant(true);
        report.filters(network);
        boolean finished = Files.exists(folder.evaluationFile());
        boolean best =
            finished || weights.endsWith(Checkpoint.BEST) || !Checkpoint.isIn(folder.checkpoints());
        evaluate(configuration, network, best ? "of the best epoch" : "at the stop", report);
      }
      report.write("");
    }
    PrintWriter out = spec.commandLine().getOut();
    out.println(folder.reportFile());
    out.flush();
  }

  /** What the folder does not hold. Without the images the report goes without it. */
  private void evaluate(
      RunConfiguration configuration, Network network, String weights, RunReport report) {
    try {
      evaluate(configuration, network, weights, report, configuration.openValidation());
    } catch (Failure | ImageException e) {
      spec.commandLine().getErr().println("alexnet: no worst mistakes: " + e.getMessage());
    }
  }

  private void evaluate(
      RunConfiguration configuration,
      Network network,
      String weights,
      RunReport report,
      Dataset validation) {
    ResizedImages images =
        RunConfiguration.resized(validation, configuration.channels(), configuration.recipe());
    configuration.warnOfChanges(images, spec.commandLine().getErr());
    WorstMistakes mistakes = RunReport.collector();
    Evaluation evaluation =
        new Evaluator(network).evaluate(configuration.evaluationBatches(images, 1), mistakes);
    report.confusion("Weights " + weights + ", centre crop", evaluation).mistakes(mistakes, images);
  }
}
