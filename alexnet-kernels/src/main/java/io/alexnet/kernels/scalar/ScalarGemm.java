package io.alexnet.kernels.scalar;

import io.alexnet.kernels.Gemm;
import io.alexnet.kernels.GemmShape;
import io.alexnet.kernels.ThreadTeam;

/** C = α·op(A)·op(B) + β·C, one row of C after the other. */
final class ScalarGemm implements Gemm, ThreadTeam.Task {

  private final GemmShape shape;
  private final int aRow;
  private final int aColumn;

  private float alpha;
  private float[] a;
  private int aOffset;
  private float[] b;
  private int bOffset;
  private float beta;
  private float[] c;
  private int cOffset;

  ScalarGemm(GemmShape shape) {
    this.shape = shape;
    aRow = shape.transposeA() ? 1 : shape.lda();
    aColumn = shape.transposeA() ? shape.lda() : 1;
  }

  @Override
  public GemmShape shape() {
    return shape;
  }

  @Override
  public void run(
      ThreadTeam team,
      float[] workspace,
      float alpha,
      float[] a,
      int aOffset,
      float[] b,
      int bOffset,
      float beta,
      float[] c,
      int cOffset) {
    this.alpha = alpha;
    this.a = a;
    this.aOffset = aOffset;
    this.b = b;
    this.bOffset = bOffset;
    this.beta = beta;
    this.c = c;
    this.cOffset = cOffset;
    team.run(shape.m(), this);
  }

  /** Row {@code i} of C; both forms read B along its stored rows. */
  @Override
  public void run(int i, int worker) {
    int ci = cOffset + i * shape.ldc();
    int ai = aOffset + i * aRow;
    for (int j = 0; j < shape.n(); j++) {
      c[ci + j] = beta == 0 ? 0 : beta * c[ci + j];
    }
    if (shape.transposeB()) {
      for (int j = 0; j < shape.n(); j++) {
        float sum = 0;
        for (int p = 0; p < shape.k(); p++) {
          sum += a[ai + p * aColumn] * b[bOffset + j * shape.ldb() + p];
        }
        c[ci + j] += alpha * sum;
      }
    } else {
      for (int p = 0; p < shape.k(); p++) {
        float factor = alpha * a[ai + p * aColumn];
        for (int j = 0; j < shape.n(); j++) {
          c[ci + j] += factor * b[bOffset + p * shape.ldb() + j];
        }
      }
    }
  }
}
