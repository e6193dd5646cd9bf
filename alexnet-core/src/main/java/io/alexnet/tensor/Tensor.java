package io.alexnet.tensor;

import java.util.Arrays;

/**
 * A dense, row-major array of floats with a shape. Images are NCHW.
 *
 * <p>A tensor is a view: it shares {@link #array()} with whatever it was made from, and nothing
 * here copies unless its name says so. Not thread-safe, like the array behind it.
 */
public final class Tensor {

  private final float[] array;
  private final int offset;
  private final Shape shape;

  private Tensor(float[] array, int offset, Shape shape) {
    if (offset < 0 || array.length - offset < shape.size()) {
      throw new IllegalArgumentException(
          shape + " at " + offset + " does not fit into an array of " + array.length);
    }
    this.array = array;
    this.offset = offset;
    this.shape = shape;
  }

  /** A new tensor of zeros. */
  public static Tensor zeros(Shape shape) {
    return new Tensor(new float[shape.size()], 0, shape);
  }

  /** A new tensor of zeros. */
  public static Tensor zeros(int... dimensions) {
    return zeros(Shape.of(dimensions));
  }

  /**
   * A view of the array from its first element. The array may be longer than the shape needs;
   * without dimensions it is the first element, a scalar.
   */
  public static Tensor of(float[] array, int... dimensions) {
    return new Tensor(array, 0, Shape.of(dimensions));
  }

  /** A view of the array from {@code offset}. */
  public static Tensor of(float[] array, int offset, Shape shape) {
    return new Tensor(array, offset, shape);
  }

  /** The shared array; this tensor's elements are [offset, offset + size). */
  public float[] array() {
    return array;
  }

  public int offset() {
    return offset;
  }

  public Shape shape() {
    return shape;
  }

  public int size() {
    return shape.size();
  }

  /** The same elements under another shape of the same size. */
  public Tensor reshape(int... dimensions) {
    return reshape(Shape.of(dimensions));
  }

  /** The same elements under another shape of the same size. */
  public Tensor reshape(Shape other) {
    if (other.size() != shape.size()) {
      throw new IllegalArgumentException("cannot view " + shape + " as " + other);
    }
    return new Tensor(array, offset, other);
  }

  /** Entries [from, to) of the outermost dimension, as a view: some images of a batch. */
  public Tensor slice(int from, int to) {
    if (shape.rank() == 0 || from < 0 || from >= to || to > shape.dimension(0)) {
      throw new IllegalArgumentException("no entries " + from + " to " + to + " in " + shape);
    }
    int entry = shape.size() / shape.dimension(0);
    int[] dimensions = shape.dimensions();
    dimensions[0] = to - from;
    return new Tensor(array, offset + from * entry, Shape.of(dimensions));
  }

  /** The element at these indices, one for each dimension. */
  public float get(int... indices) {
    return array[index(indices)];
  }

  /** Sets the element at these indices. */
  public void set(float value, int... indices) {
    array[index(indices)] = value;
  }

  private int index(int[] indices) {
    if (indices.length != shape.rank()) {
      throw new IllegalArgumentException(indices.length + " indices into " + shape);
    }
    int index = 0;
    for (int i = 0; i < indices.length; i++) {
      if (indices[i] < 0 || indices[i] >= shape.dimension(i)) {
        throw new IndexOutOfBoundsException(Arrays.toString(indices) + " in " + shape);
      }
      index = index * shape.dimension(i) + indices[i];
    }
    return offset + index;
  }

  /** Sets every element. */
  public void fill(float value) {
    Arrays.fill(array, offset, offset + size(), value);
  }

  /** Copies the other tensor's elements into this one; sizes must match, shapes need not. */
  public void copyFrom(Tensor other) {
    if (other.size() != size()) {
      throw new IllegalArgumentException("cannot copy " + other.shape + " into " + shape);
    }
    System.arraycopy(other.array, other.offset, array, offset, size());
  }

  /** A new tensor with its own copy of the elements. */
  public Tensor copy() {
    Tensor copy = zeros(shape);
    copy.copyFrom(this);
    return copy;
  }

  /** Whether no element is NaN or infinite. */
  public boolean isFinite() {
    for (int i = offset; i < offset + size(); i++) {
      if (!Float.isFinite(array[i])) {
        return false;
      }
    }
    return true;
  }

  /** A new array with a copy of the elements. */
  public float[] toArray() {
    return Arrays.copyOfRange(array, offset, offset + size());
  }

  @Override
  public String toString() {
    return "Tensor " + shape;
  }
}
