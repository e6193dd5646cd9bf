package io.alexnet.kernels.simd;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.XOR;

import io.alexnet.kernels.scalar.ScalarDropout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/** Dropout by vectors, with the scalar twin's mask bit for bit. */
final class SimdDropout extends ScalarDropout {

  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;

  /** From memory, as {@code addIndex} boxes a vector on JDK 17. */
  private static final int[] LANE_NUMBERS = IntVector.zero(INTS).addIndex(1).toArray();

  SimdDropout(int length, float rate) {
    super(length, rate);
  }

  @Override
  protected void apply(int from, int to) {
    int bound = from + SPECIES.loopBound(to - from);
    drop(key, threshold, scale, x, xOffset, y, yOffset, from, bound);
    super.apply(bound, to);
  }

  private static void drop(
      long key,
      int threshold,
      float scale,
      float[] x,
      int xOffset,
      float[] y,
      int yOffset,
      int from,
      int to) {
    IntVector counter = IntVector.fromArray(INTS, LANE_NUMBERS, 0).add(from + (int) key);
    int secondKey = (int) (key >>> 32);
    for (int i = from; i < to; i += SPECIES.length()) {
      // The scalar twin's mix, twice; as a method that returns a vector C2 might not inline it.
      IntVector h = counter;
      h = h.lanewise(XOR, h.lanewise(LSHR, 16)).mul(MULTIPLIER_1);
      h = h.lanewise(XOR, h.lanewise(LSHR, 15)).mul(MULTIPLIER_2);
      h = h.lanewise(XOR, h.lanewise(LSHR, 16)).lanewise(XOR, secondKey);
      h = h.lanewise(XOR, h.lanewise(LSHR, 16)).mul(MULTIPLIER_1);
      h = h.lanewise(XOR, h.lanewise(LSHR, 15)).mul(MULTIPLIER_2);
      h = h.lanewise(XOR, h.lanewise(LSHR, 16));
      IntVector uniform24 = h.lanewise(LSHR, 8);
      // All bits set where uniform24 < threshold: both are far from overflow.
      IntVector dropped = uniform24.sub(threshold).lanewise(ASHR, 31);
      FloatVector scaled = FloatVector.fromArray(SPECIES, x, xOffset + i).mul(scale);
      scaled.reinterpretAsInts().and(dropped.not()).reinterpretAsFloats().intoArray(y, yOffset + i);
      counter = counter.add(SPECIES.length());
    }
  }
}
