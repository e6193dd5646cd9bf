package io.alexnet.kernels;

/**
 * The shape of C = α·op(A)·op(B) + β·C with row-major matrices, where op(A) is m×k, op(B) k×n and C
 * m×n.
 *
 * @param transposeA whether A is stored as k×m
 * @param transposeB whether B is stored as n×k
 * @param lda floats from one stored row of A to the next
 * @param ldb floats from one stored row of B to the next
 * @param ldc floats from one row of C to the next
 */
public record GemmShape(
    int m, int n, int k, boolean transposeA, boolean transposeB, int lda, int ldb, int ldc) {

  /** Throws {@link IllegalArgumentException} if a size is not positive or a row does not fit. */
  public GemmShape {
    if (m < 1 || n < 1 || k < 1) {
      throw new IllegalArgumentException("gemm: sizes must be positive: " + m + "×" + n + "×" + k);
    }
    requireRow("lda", lda, transposeA ? m : k);
    requireRow("ldb", ldb, transposeB ? k : n);
    requireRow("ldc", ldc, n);
  }

  /** Dense matrices: each row follows the one before it. */
  public static GemmShape of(int m, int n, int k, boolean transposeA, boolean transposeB) {
    return new GemmShape(
        m, n, k, transposeA, transposeB, transposeA ? m : k, transposeB ? k : n, n);
  }

  private static void requireRow(String name, int stride, int row) {
    if (stride < row) {
      throw new IllegalArgumentException(
          "gemm: " + name + " = " + stride + " is shorter than a row of " + row);
    }
  }

  /** Multiplications and additions, counted apart. */
  public long flops() {
    return 2L * m * n * k;
  }
}
