package io.alexnet.train;

import java.io.Serializable;

/**
 * What came out of one epoch. Shares are from 0 to 1; without validation data, its values are NaN.
 *
 * @param epoch from 1
 * @param steps since the beginning of the training
 * @param trainLoss mean of the epoch's examples, each as the weights were at its step
 * @param trainTop1 likewise, with dropout and augmentation on
 * @param validationTop5 share whose class is among the five most likely
 * @param learningRate of the epoch's last step
 * @param imagesPerSecond in training, without validation
 * @param seconds for training and validation
 */
public record EpochRecord(
    int epoch,
    long steps,
    double trainLoss,
    double trainTop1,
    double validationLoss,
    double validationTop1,
    double validationTop5,
    float learningRate,
    double imagesPerSecond,
    double seconds)
    implements Serializable {

  static final String CSV_HEADER =
      "epoch,step,train_loss,train_top1,validation_loss,validation_top1,validation_top5,"
          + "learning_rate,images_per_second,seconds";

  /** In the order of {@link #CSV_HEADER}; every number reads back as the same bits. */
  String toCsv() {
    return epoch
        + ","
        + steps
        + ","
        + trainLoss
        + ","
        + trainTop1
        + ","
        + text(validationLoss)
        + ","
        + text(validationTop1)
        + ","
        + text(validationTop5)
        + ","
        + learningRate
        + ","
        + imagesPerSecond
        + ","
        + seconds;
  }

  private static String text(double value) {
    return Double.isNaN(value) ? "" : Double.toString(value);
  }

  /** Throws {@link IllegalArgumentException} if the line is not one of {@link #toCsv}. */
  static EpochRecord ofCsv(String line) {
    String[] fields = line.split(",", 11);
    if (fields.length != 10) {
      throw new IllegalArgumentException("no record of an epoch: " + line);
    }
    return new EpochRecord(
        Integer.parseInt(fields[0]),
        Long.parseLong(fields[1]),
        Double.parseDouble(fields[2]),
        Double.parseDouble(fields[3]),
        number(fields[4]),
        number(fields[5]),
        number(fields[6]),
        Float.parseFloat(fields[7]),
        Double.parseDouble(fields[8]),
        Double.parseDouble(fields[9]));
  }

  private static double number(String text) {
    return text.isEmpty() ? Double.NaN : Double.parseDouble(text);
  }
}
