package io.alexnet.spark;

import java.nio.ByteBuffer;

/** Numbers as they are. */
final class Float32Codec implements GradientFormat.Codec {

  @Override
  public int bytes(int length) {
    return Math.multiplyExact(length, Float.BYTES);
  }

  @Override
  public void write(float[] numbers, int length, ByteBuffer to) {
    to.asFloatBuffer().put(numbers, 0, length);
  }

  @Override
  public void read(ByteBuffer from, float[] numbers, int length) {
    from.asFloatBuffer().get(numbers, 0, length);
  }
}
