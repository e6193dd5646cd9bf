package io.alexnet.examples.cli;

import io.alexnet.data.ResizedImages;
import io.alexnet.graph.Network;
import io.alexnet.train.EpochRecord;
import io.alexnet.train.Evaluation;
import io.alexnet.train.Evaluator;
import io.alexnet.train.History;
import io.alexnet.train.Metric;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is kept in the run's folder when a training is done: how the weights of its best epoch do on
 * the validation images, and beside it how those of its last epoch did, since the best was chosen
 * by these same images.
 */
final class FinalEvaluation {

  private static final Logger LOG = LoggerFactory.getLogger(FinalEvaluation.class);

  private FinalEvaluation() {}

  /**
   * Evaluates and writes: the centre crop, and ten crops if the training cropped as well.
   *
   * @param network with the weights of the best epoch
   * @param history of at least one epoch
   * @return one line that says what came of it
   * @throws Failure if the figures cannot be written; without a picture there is a warning only
   */
  static String write(
      RunFolder folder,
      RunConfiguration configuration,
      Network network,
      ResizedImages validation,
      History history) {
    Evaluator evaluator = new Evaluator(network);
    List<Map<String, Object>> evaluations = new ArrayList<>();
    Evaluation centre = evaluator.evaluate(configuration.evaluationBatches(validation, 1));
    evaluations.add(EvaluationJson.of(centre, 1));
    String told = "its evaluation: centre crop " + top1(centre);
    if (configuration.recipe().canBeCropped()) {
      Evaluation ten = evaluator.evaluate(configuration.evaluationBatches(validation, 10));
      evaluations.add(EvaluationJson.of(ten, 10));
      told += ", ten crops " + top1(ten);
    }
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("data", configuration.data());
    map.put("bestEpoch", history.best(Metric.VALIDATION_TOP1).orElseThrow().epoch());
    map.put("evaluations", evaluations);
    map.put("lastEpoch", toMap(history.epochs().get(history.epochs().size() - 1)));
    folder.writeEvaluation(map);
    draw(centre, folder.confusionFile());
    return told + "; more in evaluation.json and confusion.png";
  }

  private static String top1(Evaluation evaluation) {
    return String.format(Locale.ROOT, "top-1 %.1f %%", 100 * evaluation.top1());
  }

  private static Map<String, Object> toMap(EpochRecord epoch) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("epoch", epoch.epoch());
    map.put("crops", 1);
    map.put("loss", EvaluationJson.figure(epoch.validationLoss()));
    map.put("top1", EvaluationJson.figure(epoch.validationTop1()));
    map.put("top5", EvaluationJson.figure(epoch.validationTop5()));
    return map;
  }

  private static void draw(Evaluation evaluation, Path file) {
    try {
      PngFile.write(
          ConfusionPicture.draw(evaluation, "Validation, centre crop: " + top1(evaluation)),
          file,
          StandardCopyOption.REPLACE_EXISTING,
          StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException | RuntimeException | Error e) { // a JDK without fonts throws any of these
      LOG.warn("{} is not drawn: {}", file, e.toString());
    }
  }
}
