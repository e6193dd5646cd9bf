package io.alexnet.kernels.simd;

import io.alexnet.kernels.BatchNormShape;
import io.alexnet.kernels.scalar.ScalarBatchNorm;
import io.alexnet.kernels.scalar.WorkerScratch;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Batch normalisation behind a dense layer (pixels = 1), with a lane for each feature: row by row
 * of the batch, so that memory is read in order, with a sum for each feature in scratch space.
 */
final class SimdFeatureBatchNorm {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  private SimdFeatureBatchNorm() {}

  /** y = scale·(x − mean) + β over a row of features. */
  private static void normalise(
      float[] x,
      int in,
      float[] mean,
      float[] scale,
      float[] beta,
      float[] y,
      int out,
      int from,
      int to) {
    int f = from;
    for (; f <= to - LANES; f += LANES) {
      FloatVector.fromArray(SPECIES, x, in + f)
          .sub(FloatVector.fromArray(SPECIES, mean, f))
          .fma(
              FloatVector.fromArray(SPECIES, scale, f - from),
              FloatVector.fromArray(SPECIES, beta, f))
          .intoArray(y, out + f);
    }
    for (; f < to; f++) {
      y[out + f] = Math.fma(x[in + f] - mean[f], scale[f - from], beta[f]);
    }
  }

  /**
   * One pass for both statistics: sums of d = x − shift and of d², with the first row as the shift;
   * for its error see {@link SimdBatchNorm.Training}.
   */
  static final class Training extends ScalarBatchNorm.Training {
    private final WorkerScratch scratch = new WorkerScratch(2 * channels.size());

    Training(BatchNormShape shape) {
      super(shape);
    }

    @Override
    protected void channels(int from, int to, int worker) {
      float[] sums = scratch.of(worker);
      Arrays.fill(sums, 0f);
      for (int row = 1; row < shape.batch(); row++) {
        addDeviations(x, xOffset, xOffset + row * shape.channels(), from, to, sums);
      }
      int half = channels.size();
      for (int f = from; f < to; f++) {
        double mean = (double) sums[f - from] / shape.batch();
        double squares = sums[half + f - from] - mean * sums[f - from];
        settle(f, x[xOffset + f] + mean, Math.max(0, squares));
        sums[f - from] = gamma[f] * inverseDeviation[f]; // the scale from here on
      }
      for (int row = 0; row < shape.batch(); row++) {
        int start = row * shape.channels();
        normalise(x, xOffset + start, mean, sums, beta, y, yOffset + start, from, to);
      }
    }

    private static void addDeviations(
        float[] x, int shift, int in, int from, int to, float[] sums) {
      int half = sums.length / 2;
      int f = from;
      for (; f <= to - LANES; f += LANES) {
        FloatVector deviation =
            FloatVector.fromArray(SPECIES, x, in + f)
                .sub(FloatVector.fromArray(SPECIES, x, shift + f));
        int s = f - from;
        deviation.add(FloatVector.fromArray(SPECIES, sums, s)).intoArray(sums, s);
        deviation
            .fma(deviation, FloatVector.fromArray(SPECIES, sums, half + s))
            .intoArray(sums, half + s);
      }
      for (; f < to; f++) {
        float deviation = x[in + f] - x[shift + f];
        sums[f - from] += deviation;
        sums[half + f - from] = Math.fma(deviation, deviation, sums[half + f - from]);
      }
    }
  }

  static final class Inference extends ScalarBatchNorm.Inference {
    private final WorkerScratch scratch = new WorkerScratch(channels.size());

    Inference(BatchNormShape shape) {
      super(shape);
    }

    @Override
    protected void channels(int from, int to, int worker) {
      float[] scale = scratch.of(worker);
      for (int f = from; f < to; f++) {
        scale[f - from] = scale(f);
      }
      for (int row = 0; row < shape.batch(); row++) {
        int start = row * shape.channels();
        normalise(x, xOffset + start, runningMean, scale, beta, y, yOffset + start, from, to);
      }
    }
  }

  static final class Backward extends ScalarBatchNorm.Backward {
    private final WorkerScratch scratch = new WorkerScratch(3 * channels.size());

    Backward(BatchNormShape shape) {
      super(shape);
    }

    @Override
    protected void channels(int from, int to, int worker) {
      float[] sums = scratch.of(worker);
      Arrays.fill(sums, 0f);
      for (int row = 0; row < shape.batch(); row++) {
        addGradients(row * shape.channels(), from, to, sums);
      }
      int size = channels.size();
      for (int f = from; f < to; f++) {
        float inverse = inverseDeviation[f];
        double products = (double) sums[f - from] * inverse;
        double sum = sums[size + f - from];
        settle(f, products, sum);
        // What the gradients take from here on: slope, mean of dy, scale.
        sums[f - from] = (float) (-products * inverse / shape.batch());
        sums[size + f - from] = (float) (sum / shape.batch());
        sums[2 * size + f - from] = gamma[f] * inverse;
      }
      for (int row = 0; row < shape.batch(); row++) {
        gradients(row * shape.channels(), from, to, sums);
      }
    }

    /** Adds dy·(x − mean) to the first third of the sums and dy to the second. */
    private void addGradients(int start, int from, int to, float[] sums) {
      int size = channels.size();
      int f = from;
      for (; f <= to - LANES; f += LANES) {
        FloatVector gradient = FloatVector.fromArray(SPECIES, dy, dyOffset + start + f);
        int s = f - from;
        FloatVector.fromArray(SPECIES, x, xOffset + start + f)
            .sub(FloatVector.fromArray(SPECIES, mean, f))
            .fma(gradient, FloatVector.fromArray(SPECIES, sums, s))
            .intoArray(sums, s);
        gradient.add(FloatVector.fromArray(SPECIES, sums, size + s)).intoArray(sums, size + s);
      }
      for (; f < to; f++) {
        float gradient = dy[dyOffset + start + f];
        int s = f - from;
        sums[s] = Math.fma(x[xOffset + start + f] - mean[f], gradient, sums[s]);
        sums[size + s] += gradient;
      }
    }

    /** dx = scale·(dy − mean of dy + slope·(x − mean)) over a row. */
    private void gradients(int start, int from, int to, float[] terms) {
      int size = channels.size();
      int f = from;
      for (; f <= to - LANES; f += LANES) {
        int t = f - from;
        FloatVector gradient =
            FloatVector.fromArray(SPECIES, dy, dyOffset + start + f)
                .sub(FloatVector.fromArray(SPECIES, terms, size + t));
        FloatVector.fromArray(SPECIES, x, xOffset + start + f)
            .sub(FloatVector.fromArray(SPECIES, mean, f))
            .fma(FloatVector.fromArray(SPECIES, terms, t), gradient)
            .mul(FloatVector.fromArray(SPECIES, terms, 2 * size + t))
            .intoArray(dx, dxOffset + start + f);
      }
      for (; f < to; f++) {
        int t = f - from;
        float gradient = dy[dyOffset + start + f] - terms[size + t];
        dx[dxOffset + start + f] =
            Math.fma(x[xOffset + start + f] - mean[f], terms[t], gradient) * terms[2 * size + t];
      }
    }
  }
}
