package io.alexnet.bench;

import io.alexnet.kernels.BatchNorm;
import io.alexnet.kernels.BatchNormShape;
import java.util.Arrays;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** Batch normalisation behind a convolution (per channel) and a dense layer (per feature). */
public class BatchNormBenchmark extends KernelBenchmark {

  /** Channels × pixels. */
  @Param({"96x729", "384x36", "4096x1"})
  public String size;

  @Param("64")
  public int batch;

  private float[] x;
  private float[] dy;
  private float[] y;
  private float[] gamma;
  private float[] beta;
  private float[] dGamma;
  private float[] dBeta;
  private float[] runningMean;
  private float[] runningVariance;
  private float[] mean;
  private float[] inverseDeviation;
  private BatchNorm.Training training;
  private BatchNorm.Inference inference;
  private BatchNorm.Backward backward;

  @Override
  protected void prepare() {
    int channels = Integer.parseInt(size.split("x")[0]);
    int pixels = Integer.parseInt(size.split("x")[1]);
    BatchNormShape shape = new BatchNormShape(batch, channels, pixels, 1e-3f);
    x = uniform(batch * channels * pixels);
    dy = uniform(x.length);
    y = new float[x.length];
    gamma = uniform(channels);
    beta = uniform(channels);
    dGamma = new float[channels];
    dBeta = new float[channels];
    runningMean = new float[channels];
    runningVariance = new float[channels];
    Arrays.fill(runningVariance, 1);
    mean = new float[channels];
    inverseDeviation = new float[channels];
    training = kernels.batchNormTraining(shape);
    inference = kernels.batchNormInference(shape);
    backward = kernels.batchNormBackward(shape);
    training(new Work());
  }

  @Benchmark
  public float[] training(Work work) {
    training.run(
        team, x, 0, gamma, beta, 0.99f, runningMean, runningVariance, mean, inverseDeviation, y, 0);
    work.floats(2.0 * x.length);
    return y;
  }

  @Benchmark
  public float[] inference(Work work) {
    inference.run(team, x, 0, gamma, beta, runningMean, runningVariance, y, 0);
    work.floats(2.0 * x.length);
    return y;
  }

  @Benchmark
  public float[] backward(Work work) {
    backward.run(team, x, 0, mean, inverseDeviation, gamma, dy, 0, y, 0, dGamma, dBeta, false);
    work.floats(3.0 * x.length);
    return y;
  }
}
