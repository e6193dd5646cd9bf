package io.alexnet.examples.cli;

import io.alexnet.data.Dataset;
import io.alexnet.train.Evaluation;
import io.alexnet.train.Evaluator;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "evaluate",
    description =
        "Tells how well a trained network does: loss, top-1, top-5, each class, and which classes"
            + " it takes for which.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  java -jar alexnet.jar evaluate runs/flowers",
      "  java -jar alexnet.jar evaluate runs/photos --data folder:other-photos"
    })
final class EvaluateCommand implements Runnable {

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "RUN", description = "The folder of a run.")
  private Path run;

  @Option(
      names = "--data",
      paramLabel = "DATA",
      description =
          "Other images than the run's own validation images: all of these, or their test set if"
              + " they have one. Forms as for train.")
  private DataSource data;

  @Mixin private ThreadsOption threads;

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    try (TrainedNetwork trained = TrainedNetwork.open(run, threads.count())) {
      RunConfiguration configuration = trained.configuration();
      Dataset dataset =
          data == null
              ? configuration.data().open(configuration.recipe()).validation()
              : data.openForTest(configuration.recipe());
      requireClasses(dataset, data == null ? configuration.data() : data, configuration);
      Evaluation evaluation =
          new Evaluator(trained.network()).evaluate(configuration.evaluationBatches(dataset));
      out.println(evaluation);
      out.println();
      out.print(evaluation.perClass());
      out.println();
      printConfusion(evaluation, out);
      out.flush();
    }
  }

  private void requireClasses(Dataset dataset, DataSource source, RunConfiguration configuration) {
    List<String> known = configuration.classNames();
    List<String> found = dataset.classNames();
    if (found.size() != known.size()) {
      throw new Failure(
          String.format(
              "%s has %d classes but the network of %s has %d outputs",
              source, found.size(), run, known.size()));
    }
    for (int i = 0; i < known.size(); i++) {
      if (!found.get(i).equals(known.get(i))) {
        throw new Failure(
            String.format(
                "class %d of %s is '%s', but the network of %s learnt it as '%s'",
                i, source, found.get(i), run, known.get(i)));
      }
    }
  }

  /** A row for each true class, a column for each predicted one; columns go by number. */
  private static void printConfusion(Evaluation evaluation, PrintWriter out) {
    List<String> names = evaluation.classNames();
    int nameWidth = names.stream().mapToInt(String::length).max().orElse(0);
    int largest = 0;
    for (int actual = 0; actual < names.size(); actual++) {
      largest = Math.max(largest, evaluation.examples(actual));
    }
    String cell =
        "%" + (Math.max(String.valueOf(largest).length(), digits(names.size())) + 1) + "s";
    out.printf(
        Locale.ROOT, "Row: true class. Column: predicted class.%n%" + (nameWidth + 4) + "s", "");
    for (int predicted = 0; predicted < names.size(); predicted++) {
      out.printf(Locale.ROOT, cell, predicted);
    }
    out.println();
    for (int actual = 0; actual < names.size(); actual++) {
      out.printf(Locale.ROOT, "%-" + nameWidth + "s%4d", names.get(actual), actual);
      for (int predicted = 0; predicted < names.size(); predicted++) {
        int count = evaluation.confusion(actual, predicted);
        out.printf(Locale.ROOT, cell, count == 0 ? "." : count);
      }
      out.println();
    }
  }

  private static int digits(int classes) {
    return String.valueOf(classes - 1).length();
  }
}
