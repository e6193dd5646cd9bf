package io.alexnet.spark;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The upper halves of floats, rounded. A number of the array's first half and its counterpart of
 * the second share 4 bytes: that way all is arithmetic of ints, of which C2 makes vectors, as it
 * does not (before JDK 21) of shorts, nor where the bits of a float are taken for an int.
 */
final class Bfloat16Codec implements GradientFormat.Codec {

  private static final int UPPER = 0xffff0000;

  private final ByteBuffer bytes;
  private final int[] bits;
  private final int[] pairs;

  /**
   * @param length of the longest array of numbers
   */
  Bfloat16Codec(int length) {
    int even = length + (length & 1);
    bytes = ByteBuffer.allocate(even * Float.BYTES).order(ByteOrder.nativeOrder());
    bits = new int[even];
    pairs = new int[even / 2];
  }

  private static int pairs(int length) {
    return (length + 1) / 2;
  }

  @Override
  public int bytes(int length) {
    return pairs(length) * Integer.BYTES;
  }

  @Override
  public void write(float[] numbers, int length, ByteBuffer to) {
    bytes.asFloatBuffer().put(numbers, 0, length);
    bytes.asIntBuffer().get(bits, 0, length);
    int half = pairs(length);
    if (half * 2 > length) {
      bits[length] = 0;
    }
    for (int i = 0; i < length; i++) {
      bits[i] = rounded(bits[i]);
    }
    for (int i = 0; i < half; i++) {
      pairs[i] = bits[i] >>> 16 | bits[half + i] & UPPER;
    }
    to.asIntBuffer().put(pairs, 0, half);
  }

  /** The lower half is what is left over. Of some NaNs, rounding alone would make a zero. */
  private static int rounded(int bits) {
    int nan = 0x7f800000 - (bits & 0x7fffffff) >> 31; // all ones if it is one
    return bits + 0x7fff + (bits >>> 16 & 1) & ~nan | 0x7fc00000 & nan;
  }

  @Override
  public void read(ByteBuffer from, float[] numbers, int length) {
    int half = pairs(length);
    from.asIntBuffer().get(pairs, 0, half);
    for (int i = 0; i < half; i++) {
      bits[i] = pairs[i] << 16;
      bits[half + i] = pairs[i] & UPPER;
    }
    bytes.asIntBuffer().put(bits, 0, length);
    bytes.asFloatBuffer().get(numbers, 0, length);
  }
}
