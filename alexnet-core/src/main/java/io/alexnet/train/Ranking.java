package io.alexnet.train;

/** Where an example's own class stands among its logits. */
final class Ranking {

  private Ranking() {}

  /**
   * How many classes come before the label's: those with a larger logit and, of equal ones, those
   * with a lower index. With a NaN among the logits there is no order and nothing is right: the
   * rank is {@code classes}.
   */
  static int rank(float[] logits, int offset, int classes, int label) {
    float own = logits[offset + label];
    int rank = 0;
    for (int c = 0; c < classes; c++) {
      float other = logits[offset + c];
      if (other != other) {
        return classes;
      }
      if (other > own || other == own && c < label) {
        rank++;
      }
    }
    return rank;
  }

  /** The class with the largest logit, the first of equal ones; −1 with a NaN among them. */
  static int first(float[] logits, int offset, int classes) {
    int first = 0;
    for (int c = 0; c < classes; c++) {
      float logit = logits[offset + c];
      if (logit != logit) {
        return -1;
      }
      if (logit > logits[offset + first]) {
        first = c;
      }
    }
    return first;
  }
}
