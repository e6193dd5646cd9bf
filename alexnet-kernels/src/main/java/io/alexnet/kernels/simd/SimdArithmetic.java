package io.alexnet.kernels.simd;

import io.alexnet.kernels.scalar.ScalarArithmetic;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Sums and norms by vectors; the rest of a piece goes to the scalar twin. */
final class SimdArithmetic extends ScalarArithmetic {

  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  private static final int LANES = SPECIES.length();

  /** Of squares: what is lost of them below 1e-45, the least float, is less than 1e-12 of this. */
  private static final double SMALLEST_SUM = 1e-28;

  private static final double LARGEST_SUM = 1e38;

  /** A vector for each piece. */
  private final float[] laneSums;

  SimdArithmetic(int length) {
    super(length);
    laneSums = new float[pieces() * LANES];
  }

  @Override
  protected void add(int from, int to) {
    int bound = from + SPECIES.loopBound(to - from);
    for (int i = from; i < bound; i += SPECIES.length()) {
      FloatVector.fromArray(SPECIES, a, aOffset + i)
          .add(FloatVector.fromArray(SPECIES, b, bOffset + i))
          .intoArray(c, cOffset + i);
    }
    super.add(bound, to);
  }

  /**
   * In floats, in four chains of vectors as one alone waits four cycles for each sum: as fast as
   * memory is read. Squares that may have overflowed or vanished are added again, in double.
   */
  @Override
  protected double sumOfSquares(int piece, int from, int to) {
    FloatVector sum0 = FloatVector.zero(SPECIES);
    FloatVector sum1 = FloatVector.zero(SPECIES);
    FloatVector sum2 = FloatVector.zero(SPECIES);
    FloatVector sum3 = FloatVector.zero(SPECIES);
    int i = from;
    for (; i + 4 * LANES <= to; i += 4 * LANES) {
      FloatVector value0 = FloatVector.fromArray(SPECIES, a, aOffset + i);
      FloatVector value1 = FloatVector.fromArray(SPECIES, a, aOffset + i + LANES);
      FloatVector value2 = FloatVector.fromArray(SPECIES, a, aOffset + i + 2 * LANES);
      FloatVector value3 = FloatVector.fromArray(SPECIES, a, aOffset + i + 3 * LANES);
      sum0 = value0.fma(value0, sum0);
      sum1 = value1.fma(value1, sum1);
      sum2 = value2.fma(value2, sum2);
      sum3 = value3.fma(value3, sum3);
    }
    sum0.add(sum1).add(sum2.add(sum3)).intoArray(laneSums, piece * LANES);
    double sum = super.sumOfSquares(piece, i, to);
    for (int lane = piece * LANES; lane < (piece + 1) * LANES; lane++) {
      sum += laneSums[lane];
    }
    boolean exact = sum > SMALLEST_SUM && sum < LARGEST_SUM;
    return exact ? sum : super.sumOfSquares(piece, from, to);
  }
}
