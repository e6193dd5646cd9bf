package io.alexnet.examples.cli;

import io.alexnet.batch.BatchSource;
import io.alexnet.data.ResizedImages;
import io.alexnet.examples.chart.PngFile;
import io.alexnet.examples.report.WorstMistakes;
import io.alexnet.graph.Network;
import io.alexnet.train.Checkpoint;
import io.alexnet.train.Evaluation;
import io.alexnet.train.Evaluator;
import io.alexnet.train.History;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is kept in the run's folder when a training is done: how the weights of its best epoch do on
 * the validation images, and how those of its last epoch do, since the best was chosen by these
 * same images; and the report, in which both are.
 */
final class FinalEvaluation {

  private static final Logger LOG = LoggerFactory.getLogger(FinalEvaluation.class);

  private FinalEvaluation() {}

  /**
   * Evaluates and writes: the centre crop, and ten crops if the images leave room for them.
   *
   * @param network with the weights of the best epoch; has those of the last afterwards
   * @param bestEpoch its number, from 1
   * @param history of at least one epoch
   * @return one line that says what came of it
   * @throws Failure if the figures cannot be written; without a picture there is a warning only
   */
  static String write(
      RunFolder folder,
      RunConfiguration configuration,
      Network network,
      ResizedImages validation,
      int bestEpoch,
      History history) {
    Evaluator evaluator = new Evaluator(network);
    int lastEpoch = history.epochs().get(history.epochs().size() - 1).epoch();
    WorstMistakes mistakes = RunReport.collector();
    Map<Integer, Evaluation> best = evaluate(evaluator, configuration, validation, mistakes);
    RunReport report =
        new RunReport(folder, configuration, network)
            .filters(network)
            .confusion("Weights of the best epoch, centre crop", best.get(1))
            .mistakes(mistakes, validation);
    Map<Integer, Evaluation> last = best;
    if (lastEpoch != bestEpoch) {
      Checkpoint.loadWeights(folder.checkpoints().resolve(Checkpoint.LAST), network);
      last = evaluate(evaluator, configuration, validation, null);
    }
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("data", configuration.data());
    map.put("best", toMap(bestEpoch, best));
    map.put("last", toMap(lastEpoch, last));
    folder.writeEvaluation(map);
    draw(best.get(1), folder.confusionFile());
    report.writeOrWarn("");
    return "best epoch "
        + told(best)
        + "; last epoch "
        + told(last)
        + "; more in report.html and evaluation.json";
  }

  /**
   * By the number of crops.
   *
   * @param mistakes collects those of the centre crops; null for nobody
   */
  private static Map<Integer, Evaluation> evaluate(
      Evaluator evaluator,
      RunConfiguration configuration,
      ResizedImages validation,
      WorstMistakes mistakes) {
    Map<Integer, Evaluation> evaluations = new LinkedHashMap<>();
    for (int crops : configuration.recipe().canBeCropped() ? new int[] {1, 10} : new int[] {1}) {
      BatchSource images = configuration.evaluationBatches(validation, crops);
      evaluations.put(crops, evaluator.evaluate(images, crops == 1 ? mistakes : null));
    }
    return evaluations;
  }

  private static Map<String, Object> toMap(int epoch, Map<Integer, Evaluation> evaluations) {
    List<Map<String, Object>> list = new ArrayList<>();
    evaluations.forEach((crops, evaluation) -> list.add(EvaluationJson.of(evaluation, crops)));
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("epoch", epoch);
    map.put("evaluations", list);
    return map;
  }

  private static String told(Map<Integer, Evaluation> evaluations) {
    String centre = "centre crop " + top1(evaluations.get(1));
    return evaluations.containsKey(10)
        ? centre + ", ten crops " + top1(evaluations.get(10))
        : centre;
  }

  private static String top1(Evaluation evaluation) {
    return String.format(Locale.ROOT, "top-1 %.1f %%", 100 * evaluation.top1());
  }

  private static void draw(Evaluation evaluation, Path file) {
    try {
      PngFile.write(
          ConfusionPicture.draw(evaluation, "Validation, centre crop: " + top1(evaluation)), file);
    } catch (IOException | RuntimeException | Error e) { // a JDK without fonts throws any of these
      LOG.warn("{} is not drawn: {}", file, e.toString());
    }
  }
}
