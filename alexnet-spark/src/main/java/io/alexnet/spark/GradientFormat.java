package io.alexnet.spark;

import java.nio.ByteBuffer;

/** How a gradient travels from one machine to another. */
public enum GradientFormat {

  /** As it is: 4 bytes a number. */
  FLOAT32(4) {
    @Override
    void write(float[] numbers, int length, ByteBuffer to) {
      to.asFloatBuffer().put(numbers, 0, length);
    }

    @Override
    void read(ByteBuffer from, float[] numbers, int length) {
      from.asFloatBuffer().get(numbers, 0, length);
    }
  },

  /**
   * The upper 16 bits, rounded to nearest, ties to even: the range of a float with 8 bits of
   * precision. Each number is off by up to 2⁻⁸ of itself, once on its way to the sum and once on
   * its way back, and needs half of the bytes. Optimiser and weights stay at 32 bits.
   */
  BFLOAT16(2) {
    @Override
    void write(float[] numbers, int length, ByteBuffer to) {
      for (int i = 0; i < length; i++) {
        to.putShort(2 * i, upperHalf(numbers[i]));
      }
    }

    @Override
    void read(ByteBuffer from, float[] numbers, int length) {
      for (int i = 0; i < length; i++) {
        numbers[i] = Float.intBitsToFloat(from.getShort(2 * i) << 16);
      }
    }

    private static short upperHalf(float number) {
      int bits = Float.floatToIntBits(number); // of a NaN, bits that stay one when rounded
      return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
    }
  };

  private final int bytes;

  GradientFormat(int bytes) {
    this.bytes = bytes;
  }

  /** Of a number. */
  int bytes() {
    return bytes;
  }

  /** Writes the first numbers to where the buffer begins. */
  abstract void write(float[] numbers, int length, ByteBuffer to);

  /** Reads from where the buffer begins. */
  abstract void read(ByteBuffer from, float[] numbers, int length);
}
