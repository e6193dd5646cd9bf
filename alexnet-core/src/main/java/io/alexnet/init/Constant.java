package io.alexnet.init;

import io.alexnet.tensor.Tensor;
import java.util.random.RandomGenerator;

/** Every element the same value. */
public record Constant(float value) implements Initializer {

  /** Throws {@link IllegalArgumentException} if the value is NaN or infinite. */
  public Constant {
    if (!Float.isFinite(value)) {
      throw new IllegalArgumentException("a constant initialiser must be finite, not " + value);
    }
  }

  @Override
  public void fill(Tensor tensor, int fanIn, int fanOut, RandomGenerator random) {
    tensor.fill(value);
  }
}
