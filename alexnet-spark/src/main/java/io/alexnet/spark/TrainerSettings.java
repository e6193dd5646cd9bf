package io.alexnet.spark;

import io.alexnet.graph.Network;
import io.alexnet.train.Trainer;
import java.io.Serializable;

/**
 * Sets a replica up: optimiser, learning rate, loss, early stopping and listeners; weights to begin
 * with, and what is frozen.
 */
@FunctionalInterface
public interface TrainerSettings extends Serializable {

  /**
   * The same for all replicas. The trainer's checkpoints and replicas are set elsewhere.
   *
   * @throws Exception ends the training
   */
  void apply(Trainer trainer, Network network) throws Exception;
}
