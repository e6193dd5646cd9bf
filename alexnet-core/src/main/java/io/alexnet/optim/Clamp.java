package io.alexnet.optim;

import io.alexnet.kernels.ThreadTeam;
import io.alexnet.layer.Parameter;

/** Limits the elements of a gradient; keeps its arguments in fields so as not to allocate. */
final class Clamp implements ThreadTeam.Task {

  private static final int BLOCK = 1 << 16;

  private float[] gradient;
  private int begin;
  private int end;
  private float limit;

  void run(ThreadTeam team, Parameter parameter, float limit) {
    this.gradient = parameter.gradient().array();
    this.begin = parameter.gradient().offset();
    this.end = begin + parameter.gradient().size();
    this.limit = limit;
    team.run((end - begin + BLOCK - 1) / BLOCK, this);
  }

  @Override
  public void run(int piece, int worker) {
    int from = begin + piece * BLOCK;
    int to = Math.min(from + BLOCK, end);
    for (int i = from; i < to; i++) {
      gradient[i] = Math.max(-limit, Math.min(limit, gradient[i]));
    }
  }
}
