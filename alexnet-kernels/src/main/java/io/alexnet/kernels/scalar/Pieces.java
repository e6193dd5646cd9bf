package io.alexnet.kernels.scalar;

/**
 * Cuts elements 0 … length − 1 into pieces of one size (the last may be shorter), whatever the
 * number of threads that run them.
 */
public record Pieces(int length, int size) {

  /**
   * A piece of 32 Ki floats takes some 10 µs of memory time: long against the fraction of a
   * microsecond that handing it out costs, short enough to balance the load.
   */
  private static final int ELEMENTS = 32 * 1024;

  /** Throws {@link IllegalArgumentException} if a size is not positive. */
  public Pieces {
    if (length < 1 || size < 1) {
      throw new IllegalArgumentException("length must be at least 1, not " + length);
    }
  }

  /** For element-wise work over {@code length} elements. */
  public static Pieces ofElements(int length) {
    return new Pieces(length, ELEMENTS);
  }

  /** Whole rows of {@code columns} elements, as many as make a fair piece of work. */
  public static Pieces ofRows(int rows, int columns) {
    return new Pieces(rows, Math.max(1, ELEMENTS / 8 / columns));
  }

  /** Whole planes of {@code size} elements, for work as light as one pass over them. */
  public static Pieces ofPlanes(int planes, int size) {
    return new Pieces(planes, Math.max(1, Math.min(planes, ELEMENTS / size)));
  }

  public int count() {
    return (length - 1) / size + 1;
  }

  public int from(int piece) {
    return piece * size;
  }

  public int to(int piece) {
    return size < length - from(piece) ? from(piece) + size : length;
  }
}
