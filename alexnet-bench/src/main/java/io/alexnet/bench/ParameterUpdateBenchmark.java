package io.alexnet.bench;

import io.alexnet.kernels.ParameterUpdate;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** One optimiser step over fc6's weights, more than half of AlexNet's parameters. */
public class ParameterUpdateBenchmark extends KernelBenchmark {

  @Param("37748736")
  public int length;

  private long step;
  private float[] weights;
  private float[] gradient;
  private float[] velocity;
  private float[] secondMoment;
  private ParameterUpdate.Sgd sgd;
  private ParameterUpdate.Adam adam;

  @Override
  protected void prepare() {
    weights = uniform(length);
    gradient = uniform(length);
    velocity = new float[length];
    secondMoment = new float[length];
    sgd = kernels.sgd(length);
    adam = kernels.adam(length);
  }

  @Benchmark
  public float[] sgd(Work work) {
    sgd.run(team, weights, 0, gradient, 0, velocity, 1e-6f, 0.9f, 5e-4f, 1, false);
    work.floats(5.0 * length);
    return weights;
  }

  @Benchmark
  public float[] adam(Work work) {
    adam.run(
        team,
        weights,
        0,
        gradient,
        0,
        velocity,
        secondMoment,
        ++step,
        1e-6f,
        0.9f,
        0.999f,
        1e-7f,
        0,
        1,
        false);
    work.floats(7.0 * length);
    return weights;
  }
}
