package io.alexnet.examples.cli;

import io.alexnet.data.ResizedImages;
import io.alexnet.examples.page.DataUri;
import io.alexnet.examples.report.Report;
import io.alexnet.examples.report.WorstMistakes;
import io.alexnet.graph.Network;
import io.alexnet.train.CsvMetrics;
import io.alexnet.train.CsvNorms;
import io.alexnet.train.EpochRecord;
import io.alexnet.train.Evaluation;
import io.alexnet.train.History;
import io.alexnet.train.TrainingListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The report of a run: what its folder holds when the report is written, and what only the network
 * and the images can tell. Used by one thread.
 */
final class RunReport {

  private static final Logger LOG = LoggerFactory.getLogger(RunReport.class);
  private static final int MISTAKES = 24;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT);

  private final RunFolder folder;
  private final RunConfiguration configuration;
  private final Report report;
  private boolean hasConfusion;

  /** Without anything that depends on the network's weights. */
  RunReport(RunFolder folder, RunConfiguration configuration, Network network) {
    this.folder = folder;
    this.configuration = configuration;
    this.report = new Report(title(configuration)).network(network);
  }

  /** What a run is called on its pages. */
  static String title(RunConfiguration configuration) {
    return configuration.model() + " on " + configuration.data().kind();
  }

  /** Collects what {@link #mistakes} shows. */
  static WorstMistakes collector() {
    return new WorstMistakes(MISTAKES);
  }

  /** Writes a report after each epoch, without mistakes, and one when the training is stopped. */
  static TrainingListener listener(
      RunFolder folder, RunConfiguration configuration, Network network) {
    return new TrainingListener() {
      private EpochRecord last;
      private Evaluation evaluation;

      /** The report of a finished training is not that of one that goes on. */
      @Override
      public void onStart(List<EpochRecord> earlier, int epochs) {
        if (!earlier.isEmpty()) {
          write("; the training was going on");
        }
      }

      @Override
      public void onEpoch(EpochRecord record, Evaluation validation) {
        last = record;
        evaluation = validation;
        write("; the training was going on");
      }

      @Override
      public void onEnd(History history) {
        if (history.end() == History.End.STOPPED) {
          write(", then stopped; go on with: train --resume " + Quoted.of(folder.path()));
        }
      }

      private void write(String how) {
        RunReport report = new RunReport(folder, configuration, network).filters(network);
        if (evaluation != null) {
          report.confusion("Weights after epoch " + last.epoch() + ", centre crop", evaluation);
        }
        report.writeOrWarn(how);
      }
    };
  }

  /** The first layer's filters, as the weights are now. */
  RunReport filters(Network network) {
    try {
      report.filters(network);
    } catch (RuntimeException | Error e) { // as without fonts
      LOG.warn("the report is without a picture of the filters: {}", e.toString());
    }
    return this;
  }

  /**
   * The confusion matrix.
   *
   * @param of which weights and which views
   */
  RunReport confusion(String of, Evaluation evaluation) {
    hasConfusion = true;
    boolean table = evaluation.classNames().size() <= Report.MOST_CLASSES_IN_TABLE;
    report.confusion(of, EvaluationJson.of(evaluation, 1), table ? null : picture(evaluation));
    return this;
  }

  private static String picture(Evaluation evaluation) {
    try {
      return DataUri.png(ConfusionPicture.draw(evaluation, "Confusion matrix"));
    } catch (RuntimeException | Error e) { // a JDK without fonts throws any of these
      LOG.warn("the report is without a picture of the confusion matrix: {}", e.toString());
      return null;
    }
  }

  /**
   * @param images that were evaluated
   */
  RunReport mistakes(WorstMistakes mistakes, ResizedImages images) {
    try {
      report.mistakes(mistakes.worst(), images);
    } catch (RuntimeException | Error e) { // as without fonts, or if an image has gone meanwhile
      LOG.warn("the report is without the worst mistakes: {}", e.toString());
    }
    return this;
  }

  /**
   * Puts the report into the folder, in place of an older one.
   *
   * @param how the training ended, to stand behind the number of epochs done
   * @throws Failure if a file of the folder cannot be read, or the report not be written
   * @throws UncheckedIOException if a table of the folder cannot be read
   */
  void write(String how) {
    int planned = configuration.recipe().epochs;
    List<EpochRecord> epochs =
        Files.exists(folder.metricsFile()) ? CsvMetrics.read(folder.metricsFile()) : List.of();
    report.epochs(epochs, planned);
    if (Files.exists(folder.normsFile())) {
      report.norms(CsvNorms.read(folder.normsFile()));
    }
    Map<?, ?> evaluation = folder.evaluation();
    if (evaluation != null) {
      addFigures(evaluation);
    }
    report.run(folder.commands(), configuration.toMap());
    folder.writeReport(
        report.html(
            "%d of %d epochs done%s. Written %s, run folder %s."
                .formatted(
                    epochs.size(), planned, how, LocalDateTime.now().format(TIME), folder.path())));
  }

  private void addFigures(Map<?, ?> evaluation) {
    try {
      report.evaluation(evaluation);
      if (!hasConfusion) {
        Map<?, ?> best = (Map<?, ?>) evaluation.get("best");
        report.confusion(
            "Weights of the best epoch, centre crop",
            (Map<?, ?>) ((List<?>) best.get("evaluations")).get(0),
            Files.exists(folder.confusionFile())
                ? DataUri.png(Files.readAllBytes(folder.confusionFile()))
                : null);
      }
    } catch (IOException e) {
      throw new Failure(folder.confusionFile() + ": cannot be read: " + RunFolder.whyNot(e), e);
    } catch (ClassCastException | NullPointerException | IndexOutOfBoundsException e) {
      throw new Failure(folder.evaluationFile() + ": not the figures of a training", e);
    }
  }

  /** The same, but a report that cannot be written is only told of: it ends no training. */
  void writeOrWarn(String how) {
    try {
      write(how);
    } catch (Failure | UncheckedIOException e) {
      LOG.warn("the report is not written: {}", e.getMessage());
    }
  }
}
