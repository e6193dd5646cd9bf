package io.alexnet.optim;

import io.alexnet.kernels.Kernels;
import io.alexnet.kernels.ThreadTeam;
import io.alexnet.layer.Parameter;
import java.util.List;

/** Keeps a step short where the loss is steep. Used by one thread at a time; allocates nothing. */
public interface GradientClipping {

  /** Leaves every gradient as it is. */
  GradientClipping NONE = scale -> scale;

  /**
   * Clips the gradients of all trainable parameters.
   *
   * @param scale what the optimiser is going to multiply the gradients with
   * @return the scale to give it instead
   */
  float clip(float scale);

  /**
   * By the norm of all gradients together: g ← g · min(1, maxNorm/‖g‖) (Pascanu et al. 2013,
   * algorithm 1). PyTorch's clip_grad_norm_, Keras's global_clipnorm, Caffe's clip_gradients. The
   * tensors stay as they are, the factor goes into the scale.
   *
   * @throws IllegalArgumentException if the norm is not positive and finite
   */
  static GradientClipping byNorm(
      float maxNorm, List<Parameter> parameters, Kernels kernels, ThreadTeam team) {
    Ranges.positive("the clip norm", maxNorm);
    GradientNorm gradients = new GradientNorm(parameters, kernels, team);
    return scale -> {
      double norm = gradients.value() * scale;
      return norm > maxNorm ? (float) (scale * (maxNorm / norm)) : scale;
    };
  }

  /**
   * Element by element: g ← min(max(g, −maxValue), maxValue), in place. PyTorch's clip_grad_value_,
   * Keras's clipvalue.
   *
   * @throws IllegalArgumentException if the value is not positive and finite
   */
  static GradientClipping byValue(float maxValue, List<Parameter> parameters, ThreadTeam team) {
    Ranges.positive("the clip value", maxValue);
    Clamp clamp = new Clamp();
    return scale -> {
      for (int i = 0; i < parameters.size(); i++) {
        if (parameters.get(i).trainable()) {
          clamp.run(team, parameters.get(i), maxValue / scale);
        }
      }
      return scale;
    };
  }
}
