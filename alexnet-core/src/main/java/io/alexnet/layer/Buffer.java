package io.alexnet.layer;

import io.alexnet.tensor.Shape;

/**
 * A place for one tensor of a pass: the shape is fixed, the memory behind it may move between runs
 * (a network's buffers grow with the batch, and each call brings its own images), so a pass asks
 * for {@link #array()} and {@link #offset()} anew on every run.
 */
public final class Buffer {

  private final Shape shape;
  private float[] array;
  private int offset;

  /**
   * @param shape with the batch
   */
  public Buffer(Shape shape) {
    this.shape = shape;
  }

  /** With the batch as its outermost dimension. */
  public Shape shape() {
    return shape;
  }

  public int size() {
    return shape.size();
  }

  /** Null until {@link #moveTo} was called. */
  public float[] array() {
    return array;
  }

  public int offset() {
    return offset;
  }

  /** Puts the tensor at {@code offset} of this array. */
  public void moveTo(float[] array, int offset) {
    this.array = array;
    this.offset = offset;
  }

  /** Copies the other's elements here, unless they are the same memory. */
  public void copyFrom(Buffer other) {
    if (array != other.array || offset != other.offset) {
      System.arraycopy(other.array, other.offset, array, offset, size());
    }
  }
}
