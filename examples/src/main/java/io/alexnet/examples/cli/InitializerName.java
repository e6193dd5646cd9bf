package io.alexnet.examples.cli;

import io.alexnet.init.Initializer;

/** What {@code --initializer} names: the distributions that weights are first drawn from. */
enum InitializerName {
  /** The one that the model was published with. */
  MODEL,
  GLOROT,
  HE;

  Initializer weights() {
    return switch (this) {
      case MODEL -> throw new IllegalStateException("each layer has its own");
      case GLOROT -> Initializer.glorotUniform();
      case HE -> Initializer.heNormal();
    };
  }

  @Override
  public String toString() {
    return Choice.label(this);
  }
}
