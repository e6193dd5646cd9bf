package io.alexnet.kernels.simd;

/** Whole numbers of blocks and tiles. JDK 17 has no Math.ceilDiv. */
final class Rounding {

  private Rounding() {}

  /** ⌈a/b⌉ of a ≥ 0 and b &gt; 0. */
  static int ceilDiv(int a, int b) {
    return (a + b - 1) / b;
  }

  /** The least multiple of b that is not below a. */
  static int roundUp(int a, int b) {
    return ceilDiv(a, b) * b;
  }
}
