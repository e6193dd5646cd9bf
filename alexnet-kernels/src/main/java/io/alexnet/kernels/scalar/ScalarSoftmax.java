package io.alexnet.kernels.scalar;

import io.alexnet.kernels.Softmax;
import io.alexnet.kernels.ThreadTeam;

/**
 * Softmax and its cross-entropy row by row, summed in double. The SIMD twins extend these classes.
 */
public final class ScalarSoftmax {

  private ScalarSoftmax() {}

  public static class Forward implements Softmax.Forward, ThreadTeam.Task {

    protected final int classes;
    private final Pieces rows;
    protected float[] x;
    private int xOffset;
    protected float[] y;
    private int yOffset;

    public Forward(int batch, int classes) {
      checkSizes(batch, classes);
      this.classes = classes;
      rows = Pieces.ofRows(batch, classes);
    }

    @Override
    public final void run(ThreadTeam team, float[] x, int xOffset, float[] y, int yOffset) {
      this.x = x;
      this.xOffset = xOffset;
      this.y = y;
      this.yOffset = yOffset;
      team.run(rows.count(), this);
    }

    @Override
    public final void run(int piece, int worker) {
      for (int row = rows.from(piece); row < rows.to(piece); row++) {
        row(xOffset + row * classes, yOffset + row * classes);
      }
    }

    /** The row that begins at x[in] and y[out]. */
    protected void row(int in, int out) {
      float max = max(x, in, classes);
      double sum = sumOfExponentials(x, in, classes, max);
      for (int c = 0; c < classes; c++) {
        y[out + c] = (float) (Math.exp(x[in + c] - max) / sum);
      }
    }
  }

  public static class Backward implements Softmax.Backward, ThreadTeam.Task {

    protected final int classes;
    private final Pieces rows;
    protected float[] y;
    private int yOffset;
    protected float[] dy;
    private int dyOffset;
    protected float[] dx;
    private int dxOffset;

    public Backward(int batch, int classes) {
      checkSizes(batch, classes);
      this.classes = classes;
      rows = Pieces.ofRows(batch, classes);
    }

    @Override
    public final void run(
        ThreadTeam team,
        float[] y,
        int yOffset,
        float[] dy,
        int dyOffset,
        float[] dx,
        int dxOffset) {
      this.y = y;
      this.yOffset = yOffset;
      this.dy = dy;
      this.dyOffset = dyOffset;
      this.dx = dx;
      this.dxOffset = dxOffset;
      team.run(rows.count(), this);
    }

    @Override
    public final void run(int piece, int worker) {
      for (int row = rows.from(piece); row < rows.to(piece); row++) {
        row(yOffset + row * classes, dyOffset + row * classes, dxOffset + row * classes);
      }
    }

    /** The row that begins at y[yRow], dy[dyRow] and dx[dxRow]. */
    protected void row(int yRow, int dyRow, int dxRow) {
      double mean = mean(yRow, dyRow);
      for (int c = 0; c < classes; c++) {
        dx[dxRow + c] = (float) (y[yRow + c] * (dy[dyRow + c] - mean));
      }
    }

    /** Σ dy·y, the mean of dy under the row's probabilities. */
    protected final double mean(int yRow, int dyRow) {
      double mean = 0;
      for (int c = 0; c < classes; c++) {
        mean += (double) dy[dyRow + c] * y[yRow + c];
      }
      return mean;
    }
  }

  public static class CrossEntropy implements Softmax.CrossEntropy, ThreadTeam.Task {

    protected final int classes;
    private final Pieces rows;
    protected float[] logits;
    private int logitsOffset;
    private int[] labels;
    protected float smoothing;
    protected float scale;
    private float[] losses;
    protected float[] dLogits;
    private int dLogitsOffset;

    public CrossEntropy(int batch, int classes) {
      checkSizes(batch, classes);
      this.classes = classes;
      rows = Pieces.ofRows(batch, classes);
    }

    @Override
    public final void run(
        ThreadTeam team,
        float[] logits,
        int logitsOffset,
        int[] labels,
        float smoothing,
        float scale,
        float[] losses,
        float[] dLogits,
        int dLogitsOffset) {
      if (!(smoothing >= 0 && smoothing < 1)) {
        throw new IllegalArgumentException("label smoothing must be in [0, 1), not " + smoothing);
      }
      this.logits = logits;
      this.logitsOffset = logitsOffset;
      this.labels = labels;
      this.smoothing = smoothing;
      this.scale = scale;
      this.losses = losses;
      this.dLogits = dLogits;
      this.dLogitsOffset = dLogitsOffset;
      team.run(rows.count(), this);
    }

    @Override
    public final void run(int piece, int worker) {
      for (int row = rows.from(piece); row < rows.to(piece); row++) {
        int label = labels[row];
        if (label < 0 || label >= classes) {
          throw new IllegalArgumentException(
              "label " + label + " of row " + row + " is not one of the " + classes + " classes");
        }
        losses[row] =
            (float) row(logitsOffset + row * classes, label, dLogitsOffset + row * classes, worker);
      }
    }

    /** Returns the loss of the row that begins at logits[in]; its gradient to dLogits[out]. */
    protected double row(int in, int label, int out, int worker) {
      float max = max(logits, in, classes);
      double sum = sumOfExponentials(logits, in, classes, max);
      double loss = Math.log(sum) - targetLogit(in, label, max);
      if (dLogits != null) {
        for (int c = 0; c < classes; c++) {
          double target = (c == label ? 1 - smoothing : 0) + smoothing / classes;
          dLogits[out + c] = (float) (scale * (Math.exp(logits[in + c] - max) / sum - target));
        }
      }
      return loss;
    }

    /** Σ t·(x − max) over the row, t being the target. */
    protected final double targetLogit(int in, int label, float max) {
      double sum = (1 - smoothing) * (logits[in + label] - max);
      if (smoothing > 0) { // else 0·(−∞) would make NaN of an infinite logit
        for (int c = 0; c < classes; c++) {
          sum += smoothing / classes * (logits[in + c] - max);
        }
      }
      return sum;
    }
  }

  private static void checkSizes(int batch, int classes) {
    if (batch < 1 || classes < 1) {
      throw new IllegalArgumentException(
          "softmax: sizes must be positive: batch " + batch + ", classes " + classes);
    }
  }

  private static float max(float[] x, int offset, int classes) {
    float max = Float.NEGATIVE_INFINITY;
    for (int c = 0; c < classes; c++) {
      max = Math.max(max, x[offset + c]);
    }
    return max;
  }

  private static double sumOfExponentials(float[] x, int offset, int classes, float max) {
    double sum = 0;
    for (int c = 0; c < classes; c++) {
      sum += Math.exp(x[offset + c] - max);
    }
    return sum;
  }
}
