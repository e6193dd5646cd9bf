package io.alexnet.examples.cli;

import io.alexnet.data.Dataset;
import io.alexnet.data.ResizedImages;
import io.alexnet.examples.chart.PngFile;
import io.alexnet.examples.page.Json;
import io.alexnet.examples.report.Report;
import io.alexnet.format.OneLine;
import io.alexnet.train.Evaluation;
import io.alexnet.train.Evaluator;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
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
      "  java -jar alexnet.jar evaluate runs/flowers --crops 10 --confusion flowers.png",
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

  @Option(names = "--json", description = "Prints JSON.")
  private boolean json;

  @Option(
      names = "--confusion",
      paramLabel = "FILE.png",
      description = "Also draws the confusion matrix into this file, which must not exist yet.")
  private Path confusion;

  @Mixin private CropsOption crops;

  @Mixin private ThreadsOption threads;

  @Override
  public void run() {
    requirePlaceForPicture();
    PrintWriter out = spec.commandLine().getOut();
    try (TrainedNetwork trained = TrainedNetwork.open(run, threads.count())) {
      RunConfiguration configuration = trained.configuration();
      int views = crops.count(configuration);
      DataSource source = data == null ? configuration.data() : data;
      Dataset dataset = data == null ? configuration.openValidation() : openOther(configuration);
      ResizedImages images =
          RunConfiguration.resized(dataset, configuration.channels(), configuration.recipe());
      if (data == null) {
        configuration.warnOfChanges(images, spec.commandLine().getErr());
      } else {
        configuration.warnOfLearnt(data, dataset, spec.commandLine().getErr());
      }
      Evaluation evaluation =
          new Evaluator(trained.network()).evaluate(configuration.evaluationBatches(images, views));
      if (json) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("run", run);
        map.put("data", source);
        map.putAll(EvaluationJson.of(evaluation, views));
        out.print(Json.ascii(map));
      } else {
        print(evaluation, views, out);
      }
      out.flush();
      if (confusion != null) {
        draw(evaluation, source.kind() + (views == 1 ? "" : ", ten crops"));
      }
    }
  }

  /** Other images, of the same classes as the run's if it was trained on some of its data's. */
  private Dataset openOther(RunConfiguration configuration) {
    Dataset dataset = data.openForTest(configuration.recipe());
    if (!configuration.recipe().classes.isEmpty()) {
      dataset = ClassSelection.named(dataset, configuration.classNames());
    }
    configuration.requireClasses(dataset, data);
    return dataset;
  }

  private void requirePlaceForPicture() {
    if (confusion == null) {
      return;
    }
    if (!PngFile.isName(confusion)) {
      throw new ParameterException(
          spec.commandLine(), "--confusion writes a PNG file, so not " + confusion);
    }
    new OutputFile("--confusion", confusion).requireNew();
    Fonts.require("--confusion");
  }

  private void draw(Evaluation evaluation, String of) {
    String title = String.format(Locale.ROOT, "%s: top-1 %.1f %%", of, 100 * evaluation.top1());
    try {
      PngFile.write(ConfusionPicture.draw(evaluation, title), confusion);
    } catch (IOException e) {
      throw new OutputFile("--confusion", confusion)
          .failure("cannot be written: " + RunFolder.whyNot(e), e);
    }
  }

  private static void print(Evaluation evaluation, int views, PrintWriter out) {
    out.println((views == 1 ? "" : "ten crops: ") + evaluation);
    out.println();
    out.print(evaluation.perClass());
    out.println();
    if (evaluation.classNames().size() <= Report.MOST_CLASSES_IN_TABLE) {
      printConfusion(evaluation, out);
    } else {
      out.println("Which classes it takes for which: --confusion FILE.png, --json");
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
      String name = OneLine.of(names.get(actual));
      out.printf(Locale.ROOT, "%-" + nameWidth + "s%4d", name, actual);
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
