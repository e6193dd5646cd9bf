package io.alexnet.kernels;

/** Element-wise arithmetic over arrays of one length. */
public interface Arithmetic extends Kernel {

  /** c = a + b; c may be a's or b's own array. */
  void add(ThreadTeam team, float[] a, int aOffset, float[] b, int bOffset, float[] c, int cOffset);

  /**
   * Σ a², as a rule within 1e-6 of it, finite if all elements are, else NaN or infinite; the same
   * on any team.
   */
  double squaredNorm(ThreadTeam team, float[] a, int aOffset);
}
