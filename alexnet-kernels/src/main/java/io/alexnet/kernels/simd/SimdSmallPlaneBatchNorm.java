package io.alexnet.kernels.simd;

import io.alexnet.kernels.BatchNormShape;
import io.alexnet.kernels.scalar.ScalarBatchNorm;
import io.alexnet.kernels.scalar.WorkerScratch;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Batch normalisation of planes smaller than a vector, those of one pixel behind a dense layer
 * among them, with a lane for each element of an image: image by image, so that memory is read in
 * order, with sums and then terms for each element in scratch space.
 */
final class SimdSmallPlaneBatchNorm {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  private SimdSmallPlaneBatchNorm() {}

  /** y = scale·(x − mean) + β; the terms are all means, then all scales, then all β. */
  private static void normalise(
      float[] x, int in, float[] terms, float[] y, int out, int elements) {
    int scales = terms.length / 3;
    int betas = 2 * scales;
    int e = 0;
    for (; e <= elements - LANES; e += LANES) {
      FloatVector.fromArray(SPECIES, x, in + e)
          .sub(FloatVector.fromArray(SPECIES, terms, e))
          .fma(
              FloatVector.fromArray(SPECIES, terms, scales + e),
              FloatVector.fromArray(SPECIES, terms, betas + e))
          .intoArray(y, out + e);
    }
    for (; e < elements; e++) {
      y[out + e] = Math.fma(x[in + e] - terms[e], terms[scales + e], terms[betas + e]);
    }
  }

  /** Sets a channel's means, scales and β, which begin at element e. */
  private static void setTerms(
      float[] terms, int e, int pixels, float mean, float scale, float beta) {
    int third = terms.length / 3;
    Arrays.fill(terms, e, e + pixels, mean);
    Arrays.fill(terms, third + e, third + e + pixels, scale);
    Arrays.fill(terms, 2 * third + e, 2 * third + e + pixels, beta);
  }

  /**
   * One pass for both statistics: for each element sums of d = x − shift and of d², with the first
   * image as the shift; for their error see {@link SimdBatchNorm.Training}. The elements of a
   * channel are put together by their own means and squared deviations.
   */
  static final class Training extends ScalarBatchNorm.Training {
    private final WorkerScratch scratch;

    Training(BatchNormShape shape) {
      super(shape);
      scratch = new WorkerScratch(3 * channels.size() * shape.pixels());
    }

    @Override
    protected void channels(int from, int to, int worker) {
      float[] sums = scratch.of(worker);
      Arrays.fill(sums, 0f);
      int pixels = shape.pixels();
      int elements = (to - from) * pixels;
      int imageSize = shape.channels() * pixels;
      int first = xOffset + from * pixels;
      for (int image = 1; image < shape.batch(); image++) {
        addDeviations(x, first, first + image * imageSize, elements, sums);
      }
      for (int channel = from; channel < to; channel++) {
        int e = (channel - from) * pixels;
        settle(channel, first + e, e, sums);
        float scale = gamma[channel] * inverseDeviation[channel];
        setTerms(sums, e, pixels, mean[channel], scale, beta[channel]);
      }
      for (int image = 0; image < shape.batch(); image++) {
        int start = image * imageSize + from * pixels;
        normalise(x, xOffset + start, sums, y, yOffset + start, elements);
      }
    }

    private static void addDeviations(float[] x, int shift, int in, int elements, float[] sums) {
      int squares = sums.length / 3;
      int e = 0;
      for (; e <= elements - LANES; e += LANES) {
        FloatVector deviation =
            FloatVector.fromArray(SPECIES, x, in + e)
                .sub(FloatVector.fromArray(SPECIES, x, shift + e));
        deviation.add(FloatVector.fromArray(SPECIES, sums, e)).intoArray(sums, e);
        deviation
            .fma(deviation, FloatVector.fromArray(SPECIES, sums, squares + e))
            .intoArray(sums, squares + e);
      }
      for (; e < elements; e++) {
        float deviation = x[in + e] - x[shift + e];
        sums[e] += deviation;
        sums[squares + e] = Math.fma(deviation, deviation, sums[squares + e]);
      }
    }

    /** From the sums of the channel whose elements begin at e, of x at {@code shift}. */
    private void settle(int channel, int shift, int e, float[] sums) {
      int pixels = shape.pixels();
      double batch = shape.batch();
      double average = 0;
      for (int p = 0; p < pixels; p++) {
        average += (x[shift + p] + sums[e + p] / batch) / pixels;
      }
      double squares = 0;
      for (int p = 0; p < pixels; p++) {
        double sum = sums[e + p];
        double own = Math.max(0, sums[sums.length / 3 + e + p] - sum / batch * sum);
        double deviation = x[shift + p] + sum / batch - average;
        squares += own + batch * deviation * deviation;
      }
      settle(channel, average, squares);
    }
  }

  static final class Inference extends ScalarBatchNorm.Inference {
    private final WorkerScratch scratch;

    Inference(BatchNormShape shape) {
      super(shape);
      scratch = new WorkerScratch(3 * channels.size() * shape.pixels());
    }

    @Override
    protected void channels(int from, int to, int worker) {
      float[] terms = scratch.of(worker);
      int pixels = shape.pixels();
      for (int channel = from; channel < to; channel++) {
        int e = (channel - from) * pixels;
        setTerms(terms, e, pixels, runningMean[channel], scale(channel), beta[channel]);
      }
      for (int image = 0; image < shape.batch(); image++) {
        int start = (image * shape.channels() + from) * pixels;
        normalise(x, xOffset + start, terms, y, yOffset + start, (to - from) * pixels);
      }
    }
  }

  static final class Backward extends ScalarBatchNorm.Backward {
    /** Elements of an image in a whole piece of channels. */
    private final int size;

    private final WorkerScratch scratch;

    Backward(BatchNormShape shape) {
      super(shape);
      size = channels.size() * shape.pixels();
      scratch = new WorkerScratch(4 * size);
    }

    @Override
    protected void channels(int from, int to, int worker) {
      float[] terms = scratch.of(worker);
      int pixels = shape.pixels();
      int elements = (to - from) * pixels;
      int imageSize = shape.channels() * pixels;
      Arrays.fill(terms, size, 3 * size, 0f);
      for (int channel = from; channel < to; channel++) {
        int e = (channel - from) * pixels;
        Arrays.fill(terms, e, e + pixels, mean[channel]);
      }
      for (int image = 0; image < shape.batch(); image++) {
        addGradients(image * imageSize + from * pixels, elements, terms);
      }
      for (int channel = from; channel < to; channel++) {
        settle(channel, (channel - from) * pixels, terms);
      }
      for (int image = 0; image < shape.batch(); image++) {
        gradients(image * imageSize + from * pixels, elements, terms);
      }
    }

    /** The first quarter being the means, adds dy·(x − mean) to the second and dy to the third. */
    private void addGradients(int start, int elements, float[] terms) {
      int products = size;
      int sums = 2 * size;
      int e = 0;
      for (; e <= elements - LANES; e += LANES) {
        FloatVector gradient = FloatVector.fromArray(SPECIES, dy, dyOffset + start + e);
        FloatVector.fromArray(SPECIES, x, xOffset + start + e)
            .sub(FloatVector.fromArray(SPECIES, terms, e))
            .fma(gradient, FloatVector.fromArray(SPECIES, terms, products + e))
            .intoArray(terms, products + e);
        gradient.add(FloatVector.fromArray(SPECIES, terms, sums + e)).intoArray(terms, sums + e);
      }
      for (; e < elements; e++) {
        float gradient = dy[dyOffset + start + e];
        terms[products + e] =
            Math.fma(x[xOffset + start + e] - terms[e], gradient, terms[products + e]);
        terms[sums + e] += gradient;
      }
    }

    /** Replaces the sums of a channel by −slope and mean of dy, and sets the scale after them. */
    private void settle(int channel, int e, float[] terms) {
      int pixels = shape.pixels();
      double products = 0;
      double sum = 0;
      for (int i = e; i < e + pixels; i++) {
        products += terms[size + i];
        sum += terms[2 * size + i];
      }
      float inverse = inverseDeviation[channel];
      settle(channel, products * inverse, sum);
      double count = (double) shape.batch() * pixels;
      float slope = (float) (products * inverse * inverse / count);
      Arrays.fill(terms, size + e, size + e + pixels, -slope);
      Arrays.fill(terms, 2 * size + e, 2 * size + e + pixels, (float) (sum / count));
      Arrays.fill(terms, 3 * size + e, 3 * size + e + pixels, gamma[channel] * inverse);
    }

    /** dx = scale·(dy − mean of dy − slope·(x − mean)). */
    private void gradients(int start, int elements, float[] terms) {
      int slopes = size;
      int sumMeans = 2 * size;
      int scales = 3 * size;
      int e = 0;
      for (; e <= elements - LANES; e += LANES) {
        FloatVector gradient =
            FloatVector.fromArray(SPECIES, dy, dyOffset + start + e)
                .sub(FloatVector.fromArray(SPECIES, terms, sumMeans + e));
        FloatVector.fromArray(SPECIES, x, xOffset + start + e)
            .sub(FloatVector.fromArray(SPECIES, terms, e))
            .fma(FloatVector.fromArray(SPECIES, terms, slopes + e), gradient)
            .mul(FloatVector.fromArray(SPECIES, terms, scales + e))
            .intoArray(dx, dxOffset + start + e);
      }
      for (; e < elements; e++) {
        float gradient = dy[dyOffset + start + e] - terms[sumMeans + e];
        dx[dxOffset + start + e] =
            Math.fma(x[xOffset + start + e] - terms[e], terms[slopes + e], gradient)
                * terms[scales + e];
      }
    }
  }
}
