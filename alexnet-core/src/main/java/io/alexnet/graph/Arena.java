package io.alexnet.graph;

import java.util.ArrayList;
import java.util.List;

/**
 * The memory that all plans of a network share, one at a time. It grows to what the most demanding
 * plan asks for and never shrinks, so alternating between batch sizes allocates nothing.
 */
final class Arena {

  private static final float[] NOTHING = new float[0];

  private final List<float[]> slots = new ArrayList<>();
  private final int[][] indices;
  private float[] workspace = NOTHING;

  Arena(int nodes) {
    indices = new int[nodes][0];
  }

  /** Whether the plan needs no more than there is. */
  boolean holds(Plan plan) {
    boolean holds = workspace.length >= plan.workspace() && slots.size() >= plan.slots().size();
    for (int s = 0; holds && s < plan.slots().size(); s++) {
      holds = slots.get(s).length >= plan.slots().get(s);
    }
    for (int i = 0; holds && i < indices.length; i++) {
      holds = indices[i].length >= plan.indices(i);
    }
    return holds;
  }

  /** Whether an array is one of those that hold buffers. */
  boolean has(float[] array) {
    for (int s = 0; s < slots.size(); s++) {
      if (slots.get(s) == array) {
        return true;
      }
    }
    return false;
  }

  /** Makes room for a plan. What is too small moves, so no other plan may be in use any more. */
  void grow(Plan plan) {
    for (int s = 0; s < plan.slots().size(); s++) {
      int size = plan.slots().get(s);
      if (s == slots.size()) {
        slots.add(NOTHING);
      }
      if (slots.get(s).length < size) {
        slots.set(s, NOTHING); // the old array may go before the new one comes
        slots.set(s, new float[size]);
      }
    }
    for (int i = 0; i < indices.length; i++) {
      if (indices[i].length < plan.indices(i)) {
        indices[i] = new int[plan.indices(i)];
      }
    }
    if (workspace.length < plan.workspace()) {
      workspace = NOTHING;
      workspace = new float[plan.workspace()];
    }
  }

  /** Tells a plan for which room was reserved where its buffers are. */
  void move(Plan plan) {
    plan.moveTo(slots, indices);
  }

  float[] workspace() {
    return workspace;
  }
}
