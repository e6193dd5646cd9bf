package io.alexnet.format;

import io.alexnet.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Tensors as files have them: four bytes an element, little-endian, in row-major order. */
final class FloatBytes {

  private static final int CHUNK_BYTES = 1 << 16;

  @FunctionalInterface
  interface Sink {
    void write(byte[] bytes, int offset, int length) throws IOException;
  }

  private FloatBytes() {}

  /** Hands the tensor's bytes on, chunk by chunk, of which each is to be taken at once. */
  static void write(Tensor tensor, Sink sink) throws IOException {
    byte[] chunk = new byte[CHUNK_BYTES];
    ByteBuffer buffer = ByteBuffer.wrap(chunk).order(ByteOrder.LITTLE_ENDIAN);
    int end = tensor.offset() + tensor.size();
    for (int i = tensor.offset(); i < end; ) {
      int count = Math.min(end - i, CHUNK_BYTES / Float.BYTES);
      buffer.asFloatBuffer().put(tensor.array(), i, count);
      sink.write(chunk, 0, count * Float.BYTES);
      i += count;
    }
  }
}
