package io.alexnet.kernels.simd;

/**
 * Where the kernels keep vectors within a workspace. A vector of 16 lanes that begins elsewhere
 * than at a multiple of 64 bytes takes two cache lines, and a tile that reads such vectors is up to
 * a fifth slower.
 *
 * <p>A program cannot ask where an array lies. But its elements begin 16 bytes behind its header,
 * and collectors with regions (G1, the default; Shenandoah, ZGC) put a large array at the beginning
 * of one. So a layout that begins at {@link #FIRST}, of parts that are whole lines long, is in line
 * there, and with ParallelGC no worse off than another.
 */
final class CacheLines {

  /** Floats of a line. */
  static final int FLOATS = 64 / Float.BYTES;

  /** The first element of a large array that begins a line. */
  static final int FIRST = FLOATS - 16 / Float.BYTES;

  private CacheLines() {}

  /** The floats of as many lines as {@code floats} need. */
  static long whole(long floats) {
    return (floats + FLOATS - 1) / FLOATS * FLOATS;
  }
}
