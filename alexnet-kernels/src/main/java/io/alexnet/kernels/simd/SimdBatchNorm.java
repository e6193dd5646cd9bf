package io.alexnet.kernels.simd;

import io.alexnet.kernels.BatchNormShape;
import io.alexnet.kernels.scalar.ScalarBatchNorm;
import io.alexnet.kernels.scalar.WorkerScratch;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Batch normalisation of planes, with a lane for each pixel. Lanes are added up through an array,
 * in order: the order of reduceLanes is left open, and it differs between interpreter and compiler.
 */
final class SimdBatchNorm {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  /** Floats that a lane adds up at most, before its sum goes into a double. */
  private static final int ADDENDS = 256;

  /** Pixels of a plane for so many. */
  private static final int STRETCH = ADDENDS * LANES;

  private SimdBatchNorm() {}

  static boolean supports(BatchNormShape shape) {
    return shape.pixels() >= LANES;
  }

  /** Images whose planes are summed in single precision, by stretches if they are large. */
  private static int group(BatchNormShape shape) {
    return Math.max(1, STRETCH / shape.pixels());
  }

  private static double laneSum(float[] sums, int from) {
    double sum = 0;
    for (int lane = from; lane < from + LANES; lane++) {
      sum += sums[lane];
    }
    return sum;
  }

  /** y = scale·(x − mean) + β over a plane. */
  private static void normalise(
      float[] x, int in, int pixels, float mean, float scale, float beta, float[] y, int out) {
    int p = 0;
    FloatVector means = FloatVector.broadcast(SPECIES, mean);
    FloatVector scales = FloatVector.broadcast(SPECIES, scale);
    FloatVector betas = FloatVector.broadcast(SPECIES, beta);
    for (; p <= pixels - LANES; p += LANES) {
      FloatVector.fromArray(SPECIES, x, in + p).sub(means).fma(scales, betas).intoArray(y, out + p);
    }
    for (; p < pixels; p++) {
      y[out + p] = Math.fma(x[in + p] - mean, scale, beta);
    }
  }

  /**
   * One pass for both statistics: sums of d = x − shift and of d². The shift is the mean m₁ over
   * the whole vectors of the first image, at least 1/(2·batch) of all values, so (m₁ − m)² ≤
   * 2·batch · variance, and taking (Σd)²/count from Σd² enlarges the error of the sums by a factor
   * of 2·batch + 1 at worst, however large the mean.
   */
  static final class Training extends ScalarBatchNorm.Training {
    private final int group;
    private final WorkerScratch scratch = new WorkerScratch(2 * LANES);

    Training(BatchNormShape shape) {
      super(shape);
      group = group(shape);
    }

    @Override
    protected void channel(int channel, int worker) {
      float[] lanes = scratch.of(worker);
      int pixels = shape.pixels();
      int tail = pixels - pixels % LANES;
      int in = xOffset + channel * pixels;
      int imageStep = shape.channels() * pixels;
      float shift = firstMean(in, lanes, tail);
      double sum = 0;
      double squares = 0;
      for (int image = 0; image < shape.batch(); image += group) {
        int images = Math.min(group, shape.batch() - image);
        for (int p = 0; p < tail; p += STRETCH) {
          int length = Math.min(STRETCH, tail - p);
          deviations(x, in + image * imageStep + p, images, imageStep, length, shift, lanes);
          sum += laneSum(lanes, 0);
          squares += laneSum(lanes, LANES);
        }
        for (int i = image; i < image + images; i++) {
          for (int p = tail; p < pixels; p++) {
            double deviation = x[in + i * imageStep + p] - shift;
            sum += deviation;
            squares += deviation * deviation;
          }
        }
      }
      if (!Double.isFinite(squares)) { // as of 10²⁰, whose square no float holds
        super.channel(channel, worker);
        return;
      }
      double count = (double) shape.batch() * pixels;
      settle(channel, shift + sum / count, Math.max(0, squares - sum / count * sum));
      float scale = gamma[channel] * inverseDeviation[channel];
      for (int image = 0; image < shape.batch(); image++) {
        int start = channel * pixels + image * imageStep;
        normalise(
            x, xOffset + start, pixels, mean[channel], scale, beta[channel], y, yOffset + start);
      }
    }

    private float firstMean(int in, float[] lanes, int tail) {
      deviations(x, in, 1, 0, tail, x[in], lanes);
      return (float) (x[in] + laneSum(lanes, 0) / tail);
    }

    private static void deviations(
        float[] x, int in, int images, int imageStep, int end, float shift, float[] lanes) {
      Arrays.fill(lanes, 0f);
      for (int image = 0; image < images; image++) {
        addDeviations(x, in + image * imageStep, end, shift, lanes);
      }
    }

    private static void addDeviations(float[] x, int in, int end, float shift, float[] lanes) {
      FloatVector shifts = FloatVector.broadcast(SPECIES, shift);
      FloatVector sum = FloatVector.fromArray(SPECIES, lanes, 0);
      FloatVector squares = FloatVector.fromArray(SPECIES, lanes, LANES);
      for (int p = 0; p < end; p += LANES) {
        FloatVector deviation = FloatVector.fromArray(SPECIES, x, in + p).sub(shifts);
        sum = sum.add(deviation);
        squares = deviation.fma(deviation, squares);
      }
      sum.intoArray(lanes, 0);
      squares.intoArray(lanes, LANES);
    }
  }

  static final class Inference extends ScalarBatchNorm.Inference {

    Inference(BatchNormShape shape) {
      super(shape);
    }

    @Override
    protected void channel(int channel, int worker) {
      float scale = scale(channel);
      for (int image = 0; image < shape.batch(); image++) {
        int start = (image * shape.channels() + channel) * shape.pixels();
        normalise(
            x,
            xOffset + start,
            shape.pixels(),
            runningMean[channel],
            scale,
            beta[channel],
            y,
            yOffset + start);
      }
    }
  }

  static final class Backward extends ScalarBatchNorm.Backward {
    private final int group;
    private final WorkerScratch scratch = new WorkerScratch(2 * LANES);

    Backward(BatchNormShape shape) {
      super(shape);
      group = group(shape);
    }

    @Override
    protected void channel(int channel, int worker) {
      float[] lanes = scratch.of(worker);
      int pixels = shape.pixels();
      int tail = pixels - pixels % LANES;
      int imageStep = shape.channels() * pixels;
      float average = mean[channel];
      double products = 0;
      double sum = 0;
      for (int image = 0; image < shape.batch(); image += group) {
        int images = Math.min(group, shape.batch() - image);
        int start = channel * pixels + image * imageStep;
        for (int p = 0; p < tail; p += STRETCH) {
          Arrays.fill(lanes, 0f);
          for (int i = 0; i < images; i++) {
            addProducts(start + i * imageStep + p, Math.min(STRETCH, tail - p), average, lanes);
          }
          products += laneSum(lanes, 0);
          sum += laneSum(lanes, LANES);
        }
        for (int i = 0; i < images; i++) {
          for (int p = start + i * imageStep + tail; p < start + i * imageStep + pixels; p++) {
            products += dy[dyOffset + p] * (x[xOffset + p] - average);
            sum += dy[dyOffset + p];
          }
        }
      }
      float inverse = inverseDeviation[channel];
      settle(channel, products * inverse, sum);
      double count = (double) shape.batch() * pixels;
      float sumMean = (float) (sum / count);
      float slope = (float) (products * inverse * inverse / count);
      for (int image = 0; image < shape.batch(); image++) {
        int start = channel * pixels + image * imageStep;
        gradients(start, pixels, average, sumMean, slope, gamma[channel] * inverse);
      }
    }

    /** dx = scale·(dy − sumMean − slope·(x − mean)) over a plane. */
    private void gradients(
        int start, int pixels, float mean, float sumMean, float slope, float scale) {
      FloatVector means = FloatVector.broadcast(SPECIES, mean);
      FloatVector sumMeans = FloatVector.broadcast(SPECIES, sumMean);
      FloatVector slopes = FloatVector.broadcast(SPECIES, -slope);
      int end = start + pixels;
      int p = start;
      for (; p <= end - LANES; p += LANES) {
        FloatVector.fromArray(SPECIES, x, xOffset + p)
            .sub(means)
            .fma(slopes, FloatVector.fromArray(SPECIES, dy, dyOffset + p).sub(sumMeans))
            .mul(scale)
            .intoArray(dx, dxOffset + p);
      }
      for (; p < end; p++) {
        dx[dxOffset + p] =
            scale * Math.fma(x[xOffset + p] - mean, -slope, dy[dyOffset + p] - sumMean);
      }
    }

    /** Adds dy·(x − mean) and dy of a plane, up to pixel end, lane by lane. */
    private void addProducts(int start, int end, float mean, float[] lanes) {
      FloatVector means = FloatVector.broadcast(SPECIES, mean);
      FloatVector products = FloatVector.fromArray(SPECIES, lanes, 0);
      FloatVector sum = FloatVector.fromArray(SPECIES, lanes, LANES);
      for (int p = start; p < start + end; p += LANES) {
        FloatVector gradient = FloatVector.fromArray(SPECIES, dy, dyOffset + p);
        products =
            FloatVector.fromArray(SPECIES, x, xOffset + p).sub(means).fma(gradient, products);
        sum = sum.add(gradient);
      }
      products.intoArray(lanes, 0);
      sum.intoArray(lanes, LANES);
    }
  }
}
