package io.alexnet.kernels;

/** General matrix multiplication, C = op(A)·op(B) or C += op(A)·op(B). */
public interface Gemm extends Kernel {

  GemmShape shape();

  /**
   * Runs the product.
   *
   * @param workspace at least {@link #workspace(int)} floats for the team's size
   * @param aOffset index of A's first element, and so on
   * @param accumulate whether it adds to C; if not, C is written without being read, so it may hold
   *     anything
   */
  void run(
      ThreadTeam team,
      float[] workspace,
      float[] a,
      int aOffset,
      float[] b,
      int bOffset,
      float[] c,
      int cOffset,
      boolean accumulate);
}
