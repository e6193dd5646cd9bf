package io.alexnet.layer;

/** A place for the integers of a pass; like a {@link Buffer}, its memory may move between runs. */
public final class Indices {

  private final int size;
  private int[] array;

  public Indices(int size) {
    this.size = size;
  }

  public int size() {
    return size;
  }

  /** At least {@link #size()} long; null until {@link #moveTo} was called. */
  public int[] array() {
    return array;
  }

  /** Puts the integers at the beginning of this array. */
  public void moveTo(int[] array) {
    this.array = array;
  }
}
