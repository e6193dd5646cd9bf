package io.alexnet.spark;

import java.nio.ByteBuffer;

/** How a gradient travels from one machine to another. */
public enum GradientFormat {

  /** As it is: 4 bytes a number. */
  FLOAT32 {
    @Override
    Codec codec(int length) {
      return new Float32Codec();
    }
  },

  /**
   * The upper 16 bits, rounded to nearest, ties to even: the range of a float with 8 bits of
   * precision. Each number is off by up to 2⁻⁸ of itself, once on its way to the sum and once on
   * its way back, and needs half of the bytes. Optimiser and weights stay at 32 bits.
   */
  BFLOAT16 {
    @Override
    Codec codec(int length) {
      return new Bfloat16Codec(length);
    }
  };

  /**
   * What turns numbers into this format and back.
   *
   * @param length of the longest array of numbers
   */
  abstract Codec codec(int length);

  /**
   * Used by one thread. Its buffers are little-endian, and written and read from where they begin.
   */
  interface Codec {

    /** Of so many numbers. */
    int bytes(int length);

    /** Writes the first numbers. */
    void write(float[] numbers, int length, ByteBuffer to);

    /** Reads as many. */
    void read(ByteBuffer from, float[] numbers, int length);
  }
}
