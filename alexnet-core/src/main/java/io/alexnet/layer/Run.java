package io.alexnet.layer;

import io.alexnet.kernels.ThreadTeam;

/** What one run over a network brings to every pass. */
public interface Run {

  ThreadTeam team();

  /** As long as the most demanding pass asked for; holds nothing from one kernel to the next. */
  float[] workspace();

  /** The network's. */
  long seed();

  /** The training step; with the seed and a layer's index it decides a dropout mask. */
  long step();

  /** Whether parameter gradients are added to instead of overwritten. */
  boolean accumulate();
}
