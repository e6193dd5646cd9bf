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
 * Stochastic gradient descent with momentum in the form of Krizhevsky et al. 2012, section 5, and
 * Caffe: v ← momentum·v + rate·(g + weightDecay·w); w ← w − v. PyTorch keeps the rate outside v,
 * which is the same until the rate changes.
 *
 * @param momentum in 0 ≤ momentum &lt; 1
 * @param weightDecay L2, at least 0
 * @param nesterov looks ahead along v: w ← w − (momentum·v + rate·(g + weightDecay·w)) with the new
 *     v
 */
public record Sgd(float momentum, float weightDecay, boolean nesterov) implements Optimizer {

  /** Throws {@link IllegalArgumentException} if a value is out of range. */
  public Sgd {
    Ranges.fraction("momentum", momentum);
    Ranges.notNegative("weight decay", weightDecay);
  }

  /** Plain descent, without momentum or decay. */
  public static Sgd plain() {
    return momentum(0);
  }

  /** Without decay. */
  public static Sgd momentum(float momentum) {
    return new Sgd(momentum, 0, false);
  }

  /** The same with this weight decay. */
  public Sgd weightDecay(float weightDecay) {
    return new Sgd(momentum, weightDecay, nesterov);
  }

  /** The same with Nesterov's look-ahead. */
  public Sgd withNesterov() {
    return new Sgd(momentum, weightDecay, true);
  }

  /** The velocity. */
  @Override
  public int tensorsPerParameter() {
    return 1;
  }

  @Override
  public Bound bind(List<Parameter> all, Kernels kernels, ThreadTeam team) {
    List<Parameter> parameters = all.stream().filter(Parameter::trainable).toList();
    int count = parameters.size();
    ParameterUpdate.Sgd[] updates = new ParameterUpdate.Sgd[count];
    Tensor[] velocity = new Tensor[count];
    Map<String, Tensor> state = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      Parameter parameter = parameters.get(i);
      updates[i] = kernels.sgd(parameter.value().size());
      velocity[i] = Tensor.zeros(parameter.value().shape());
      state.put("velocity/" + parameter.name(), velocity[i]);
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
                velocity[i].array(),
                rate * parameter.learningRateMultiplier(),
                momentum,
                weightDecay * parameter.decayMultiplier(),
                gradientScale,
                nesterov);
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
