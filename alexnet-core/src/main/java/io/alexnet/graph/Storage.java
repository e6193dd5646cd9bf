package io.alexnet.graph;

import io.alexnet.layer.Buffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A piece of memory with the span of time in which it is needed: one buffer, or several that may be
 * in the same place. Times are the steps of a plan, both ends included.
 */
final class Storage {

  private final List<Buffer> buffers = new ArrayList<>();
  private int born = Integer.MAX_VALUE;
  private int dies;
  private int size;
  private int slot;

  void add(Buffer buffer, int born, int dies) {
    buffers.add(buffer);
    this.born = Math.min(this.born, born);
    this.dies = Math.max(this.dies, dies);
    size = Math.max(size, buffer.size());
  }

  int dies() {
    return dies;
  }

  int slot() {
    return slot;
  }

  void moveTo(float[] array) {
    for (Buffer buffer : buffers) {
      buffer.moveTo(array, 0);
    }
  }

  private boolean overlaps(Storage other) {
    return born <= other.dies && other.born <= dies;
  }

  /**
   * Gives every storage a slot so that no two share one at the same time, the largest first and
   * each to the smallest slot that is free for it (the greedy-by-size heuristic of Pisarchyk and
   * Lee, "Efficient Memory Management for Deep Neural Net Inference", 2020, section 4.2).
   *
   * @return the slots' sizes, largest first
   */
  static List<Integer> assignSlots(List<Storage> storages) {
    List<Storage> largestFirst = new ArrayList<>(storages);
    largestFirst.sort(Comparator.comparingInt((Storage s) -> s.size).reversed());
    List<List<Storage>> slots = new ArrayList<>();
    for (Storage storage : largestFirst) {
      storage.slot = slots.size();
      for (int i = slots.size() - 1; i >= 0; i--) {
        if (slots.get(i).stream().noneMatch(storage::overlaps)) {
          storage.slot = i;
          break;
        }
      }
      if (storage.slot == slots.size()) {
        slots.add(new ArrayList<>());
      }
      slots.get(storage.slot).add(storage);
    }
    return slots.stream().map(slot -> slot.get(0).size).toList();
  }
}
