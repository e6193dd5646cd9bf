package io.alexnet.init;

import io.alexnet.tensor.Tensor;
import java.util.random.RandomGenerator;

/**
 * Mean 0 and variance scale/fan: the family of Glorot's, He's and LeCun's initialisers. The normal
 * form is not truncated, as in PyTorch; Keras cuts its own at two standard deviations.
 */
public record VarianceScaling(float scale, Fan fan, Distribution distribution)
    implements Initializer {

  /** Which fan divides the scale. */
  public enum Fan {
    IN,
    OUT,
    AVERAGE
  }

  /** The distribution drawn from. */
  public enum Distribution {
    NORMAL,
    UNIFORM
  }

  /** Throws {@link IllegalArgumentException} if the scale is not positive and finite. */
  public VarianceScaling {
    if (!(scale > 0) || !Float.isFinite(scale)) {
      throw new IllegalArgumentException(
          "a variance-scaling initialiser needs a positive scale, not " + scale);
    }
  }

  @Override
  public void fill(Tensor tensor, int fanIn, int fanOut, RandomGenerator random) {
    double divisor =
        switch (fan) {
          case IN -> fanIn;
          case OUT -> fanOut;
          case AVERAGE -> (fanIn + (double) fanOut) / 2;
        };
    double deviation = Math.sqrt(scale / divisor);
    double bound = Math.sqrt(3) * deviation; // a uniform's variance is bound²/3
    float[] values = tensor.array();
    int end = tensor.offset() + tensor.size();
    for (int i = tensor.offset(); i < end; i++) {
      values[i] =
          (float)
              (distribution == Distribution.NORMAL
                  ? deviation * random.nextGaussian()
                  : bound * (2 * random.nextDouble() - 1));
    }
  }
}
