package io.alexnet.kernels.scalar;

import io.alexnet.kernels.Gemm;
import io.alexnet.kernels.GemmShape;
import io.alexnet.kernels.ThreadTeam;
import java.util.Arrays;

/** C = op(A)·op(B) or C += op(A)·op(B), one row of C after the other. */
final class ScalarGemm implements Gemm, ThreadTeam.Task {

  private final GemmShape shape;
  private final int aRow;
  private final int aColumn;

  private float[] a;
  private int aOffset;
  private float[] b;
  private int bOffset;
  private float[] c;
  private int cOffset;
  private boolean accumulate;

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
      float[] a,
      int aOffset,
      float[] b,
      int bOffset,
      float[] c,
      int cOffset,
      boolean accumulate) {
    this.a = a;
    this.aOffset = aOffset;
    this.b = b;
    this.bOffset = bOffset;
    this.c = c;
    this.cOffset = cOffset;
    this.accumulate = accumulate;
    team.run(shape.m(), this);
  }

  /** Row {@code i} of C; both forms read B along its stored rows. */
  @Override
  public void run(int i, int worker) {
    int ci = cOffset + i * shape.ldc();
    int ai = aOffset + i * aRow;
    if (!accumulate) {
      Arrays.fill(c, ci, ci + shape.n(), 0f);
    }
    if (shape.transposeB()) {
      for (int j = 0; j < shape.n(); j++) {
        float sum = 0;
        for (int p = 0; p < shape.k(); p++) {
          sum += a[ai + p * aColumn] * b[bOffset + j * shape.ldb() + p];
        }
        c[ci + j] += sum;
      }
    } else {
      for (int p = 0; p < shape.k(); p++) {
        float factor = a[ai + p * aColumn];
        for (int j = 0; j < shape.n(); j++) {
          c[ci + j] += factor * b[bOffset + p * shape.ldb() + j];
        }
      }
    }
  }
}
