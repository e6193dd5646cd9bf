package io.alexnet.examples.cli;

import io.alexnet.optim.Adam;
import io.alexnet.optim.Optimizer;
import io.alexnet.optim.Sgd;

/** The optimisers that {@code --optimizer} names. */
enum OptimizerName {
  SGD,
  NESTEROV,
  ADAM;

  Optimizer of(Recipe recipe) {
    Sgd sgd = Sgd.momentum(recipe.momentum).weightDecay(recipe.weightDecay);
    return switch (this) {
      case SGD -> sgd;
      case NESTEROV -> sgd.withNesterov();
      case ADAM -> new Adam().weightDecay(recipe.weightDecay);
    };
  }

  @Override
  public String toString() {
    return Choice.label(this);
  }
}
