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
    String[] fields = line.split(",", 4);
    if (fields.length != 4) {
      throw new IllegalArgumentException("no norms of a parameter: " + line);
    }
    return new ParameterNorms(
        Integer.parseInt(fields[0]),
        names.computeIfAbsent(fields[3], name -> name),
        Double.parseDouble(fields[1]),
        fields[2].isEmpty() ? Double.NaN : Double.parseDouble(fields[2]));
  }
}
