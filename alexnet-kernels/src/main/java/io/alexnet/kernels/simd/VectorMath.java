package io.alexnet.kernels.simd;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.BITWISE_BLEND;
import static jdk.incubator.vector.VectorOperators.LSHL;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Exponential functions of vectors. The API's own {@code lanewise(EXP)} and {@code lanewise(TANH)}
 * are not used: whether they are vectorised, and their last bits, depend on the JDK.
 *
 * <p>e^x = 2ⁿ·e^r with n = x/ln 2 rounded and |r| ≤ ln 2/2, where e^r − 1 = r + r²·q(r) and q is
 * the polynomial of degree 4 with the least greatest relative error of e^r, 3.6e-9 in these {@code
 * float} coefficients (Remez's criterion, reached by Lawson's reweighted least squares).
 *
 * <p>They work on arrays and are written out in full: a method from vector to vector may be
 * compiled by itself before its caller is, and is then too big for C2 to inline (InlineSmallCode),
 * so that its vectors are boxed.
 */
final class VectorMath {

  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  private static final float LOG2_E = 1.442695f;
  private static final float LN_2_HIGH = 0.6931472f;
  private static final float LN_2_LOW = -1.9046542e-9f;
  private static final float Q0 = 0x1.fffffcp-2f;
  private static final float Q1 = 0x1.555492p-3f;
  private static final float Q2 = 0x1.5558f2p-5f;
  private static final float Q3 = 0x1.123a2p-7f;
  private static final float Q4 = 0x1.6a23dp-10f;

  /** Adding 1.5·2²³ rounds to an integer and leaves it in the low bits of the sum. */
  private static final float ROUNDING = 0x1.8p23f;

  private static final int ROUNDING_BITS = Float.floatToRawIntBits(ROUNDING);
  private static final int EXPONENT_BIAS = 127;
  private static final int MANTISSA_BITS = 23;
  private static final int SIGN_BIT = Integer.MIN_VALUE;

  private VectorMath() {}

  /**
   * y = e^(x − less) within 1.01 ulp, for all x: denormal, 0 and infinite results included. Of all
   * floats only about a dozen err by more than 1 ulp.
   *
   * @param count a multiple of the species' length
   */
  static void exp(float[] x, int xOffset, float less, float[] y, int yOffset, int count) {
    for (int i = 0; i < count; i += SPECIES.length()) {
      // Beyond these bounds the result is 0 or infinite anyway, but n would leave its range.
      FloatVector bounded =
          FloatVector.fromArray(SPECIES, x, xOffset + i).sub(less).max(-104f).min(89f);
      FloatVector shifted = bounded.fma(LOG2_E, ROUNDING);
      FloatVector n = shifted.sub(ROUNDING);
      FloatVector r =
          n.fma(
              FloatVector.broadcast(SPECIES, -LN_2_LOW),
              n.fma(FloatVector.broadcast(SPECIES, -LN_2_HIGH), bounded));
      FloatVector q = r.fma(Q4, Q3);
      q = q.fma(r, FloatVector.broadcast(SPECIES, Q2));
      q = q.fma(r, FloatVector.broadcast(SPECIES, Q1));
      q = q.fma(r, FloatVector.broadcast(SPECIES, Q0));
      FloatVector expMinusOne = q.fma(r.mul(r), r);
      IntVector exponent = shifted.reinterpretAsInts().sub(ROUNDING_BITS);
      // 2ⁿ itself may be too large or too small for a float where the result is not.
      IntVector half = exponent.lanewise(ASHR, 1);
      FloatVector powerOfHalf =
          half.add(EXPONENT_BIAS).lanewise(LSHL, MANTISSA_BITS).reinterpretAsFloats();
      FloatVector powerOfRest =
          exponent.sub(half).add(EXPONENT_BIAS).lanewise(LSHL, MANTISSA_BITS).reinterpretAsFloats();
      expMinusOne.add(1f).mul(powerOfHalf).mul(powerOfRest).intoArray(y, yOffset + i);
    }
  }

  /** tanh x = (e^2x − 1)/(e^2x + 1) within 3 ulp, without cancellation near 0. */
  static void tanh(float[] x, int xOffset, float[] y, int yOffset, int from, int to) {
    for (int i = from; i < to; i += SPECIES.length()) {
      FloatVector a = FloatVector.fromArray(SPECIES, x, xOffset + i);
      IntVector sign = a.reinterpretAsInts().and(SIGN_BIT);
      // tanh 10 is 1 in float.
      FloatVector doubled = a.abs().min(10f).mul(2f);
      FloatVector shifted = doubled.fma(LOG2_E, ROUNDING);
      FloatVector n = shifted.sub(ROUNDING);
      IntVector exponent = shifted.reinterpretAsInts().sub(ROUNDING_BITS);
      FloatVector power =
          exponent.add(EXPONENT_BIAS).lanewise(LSHL, MANTISSA_BITS).reinterpretAsFloats();
      FloatVector r =
          n.fma(
              FloatVector.broadcast(SPECIES, -LN_2_LOW),
              n.fma(FloatVector.broadcast(SPECIES, -LN_2_HIGH), doubled));
      FloatVector q = r.fma(Q4, Q3);
      q = q.fma(r, FloatVector.broadcast(SPECIES, Q2));
      q = q.fma(r, FloatVector.broadcast(SPECIES, Q1));
      q = q.fma(r, FloatVector.broadcast(SPECIES, Q0));
      FloatVector small = q.fma(r.mul(r), r);
      // e^2x − 1 = 2ⁿ·(e^r − 1) + (2ⁿ − 1)
      FloatVector expMinusOne = small.fma(power, power.sub(1f));
      FloatVector magnitude = expMinusOne.div(expMinusOne.add(2f));
      magnitude.reinterpretAsInts().or(sign).reinterpretAsFloats().intoArray(y, yOffset + i);
    }
  }

  /**
   * 1/(1 + e^−x) within 3 ulp; as e^x/(1 + e^x) for negative x, where e^−x would overflow. In two
   * loops: one with all these operations boxed a vector at every turn after some starts of the JVM.
   */
  static void sigmoid(float[] x, int xOffset, float[] y, int yOffset, int from, int to) {
    expOfMinusMagnitude(x, xOffset, y, yOffset, from, to);
    for (int i = from; i < to; i += SPECIES.length()) {
      FloatVector signed = FloatVector.fromArray(SPECIES, y, yOffset + i);
      FloatVector e = signed.abs();
      // The numerator without a mask: all bits of e where x is negative, else those of 1.
      IntVector negative = signed.reinterpretAsInts().lanewise(ASHR, 31);
      IntVector one = FloatVector.broadcast(SPECIES, 1f).reinterpretAsInts();
      IntVector numerator = one.lanewise(BITWISE_BLEND, e.reinterpretAsInts(), negative);
      numerator.reinterpretAsFloats().div(e.add(1f)).intoArray(y, yOffset + i);
    }
  }

  /** y = e^−|x| as in {@link #exp}, with the sign of x. */
  private static void expOfMinusMagnitude(
      float[] x, int xOffset, float[] y, int yOffset, int from, int to) {
    for (int i = from; i < to; i += SPECIES.length()) {
      FloatVector a = FloatVector.fromArray(SPECIES, x, xOffset + i);
      IntVector sign = a.reinterpretAsInts().and(SIGN_BIT);
      FloatVector bounded = a.abs().neg().max(-104f);
      FloatVector shifted = bounded.fma(LOG2_E, ROUNDING);
      FloatVector n = shifted.sub(ROUNDING);
      FloatVector r =
          n.fma(
              FloatVector.broadcast(SPECIES, -LN_2_LOW),
              n.fma(FloatVector.broadcast(SPECIES, -LN_2_HIGH), bounded));
      FloatVector q = r.fma(Q4, Q3);
      q = q.fma(r, FloatVector.broadcast(SPECIES, Q2));
      q = q.fma(r, FloatVector.broadcast(SPECIES, Q1));
      q = q.fma(r, FloatVector.broadcast(SPECIES, Q0));
      FloatVector expMinusOne = q.fma(r.mul(r), r);
      IntVector exponent = shifted.reinterpretAsInts().sub(ROUNDING_BITS);
      IntVector half = exponent.lanewise(ASHR, 1);
      FloatVector powerOfHalf =
          half.add(EXPONENT_BIAS).lanewise(LSHL, MANTISSA_BITS).reinterpretAsFloats();
      FloatVector powerOfRest =
          exponent.sub(half).add(EXPONENT_BIAS).lanewise(LSHL, MANTISSA_BITS).reinterpretAsFloats();
      FloatVector e = expMinusOne.add(1f).mul(powerOfHalf).mul(powerOfRest);
      e.reinterpretAsInts().or(sign).reinterpretAsFloats().intoArray(y, yOffset + i);
    }
  }
}
