package io.alexnet.optim;

import io.alexnet.kernels.Arithmetic;
import io.alexnet.kernels.Kernels;
import io.alexnet.kernels.ThreadTeam;
import io.alexnet.layer.Parameter;
import java.util.List;

/**
 * The Euclidean norm of the gradients of all trainable parameters together. Used by one thread at a
 * time; allocates nothing.
 */
public final class GradientNorm {

  private final List<Parameter> parameters;
  private final Arithmetic[] arithmetic;
  private final ThreadTeam team;

  public GradientNorm(List<Parameter> parameters, Kernels kernels, ThreadTeam team) {
    this.parameters = List.copyOf(parameters);
    this.team = team;
    arithmetic = new Arithmetic[parameters.size()];
    for (int i = 0; i < arithmetic.length; i++) {
      arithmetic[i] = kernels.arithmetic(parameters.get(i).value().size());
    }
  }

  /** Of the gradients as they are; NaN or infinite if, and only if, one of their elements is. */
  public double value() {
    double squares = 0;
    for (int i = 0; i < arithmetic.length; i++) {
      Parameter parameter = parameters.get(i);
      if (parameter.trainable()) {
        squares +=
            arithmetic[i].squaredNorm(
                team, parameter.gradient().array(), parameter.gradient().offset());
      }
    }
    return Math.sqrt(squares);
  }
}
