package io.alexnet.kernels.scalar;

import io.alexnet.kernels.Arithmetic;
import io.alexnet.kernels.ThreadTeam;

/** Sums and norms, one element after the other. The SIMD twin extends it. */
public class ScalarArithmetic implements Arithmetic {

  private final Pieces pieces;
  private final double[] partialSums;
  private final ThreadTeam.Task addTask;
  private final ThreadTeam.Task squareTask;
  protected float[] a;
  protected int aOffset;
  protected float[] b;
  protected int bOffset;
  protected float[] c;
  protected int cOffset;

  public ScalarArithmetic(int length) {
    pieces = Pieces.ofElements(length);
    partialSums = new double[pieces.count()];
    addTask = (piece, worker) -> add(pieces.from(piece), pieces.to(piece));
    squareTask =
        (piece, worker) ->
            partialSums[piece] = sumOfSquares(piece, pieces.from(piece), pieces.to(piece));
  }

  @Override
  public final void add(
      ThreadTeam team, float[] a, int aOffset, float[] b, int bOffset, float[] c, int cOffset) {
    this.a = a;
    this.aOffset = aOffset;
    this.b = b;
    this.bOffset = bOffset;
    this.c = c;
    this.cOffset = cOffset;
    team.run(pieces.count(), addTask);
  }

  @Override
  public final double squaredNorm(ThreadTeam team, float[] a, int aOffset) {
    this.a = a;
    this.aOffset = aOffset;
    team.run(pieces.count(), squareTask);
    double sum = 0;
    for (double partialSum : partialSums) {
      sum += partialSum;
    }
    return sum;
  }

  protected final int pieces() {
    return pieces.count();
  }

  /** c = a + b for elements from ≤ i &lt; to. */
  protected void add(int from, int to) {
    for (int i = from; i < to; i++) {
      c[cOffset + i] = a[aOffset + i] + b[bOffset + i];
    }
  }

  /** Σ a² over the elements of a piece, from ≤ i &lt; to. */
  protected double sumOfSquares(int piece, int from, int to) {
    double sum = 0;
    for (int i = from; i < to; i++) {
      double value = a[aOffset + i];
      sum += value * value;
    }
    return sum;
  }
}
