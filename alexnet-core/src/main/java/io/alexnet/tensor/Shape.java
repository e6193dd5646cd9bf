package io.alexnet.tensor;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * The sizes of a tensor's dimensions, outermost first; images are (batch, channels, height, width).
 */
public final class Shape {

  private final int[] dimensions;
  private final int size;

  private Shape(int[] dimensions) {
    this.dimensions = dimensions;
    long product = 1;
    for (int d : dimensions) {
      if (d < 1) {
        throw new IllegalArgumentException("dimensions must be positive: " + this);
      }
      product *= d;
      if (product > Integer.MAX_VALUE - 8) {
        throw new IllegalArgumentException(this + " has more elements than a Java array can hold");
      }
    }
    size = (int) product;
  }

  /**
   * @throws IllegalArgumentException if a dimension is not positive or the product exceeds what a
   *     Java array can hold
   */
  public static Shape of(int... dimensions) {
    return new Shape(dimensions.clone());
  }

  public int rank() {
    return dimensions.length;
  }

  /** Size of dimension {@code i}; 0 is the outermost. */
  public int dimension(int i) {
    return dimensions[i];
  }

  public int[] dimensions() {
    return dimensions.clone();
  }

  /** Number of elements: the product of all dimensions. */
  public int size() {
    return size;
  }

  /** This shape behind one more, outermost dimension: an image's shape to a batch's. */
  public Shape prepend(int dimension) {
    int[] all = new int[dimensions.length + 1];
    all[0] = dimension;
    System.arraycopy(dimensions, 0, all, 1, dimensions.length);
    return new Shape(all);
  }

  /**
   * This shape without its outermost dimension: a batch's shape to an image's.
   *
   * @throws IllegalStateException if it has none
   */
  public Shape dropFirst() {
    if (dimensions.length == 0) {
      throw new IllegalStateException("a scalar has no dimension to drop");
    }
    return new Shape(Arrays.copyOfRange(dimensions, 1, dimensions.length));
  }

  /** Whether this is {@code one} behind one more, outermost dimension, of whatever size. */
  public boolean isBatchOf(Shape one) {
    int rank = one.dimensions.length;
    return dimensions.length == rank + 1
        && Arrays.equals(dimensions, 1, rank + 1, one.dimensions, 0, rank);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && Arrays.equals(dimensions, shape.dimensions);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dimensions);
  }

  /** As in {@code 64×3×227×227}. */
  @Override
  public String toString() {
    return Arrays.stream(dimensions).mapToObj(Integer::toString).collect(Collectors.joining("×"));
  }
}
