package io.alexnet.train;

import io.alexnet.kernels.ThreadTeam;
import io.alexnet.tensor.Tensor;

/** Limits the elements of a gradient; keeps its arguments in fields so as not to allocate. */
final class Clamp implements ThreadTeam.Task {

  private static final int BLOCK = 1 << 16;

  private float[] array;
  private int begin;
  private int end;
  private float limit;

  void run(ThreadTeam team, Tensor gradient, float limit) {
    array = gradient.array();
    begin = gradient.offset();
    end = begin + gradient.size();
    this.limit = limit;
    team.run((end - begin + BLOCK - 1) / BLOCK, this);
  }

  @Override
  public void run(int piece, int worker) {
    int from = begin + piece * BLOCK;
    int to = Math.min(from + BLOCK, end);
    for (int i = from; i < to; i++) {
      array[i] = Math.max(-limit, Math.min(limit, array[i]));
    }
  }
}
