package io.alexnet.kernels.scalar;

import java.util.Arrays;

/**
 * Scratch space of a kernel whose call has no workspace parameter: a small array for each worker of
 * the team, zero when new, kept from run to run.
 */
public final class WorkerScratch {
  private final int length;
  private float[][] slices = new float[0][];

  public WorkerScratch(int length) {
    this.length = length;
  }

  /** The worker's own array. */
  public synchronized float[] of(int worker) {
    if (worker >= slices.length) {
      slices = Arrays.copyOf(slices, worker + 1);
    }
    if (slices[worker] == null) {
      slices[worker] = new float[length];
    }
    return slices[worker];
  }
}
