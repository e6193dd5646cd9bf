package io.alexnet.kernels;

/** General matrix multiplication, C = α·op(A)·op(B) + β·C. */
public interface Gemm extends Kernel {

  GemmShape shape();

  /**
   * Runs the product. With β = 0, C is written without being read, so it may hold anything.
   *
   * @param workspace at least {@link #workspace(int)} floats for the team's size
   * @param aOffset index of A's first element, and so on
   */
  void run(
      ThreadTeam team,
      float[] workspace,
      float alpha,
      float[] a,
      int aOffset,
      float[] b,
      int bOffset,
      float beta,
      float[] c,
      int cOffset);
}
