package io.alexnet.train;

import io.alexnet.tensor.Tensor;

/**
 * One row of outputs for an example of several views: rows example · views to (example + 1) · views
 * − 1 of a network's output, averaged in double and in this order.
 */
final class ViewAverage {

  private ViewAverage() {}

  /** 1/views · Σ_v y_v, of length classes. */
  static double[] ofOutputs(Tensor outputs, int example, int views) {
    int classes = outputs.shape().dimension(1);
    double[] average = new double[classes];
    for (int c = 0; c < classes; c++) {
      double sum = 0;
      for (int v = 0; v < views; v++) {
        sum += outputs.array()[outputs.offset() + (example * views + v) * classes + c];
      }
      average[c] = sum / views;
    }
    return average;
  }

  /**
   * log(1/views · Σ_v softmax(x_v)), of length classes; the softmax of it are the averaged
   * probabilities. By way of the probabilities' logarithms, since they may be too small themselves.
   */
  static double[] ofSoftmax(Tensor logits, int example, int views) {
    int classes = logits.shape().dimension(1);
    double[][] logs = new double[views][];
    for (int v = 0; v < views; v++) {
      logs[v] = logSoftmax(logits, example * views + v, classes);
    }
    double[] average = new double[classes];
    for (int c = 0; c < classes; c++) {
      double largest = Double.NEGATIVE_INFINITY;
      for (double[] log : logs) {
        largest = Math.max(largest, log[c]);
      }
      double sum = 0;
      for (double[] log : logs) {
        sum += Math.exp(log[c] - largest);
      }
      average[c] = largest + Math.log(sum / views);
    }
    return average;
  }

  /** x_c − log Σ_j e^(x_j) of a row. */
  private static double[] logSoftmax(Tensor logits, int row, int classes) {
    int from = logits.offset() + row * classes;
    float largest = Float.NEGATIVE_INFINITY;
    for (int c = 0; c < classes; c++) {
      largest = Math.max(largest, logits.array()[from + c]);
    }
    double sum = 0;
    for (int c = 0; c < classes; c++) {
      sum += Math.exp((double) logits.array()[from + c] - largest);
    }
    double logSum = largest + Math.log(sum);
    double[] log = new double[classes];
    for (int c = 0; c < classes; c++) {
      log[c] = logits.array()[from + c] - logSum;
    }
    return log;
  }
}
