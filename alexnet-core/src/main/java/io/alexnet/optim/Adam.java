package io.alexnet.optim;

import io.alexnet.kernels.Kernels;
import io.alexnet.kernels.ParameterUpdate;
import io.alexnet.kernels.ThreadTeam;
import io.alexnet.layer.Parameter;
import io.alexnet.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Adam (Kingma and Ba 2015, algorithm 1) or, decoupled, AdamW (Loshchilov and Hutter 2019): m ← β₁m
 * + (1−β₁)g; v ← β₂v + (1−β₂)g²; w ← w − rate·m̂/(√v̂ + ε).
 *
 * @param beta1 in 0 ≤ β₁ &lt; 1
 * @param beta2 in 0 ≤ β₂ &lt; 1
 * @param epsilon positive; PyTorch has 1e-8. Keras has 1e-7, but adds it before v is corrected:
 *     there it counts 1/√(1 − β₂ᵗ) times as much, 32 times in the first step
 * @param weightDecay at least 0
 * @param decoupled AdamW: the decay takes rate·weightDecay·w off w and leaves the gradient alone
 */
public record Adam(float beta1, float beta2, float epsilon, float weightDecay, boolean decoupled)
    implements Optimizer {

  /** Throws {@link IllegalArgumentException} if a value is out of range. */
  public Adam {
    Ranges.fraction("Adam's beta1", beta1);
    Ranges.fraction("Adam's beta2", beta2);
    Ranges.positive("Adam's epsilon", epsilon);
    Ranges.notNegative("weight decay", weightDecay);
  }

  /** With β₁ = 0.9, β₂ = 0.999 and ε = 1e-7, Keras's number. */
  public Adam() {
    this(0.9f, 0.999f, 1e-7f, 0, false);
  }

  /** AdamW with this decay, otherwise the same. */
  public Adam decoupled(float weightDecay) {
    return new Adam(beta1, beta2, epsilon, weightDecay, true);
  }

  /** The same with these shares of the moments before. */
  public Adam betas(float beta1, float beta2) {
    return new Adam(beta1, beta2, epsilon, weightDecay, decoupled);
  }

  /** The same with this ε. */
  public Adam epsilon(float epsilon) {
    return new Adam(beta1, beta2, epsilon, weightDecay, decoupled);
  }

  /** The same with this weight decay. */
  public Adam weightDecay(float weightDecay) {
    return new Adam(beta1, beta2, epsilon, weightDecay, decoupled);
  }

  /**
   * 2·10⁻⁴: Adam's steps are about as long as its rate, however small gradients are. Keras and
   * PyTorch have 10⁻³, which is too much for a large network without batch normalisation.
   */
  @Override
  public float defaultRate() {
    return 2e-4f;
  }

  /** The two moments. */
  @Override
  public int tensorsPerParameter() {
    return 2;
  }

  @Override
  public Bound bind(List<Parameter> all, Kernels kernels, ThreadTeam team) {
    List<Parameter> parameters = all.stream().filter(Parameter::trainable).toList();
    int count = parameters.size();
    ParameterUpdate.Adam[] updates = new ParameterUpdate.Adam[count];
    Tensor[] first = new Tensor[count];
    Tensor[] second = new Tensor[count];
    Map<String, Tensor> state = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      Parameter parameter = parameters.get(i);
      updates[i] = kernels.adam(parameter.value().size());
      first[i] = Tensor.zeros(parameter.value().shape());
      second[i] = Tensor.zeros(parameter.value().shape());
      state.put("first_moment/" + parameter.name(), first[i]);
      state.put("second_moment/" + parameter.name(), second[i]);
    }
    return new Bound() {
      @Override
      public void update(long step, float rate, float gradientScale) {
        for (int i = 0; i < count; i++) {
          Parameter parameter = parameters.get(i);
          if (parameter.trainable()) {
            updates[i].run(
                team,
                parameter.value().array(),
                parameter.value().offset(),
                parameter.gradient().array(),
                parameter.gradient().offset(),
                first[i].array(),
                second[i].array(),
                step,
                rate * parameter.learningRateMultiplier(),
                beta1,
                beta2,
                epsilon,
                weightDecay * parameter.decayMultiplier(),
                gradientScale,
                decoupled);
          }
        }
      }

      @Override
      public Map<String, Tensor> state() {
        return state;
      }
    };
  }
}
