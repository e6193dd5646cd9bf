package io.alexnet.train;

import java.util.Map;

/**
 * How large a parameter and its gradient were at the end of an epoch: Euclidean norms.
 *
 * @param epoch from 1
 * @param parameter its name, as in {@code conv1.weight}
 * @param weight of the values after the epoch's last step
 * @param gradient of the mean gradient of that step's examples, without weight decay, after {@link
 *     Trainer#clipValue} but before {@link Trainer#clipNorm}; NaN if the parameter is frozen or the
 *     step is not known, as when a training was stopped just behind it
 */
public record ParameterNorms(int epoch, String parameter, double weight, double gradient) {

  static final String CSV_HEADER = "epoch,weight_norm,gradient_norm,parameter";

  /** The name comes last, since it may hold commas; every number reads back as the same bits. */
  String toCsv() {
    return epoch + "," + weight + "," + (Double.isNaN(gradient) ? "" : gradient) + "," + parameter;
  }

  /**
   * Throws {@link IllegalArgumentException} if the line is not one of {@link #toCsv}.
   *
   * @param names of the lines before, so that each is in memory once
   */
  static ParameterNorms ofCsv(String line, Map<String, String> names) {
    // Not by split, which allocates far more than the fields: there may be a million lines.
    int first = line.indexOf(',');
    int second = line.indexOf(',', first + 1);
    int third = line.indexOf(',', second + 1);
    if (first < 0 || second < first || third < second) {
      throw new IllegalArgumentException("no norms of a parameter: " + line);
    }
    String gradient = line.substring(second + 1, third);
    return new ParameterNorms(
        Integer.parseInt(line.substring(0, first)),
        names.computeIfAbsent(line.substring(third + 1), name -> name),
        Double.parseDouble(line.substring(first + 1, second)),
        gradient.isEmpty() ? Double.NaN : Double.parseDouble(gradient));
  }
}
