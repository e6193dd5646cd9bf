package io.alexnet.kernels.simd;

import io.alexnet.kernels.scalar.ScalarArithmetic;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Sums and multiples by vectors; the rest of a piece goes to the scalar twin. */
final class SimdArithmetic extends ScalarArithmetic {

  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  SimdArithmetic(int length) {
    super(length);
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

  @Override
  protected void scale(int from, int to) {
    int bound = from + SPECIES.loopBound(to - from);
    for (int i = from; i < bound; i += SPECIES.length()) {
      FloatVector.fromArray(SPECIES, a, aOffset + i).mul(factor).intoArray(a, aOffset + i);
    }
    super.scale(bound, to);
  }

  /** In four chains of additions: one alone waits four cycles for each sum. */
  @Override
  protected double sumOfSquares(int from, int to) {
    double sum0 = 0;
    double sum1 = 0;
    double sum2 = 0;
    double sum3 = 0;
    int i = from;
    for (; i + 3 < to; i += 4) {
      double value0 = a[aOffset + i];
      double value1 = a[aOffset + i + 1];
      double value2 = a[aOffset + i + 2];
      double value3 = a[aOffset + i + 3];
      sum0 += value0 * value0;
      sum1 += value1 * value1;
      sum2 += value2 * value2;
      sum3 += value3 * value3;
    }
    return sum0 + sum1 + (sum2 + sum3) + super.sumOfSquares(i, to);
  }
}
