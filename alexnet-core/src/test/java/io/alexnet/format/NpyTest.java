package io.alexnet.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NpyTest {

  private static byte[] npy(int version, String header, byte[] data) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer buffer =
        ByteBuffer.allocate(12 + text.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
    buffer.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII));
    buffer.put((byte) version).put((byte) 0);
    if (version == 1) {
      buffer.putShort((short) text.length);
    } else {
      buffer.putInt(text.length);
    }
    buffer.put(text).put(data);
    return Arrays.copyOf(buffer.array(), buffer.position());
  }

  private static String header(String type, String shape) {
    return "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }   \n";
  }

  private static Tensor read(byte[] bytes) throws IOException {
    return Npy.read(new ByteArrayInputStream(bytes), "trace.npy");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void readsEveryVersion(int version) throws IOException {
    byte[] data =
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putFloat(1.5f).putFloat(-2).array();
    Tensor tensor = read(npy(version, header("<f4", "(1, 2)"), data));
    assertEquals(Shape.of(1, 2), tensor.shape());
    assertArrayEquals(new float[] {1.5f, -2}, tensor.toArray());
  }

  @ParameterizedTest
  @ValueSource(strings = {"<f4", ">f4", "<f8", ">f8", "<i4", ">i4", "<i8", ">i8"})
  void readsEveryTypeInBothByteOrders(String type) throws IOException {
    int count = 20_000; // more than one chunk
    int bytes = type.charAt(2) - '0';
    ByteBuffer data = ByteBuffer.allocate(count * bytes);
    data.order(type.startsWith("<") ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    for (int i = 0; i < count; i++) {
      switch (type.substring(1)) {
        case "f4" -> data.putFloat(i - 7);
        case "f8" -> data.putDouble(i - 7);
        case "i4" -> data.putInt(i - 7);
        default -> data.putLong(i - 7);
      }
    }
    Tensor tensor = read(npy(1, header(type, "(" + count + ",)"), data.array()));
    for (int i = 0; i < count; i++) {
      assertEquals(i - 7, tensor.get(i));
    }
  }

  @Test
  void readsAScalarFromAFile(@TempDir Path directory) throws IOException {
    byte[] data = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putDouble(0.25).array();
    Path file = Files.write(directory.resolve("loss.npy"), npy(1, header("<f8", "()"), data));
    Tensor tensor = Npy.read(file);
    assertEquals(0, tensor.shape().rank());
    assertEquals(0.25f, tensor.get());
  }

  @Test
  void namesTheSourceAndTheFault() {
    byte[] one = new byte[4];
    assertFault("no .npy file", "not numpy at all".getBytes(StandardCharsets.US_ASCII));
    assertFault("no .npy file", npy(4, header("<f4", "(1,)"), one));
    assertFault("type <c8", npy(1, header("<c8", "(1,)"), one));
    assertFault("type |b1", npy(1, header("|b1", "(1,)"), one));
    assertFault("descr", npy(1, "{'shape': (1,)}", one));
    assertFault("shape", npy(1, header("<f4", "(-1,)"), one));
    assertFault("shape", npy(1, header("<f4", "(0,)"), one));
    assertFault("shape", npy(1, header("<f4", "(99999, 99999)"), one));
    assertFault("shape", npy(1, header("<f4", "(99999999999,)"), one));
    assertFault("column-major", npy(1, header("<f4", "(1,)").replace("False", "True"), one));
    assertFault("cut short", npy(1, header("<f4", "(2,)"), one));
    assertFault("cut short", Arrays.copyOf(npy(1, header("<f4", "(1,)"), one), 20));
    assertFault("bytes", new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 2, 0, -1, -1, -1, -1});
  }

  private static void assertFault(String expected, byte[] bytes) {
    FormatException e = assertThrows(FormatException.class, () -> read(bytes));
    assertTrue(e.getMessage().startsWith("trace.npy: "), e.getMessage());
    assertTrue(e.getMessage().contains(expected), e.getMessage());
  }

  @Test
  void readsWhatItWrote(@TempDir Path folder) throws IOException {
    for (int[] dimensions : new int[][] {{3}, {2, 5}, {2, 3, 4, 1}}) {
      Tensor tensor = Tensor.zeros(dimensions);
      for (int i = 0; i < tensor.size(); i++) {
        tensor.array()[i] = 1f / (i - 2); // an infinity among them
      }
      Path file = folder.resolve("written.npy");
      Npy.write(file, tensor);
      Tensor read = Npy.read(file);
      assertEquals(tensor.shape(), read.shape());
      assertArrayEquals(tensor.toArray(), read.toArray());
      assertEquals(0, (Files.size(file) - 4L * tensor.size()) % 64, "NumPy aligns the data");
      Npy.write(file, tensor.slice(dimensions[0] - 1, dimensions[0]));
      assertEquals(tensor.size() / dimensions[0], Npy.read(file).size());
      try (var files = Files.list(folder)) {
        assertEquals(1, files.count(), "no part is left");
      }
    }
  }
}
