package io.alexnet.kernels;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What convolutions make of one layer's weights and biases while these do not change: packed into
 * tiles, or transformed. Kernels of any batch size and in any number of threads share it, so each
 * form exists once. Thread-safe.
 */
public final class PreparedWeights {

  private final Map<Object, float[]> forms = new HashMap<>();

  /**
   * The weights in a form, made by the first who asks for it; others wait until it is there.
   *
   * @param form with {@code equals}; two kernels that name the same one compute with the same array
   * @param prepare fills a new array of this length, of zeros; if it throws, the form is not kept
   * @return not to be written to
   */
  public synchronized float[] get(Object form, int length, Consumer<float[]> prepare) {
    float[] weights = forms.get(form);
    if (weights == null) {
      weights = new float[length];
      prepare.accept(weights);
      forms.put(form, weights);
    }
    return weights;
  }

  /** Of all forms that exist. */
  public synchronized long bytes() {
    return forms.values().stream().mapToLong(weights -> weights.length).sum() * Float.BYTES;
  }
}
