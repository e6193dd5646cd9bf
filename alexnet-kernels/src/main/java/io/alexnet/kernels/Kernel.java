package io.alexnet.kernels;

/**
 * An operation prepared for one shape: everything that depends on the shape alone (tile counts,
 * partition, algorithm) is settled when it is made, so that running it allocates nothing.
 *
 * <p>A kernel is made by {@link Kernels}, keeps the arguments of the call under way in its fields
 * and is therefore used by one caller at a time. The work is cut into pieces that depend on the
 * shape only, never on the number of threads: the same input gives the same bits on any {@link
 * ThreadTeam}.
 */
public interface Kernel {

  /**
   * Floats of scratch space that a run needs on a team of {@code threads}; the content before and
   * after a run is of no meaning, so kernels that run one after the other share one array.
   */
  default int workspace(int threads) {
    return 0;
  }
}
