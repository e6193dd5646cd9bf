package io.alexnet.loss;

import io.alexnet.kernels.Kernels;
import io.alexnet.kernels.Softmax;
import io.alexnet.kernels.ThreadTeam;

/**
 * −Σ_c t_c · log softmax(x)_c, with the target t of 1 − smoothing on the label plus
 * smoothing/classes everywhere (Szegedy et al. 2016, section 7). PyTorch's CrossEntropyLoss,
 * Keras's CategoricalCrossentropy(from_logits=True).
 *
 * @param smoothing in 0 ≤ smoothing &lt; 1; 0 for plain targets
 */
public record SoftmaxCrossEntropy(float smoothing) implements Loss {

  /** Throws {@link IllegalArgumentException} if the smoothing is out of range. */
  public SoftmaxCrossEntropy {
    if (!(smoothing >= 0 && smoothing < 1)) {
      throw new IllegalArgumentException(
          "label smoothing must be at least 0 and below 1, not " + smoothing);
    }
  }

  /** Without label smoothing. */
  public SoftmaxCrossEntropy() {
    this(0);
  }

  @Override
  public Bound bind(Kernels kernels, ThreadTeam team, int batch, int classes) {
    Softmax.CrossEntropy kernel = kernels.softmaxCrossEntropy(batch, classes);
    float[] losses = new float[batch];
    return (logits, labels, scale, dLogits) -> {
      kernel.run(
          team,
          logits.array(),
          logits.offset(),
          labels,
          smoothing,
          scale,
          losses,
          dLogits == null ? null : dLogits.array(),
          dLogits == null ? 0 : dLogits.offset());
      double sum = 0;
      for (float loss : losses) {
        sum += loss;
      }
      return sum;
    };
  }
}
