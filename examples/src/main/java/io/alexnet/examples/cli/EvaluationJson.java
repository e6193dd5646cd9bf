package io.alexnet.examples.cli;

import io.alexnet.examples.page.Json;
import io.alexnet.train.Evaluation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** An evaluation for {@link Json}. Shares are from 0 to 1; a figure that there is not is null. */
final class EvaluationJson {

  /** More have a matrix of gigabytes; {@link ConfusionPicture} draws it all the same. */
  static final int MOST_CLASSES_WITH_MATRIX = 2000;

  private EvaluationJson() {}

  /**
   * With the confusion matrix if there are not too many classes.
   *
   * @param crops of each image, over which the probabilities were averaged
   */
  static Map<String, Object> of(Evaluation evaluation, int crops) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("crops", crops);
    map.put("images", evaluation.count());
    map.put("loss", Json.figure(evaluation.loss()));
    map.put("top1", Json.figure(evaluation.top1()));
    map.put("top5", Json.figure(evaluation.top5()));
    map.put("macroPrecision", Json.figure(evaluation.macroPrecision()));
    map.put("macroRecall", Json.figure(evaluation.macroRecall()));
    map.put("macroF1", Json.figure(evaluation.macroF1()));
    int classes = evaluation.classNames().size();
    map.put("classes", IntStream.range(0, classes).mapToObj(c -> ofClass(evaluation, c)).toList());
    if (classes <= MOST_CLASSES_WITH_MATRIX) {
      map.put("confusion", matrix(evaluation));
    }
    return map;
  }

  private static List<List<Integer>> matrix(Evaluation evaluation) {
    int classes = evaluation.classNames().size();
    List<List<Integer>> matrix = new ArrayList<>();
    for (int actual = 0; actual < classes; actual++) {
      List<Integer> row = new ArrayList<>();
      for (int predicted = 0; predicted < classes; predicted++) {
        row.add(evaluation.confusion(actual, predicted));
      }
      matrix.add(row);
    }
    return matrix;
  }

  private static Map<String, Object> ofClass(Evaluation evaluation, int classIndex) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("class", evaluation.classNames().get(classIndex));
    map.put("images", evaluation.examples(classIndex));
    map.put("precision", Json.figure(evaluation.precision(classIndex)));
    map.put("recall", Json.figure(evaluation.recall(classIndex)));
    map.put("f1", Json.figure(evaluation.f1(classIndex)));
    return map;
  }
}
