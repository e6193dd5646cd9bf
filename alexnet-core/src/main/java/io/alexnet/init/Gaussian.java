package io.alexnet.init;

import io.alexnet.tensor.Tensor;
import java.util.random.RandomGenerator;

/** Normal with mean 0, whatever the fans. */
public record Gaussian(float deviation) implements Initializer {

  /** Throws {@link IllegalArgumentException} if the deviation is not positive and finite. */
  public Gaussian {
    if (!(deviation > 0) || !Float.isFinite(deviation)) {
      throw new IllegalArgumentException(
          "a Gaussian initialiser needs a positive standard deviation, not " + deviation);
    }
  }

  @Override
  public void fill(Tensor tensor, int fanIn, int fanOut, RandomGenerator random) {
    float[] values = tensor.array();
    int end = tensor.offset() + tensor.size();
    for (int i = tensor.offset(); i < end; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
  }
}
