package io.alexnet.kernels.simd;

import static jdk.incubator.vector.VectorOperators.MAX;

import io.alexnet.kernels.scalar.ScalarSoftmax;
import io.alexnet.kernels.scalar.WorkerScratch;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Softmax with the exponentials by vectors along each row. Sums stay the scalar twin's, in double:
 * they are a tenth of its time. {@code reduceLanes(ADD)} would not give the same bits twice: its
 * order is not specified, and on JDK 25 two sums of 16 in three change when their loop is compiled.
 */
final class SimdSoftmax {

  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  private SimdSoftmax() {}

  static final class Forward extends ScalarSoftmax.Forward {

    Forward(int batch, int classes) {
      super(batch, classes);
    }

    @Override
    protected void row(int in, int out) {
      exponentials(x, in, y, out, classes, max(x, in, classes));
      scaleAndAdd((float) (1 / sum(y, out, classes)), 0, y, out, classes);
    }
  }

  static final class Backward extends ScalarSoftmax.Backward {

    Backward(int batch, int classes) {
      super(batch, classes);
    }

    @Override
    protected void row(int yRow, int dyRow, int dxRow) {
      float mean = (float) mean(yRow, dyRow);
      int bound = SPECIES.loopBound(classes);
      for (int c = 0; c < bound; c += SPECIES.length()) {
        FloatVector d = FloatVector.fromArray(SPECIES, dy, dyRow + c).sub(mean);
        d.mul(FloatVector.fromArray(SPECIES, y, yRow + c)).intoArray(dx, dxRow + c);
      }
      for (int c = bound; c < classes; c++) {
        dx[dxRow + c] = y[yRow + c] * (dy[dyRow + c] - mean);
      }
    }
  }

  static final class CrossEntropy extends ScalarSoftmax.CrossEntropy {
    private final WorkerScratch scratch;

    CrossEntropy(int batch, int classes) {
      super(batch, classes);
      scratch = new WorkerScratch(classes);
    }

    @Override
    protected double row(int in, int label, int out, int worker) {
      float max = max(logits, in, classes);
      double labelLogit = logits[in + label] - max;
      double targetLogit = targetLogit(in, label, max);
      float[] exponentials = dLogits == null ? scratch.of(worker) : dLogits;
      int start = dLogits == null ? 0 : out;
      exponentials(logits, in, exponentials, start, classes, max); // may overwrite the logits
      double sum = sum(exponentials, start, classes);
      if (dLogits != null) {
        scaleAndAdd((float) (scale / sum), -scale * smoothing / classes, dLogits, out, classes);
        dLogits[out + label] =
            (float) (scale * (Math.exp(labelLogit) / sum - (1 - smoothing) - smoothing / classes));
      }
      return Math.log(sum) - targetLogit;
    }
  }

  private static float max(float[] x, int offset, int classes) {
    FloatVector maxima = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
    int bound = SPECIES.loopBound(classes);
    for (int c = 0; c < bound; c += SPECIES.length()) {
      maxima = maxima.max(FloatVector.fromArray(SPECIES, x, offset + c));
    }
    float max = maxima.reduceLanes(MAX);
    for (int c = bound; c < classes; c++) {
      max = Math.max(max, x[offset + c]);
    }
    return max;
  }

  /** y = e^(x − max). */
  private static void exponentials(
      float[] x, int xOffset, float[] y, int yOffset, int classes, float max) {
    int bound = SPECIES.loopBound(classes);
    VectorMath.exp(x, xOffset, max, y, yOffset, bound);
    for (int c = bound; c < classes; c++) {
      y[yOffset + c] = (float) Math.exp(x[xOffset + c] - max);
    }
  }

  private static double sum(float[] y, int offset, int classes) {
    double sum = 0;
    for (int c = 0; c < classes; c++) {
      sum += y[offset + c];
    }
    return sum;
  }

  /** y ← factor·y + addend. */
  private static void scaleAndAdd(float factor, float addend, float[] y, int offset, int classes) {
    int bound = SPECIES.loopBound(classes);
    for (int c = 0; c < bound; c += SPECIES.length()) {
      FloatVector.fromArray(SPECIES, y, offset + c)
          .mul(factor)
          .add(addend)
          .intoArray(y, offset + c);
    }
    for (int c = bound; c < classes; c++) {
      y[offset + c] = factor * y[offset + c] + addend;
    }
  }
}
