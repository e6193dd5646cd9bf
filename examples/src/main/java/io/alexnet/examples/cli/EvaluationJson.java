package io.alexnet.examples.cli;

import io.alexnet.examples.page.Json;
import io.alexnet.train.Evaluation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An evaluation for {@link Json}. Shares are from 0 to 1; a figure that there is not is null. */
final class EvaluationJson {

  private EvaluationJson() {}

  /**
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
    List<Map<String, Object>> classes = new ArrayList<>();
    List<List<Integer>> confusion = new ArrayList<>();
    for (int c = 0; c < evaluation.classNames().size(); c++) {
      classes.add(ofClass(evaluation, c));
      List<Integer> row = new ArrayList<>();
      for (int predicted = 0; predicted < evaluation.classNames().size(); predicted++) {
        row.add(evaluation.confusion(c, predicted));
      }
      confusion.add(row);
    }
    map.put("classes", classes);
    map.put("confusion", confusion);
    return map;
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
