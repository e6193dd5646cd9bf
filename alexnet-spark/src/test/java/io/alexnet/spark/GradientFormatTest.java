package io.alexnet.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class GradientFormatTest {

  private static float there(GradientFormat format, float number) {
    return there(format, new float[] {number})[0];
  }

  private static float[] there(GradientFormat format, float... numbers) {
    GradientFormat.Codec codec = format.codec(numbers.length + 3);
    ByteBuffer buffer =
        ByteBuffer.allocate(codec.bytes(numbers.length)).order(ByteOrder.LITTLE_ENDIAN);
    codec.write(numbers, numbers.length, buffer);
    float[] read = new float[numbers.length];
    codec.read(buffer, read, read.length);
    return read;
  }

  @Test
  void float32ChangesNoBit() {
    float[] numbers = {0, -0f, 1.1f, Float.MIN_VALUE, -Float.MAX_VALUE, Float.NaN, 1 / 3f};
    assertArrayEquals(numbers, there(GradientFormat.FLOAT32, numbers));
  }

  /** 1 + 2⁻⁷ is the next one after 1: halves go to the even one. */
  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "1.00390625, 1",
    "1.0039065, 1.0078125",
    "1.01171875, 1.015625",
    "-1.00390625, -1",
    "0, 0",
    "3.4028235e38, Infinity",
    "-Infinity, -Infinity",
    "NaN, NaN"
  })
  void bfloat16RoundsToTheNearest(float number, float expected) {
    assertEquals(expected, there(GradientFormat.BFLOAT16, number));
  }

  /** Of odd lengths, too, each number comes back to its own place. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 100_000, 100_001})
  void bfloat16IsOffByOnePartIn256AtMost(int length) {
    Random random = new Random(1);
    float[] numbers = new float[length];
    for (int i = 0; i < length; i++) {
      numbers[i] = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(60) - 30));
    }
    float[] read = there(GradientFormat.BFLOAT16, numbers);
    for (int i = 0; i < length; i++) {
      assertTrue(
          Math.abs(read[i] - numbers[i]) <= Math.abs(numbers[i]) / 256,
          numbers[i] + " became " + read[i]);
    }
  }

  /** All NaNs, whatever their payload, which rounding could carry into infinity or zero. */
  @ParameterizedTest
  @EnumSource
  void nanStaysNan(GradientFormat format) {
    for (int bits : new int[] {0x7fffffff, 0x7f800001, 0xffffffff, 0xff800001, 0x7fc00000}) {
      assertTrue(Float.isNaN(there(format, Float.intBitsToFloat(bits))));
    }
  }
}
