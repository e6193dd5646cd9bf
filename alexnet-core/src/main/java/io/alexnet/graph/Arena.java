package io.alexnet.graph;

import java.util.ArrayList;
import java.util.List;

/**
 * The memory that all plans of a network share, one at a time. It grows to what the most demanding
 * plan asks for and never shrinks, so alternating between batch sizes allocates nothing.
 */
final class Arena {

  private final List<float[]> slots = new ArrayList<>();
  private final int[][] indices;
  private float[] workspace = new float[0];

  Arena(int nodes) {
    indices = new int[nodes][0];
  }

  /**
   * Makes room for a plan.
   *
   * @return whether anything moved, so that every plan must be told
   */
  boolean reserve(Plan plan) {
    boolean moved = false;
    for (int s = 0; s < plan.slots().size(); s++) {
      int size = plan.slots().get(s);
      if (s == slots.size()) {
        slots.add(new float[size]);
        moved = true;
      } else if (slots.get(s).length < size) {
        slots.set(s, null); // so that the old array can go before the new one comes
        slots.set(s, new float[size]);
        moved = true;
      }
    }
    for (int i = 0; i < indices.length; i++) {
      if (indices[i].length < plan.indices(i)) {
        indices[i] = new int[plan.indices(i)];
        moved = true;
      }
    }
    if (workspace.length < plan.workspace()) {
      workspace = new float[plan.workspace()];
    }
    return moved;
  }

  /** Tells a plan for which room was reserved where its buffers are. */
  void move(Plan plan) {
    plan.moveTo(slots, indices);
  }

  float[] workspace() {
    return workspace;
  }
}
