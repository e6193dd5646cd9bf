package io.alexnet.kernels;

/**
 * The shape of C = op(A)·op(B) with row-major matrices, each row directly behind the one before it,
 * where op(A) is m×k, op(B) k×n and C m×n.
 *
 * @param transposeA whether A is stored as k×m
 * @param transposeB whether B is stored as n×k
 */
public record GemmShape(int m, int n, int k, boolean transposeA, boolean transposeB) {

  /** Throws {@link IllegalArgumentException} if a size is not positive. */
  public GemmShape {
    if (m < 1 || n < 1 || k < 1) {
      throw new IllegalArgumentException("gemm: sizes must be positive: " + m + "×" + n + "×" + k);
    }
  }

  /** Floats from one stored row of A to the next. */
  public int lda() {
    return transposeA ? m : k;
  }

  /** Floats from one stored row of B to the next. */
  public int ldb() {
    return transposeB ? k : n;
  }

  /** Floats from one row of C to the next. */
  public int ldc() {
    return n;
  }

  /** Multiplications and additions, counted apart. */
  public long flops() {
    return 2L * m * n * k;
  }
}
