package io.alexnet.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
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

  static byte[] npy(int version, String header, byte[] data) {
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

  static String header(String type, String shape) {
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
  @ValueSource(
      strings = {
        "<f2", ">f2", "<f4", ">f4", "<f8", ">f8", "|i1", "<i2", ">i2", "<i4", ">i4", "<i8", ">i8",
        "|u1", "<u2", ">u2", "<u4", ">u4", "<u8", ">u8"
      })
  void readsEveryTypeInBothByteOrders(String type) throws IOException {
    int count = 200_000; // more than one chunk
    int bytes = type.charAt(2) - '0';
    int lowest = type.charAt(1) == 'u' ? 0 : -7;
    short[] halves = {(short) 0xC700, (short) 0xC600, (short) 0xC500, (short) 0xC400};
    ByteBuffer data = ByteBuffer.allocate(count * bytes);
    data.order(type.startsWith(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      int value = lowest + i % 4;
      switch (type.substring(1)) {
        case "f2" -> data.putShort(halves[i % 4]);
        case "f4" -> data.putFloat(value);
        case "f8" -> data.putDouble(value);
        case "i1", "u1" -> data.put((byte) value);
        case "i2", "u2" -> data.putShort((short) value);
        case "i4", "u4" -> data.putInt(value);
        default -> data.putLong(value);
      }
    }
    Tensor tensor = read(npy(1, header(type, "(" + count + ",)"), data.array()));
    for (int i = 0; i < count; i++) {
      assertEquals(lowest + i % 4, tensor.get(i));
    }
  }

  @Test
  void unsignedNumbersAreNotNegative() throws IOException {
    byte[] ones = new byte[8];
    Arrays.fill(ones, (byte) 0xFF);
    assertEquals(255, read(npy(1, header("|u1", "(1,)"), ones)).get(0));
    assertEquals(65535, read(npy(1, header("<u2", "(1,)"), ones)).get(0));
    assertEquals(0x1p32f, read(npy(1, header("<u4", "(1,)"), ones)).get(0));
    assertEquals(0x1p64f, read(npy(1, header("<u8", "(1,)"), ones)).get(0));
    byte[] bits = {0, 1, 2};
    assertArrayEquals(new float[] {0, 1, 1}, read(npy(1, header("|b1", "(3,)"), bits)).toArray());
  }

  @Test
  void readsFortransOrder() throws IOException {
    // numpy.asfortranarray(numpy.arange(24).reshape(2, 3, 4)): the first index runs fastest.
    byte[] data = new byte[24];
    int at = 0;
    for (int k = 0; k < 4; k++) {
      for (int j = 0; j < 3; j++) {
        for (int i = 0; i < 2; i++) {
          data[at++] = (byte) (12 * i + 4 * j + k);
        }
      }
    }
    Tensor tensor = read(npy(1, header("|u1", "(2, 3, 4)").replace("False", "True"), data));
    assertEquals(Shape.of(2, 3, 4), tensor.shape());
    for (int i = 0; i < 24; i++) {
      assertEquals(i, tensor.array()[i]);
    }
  }

  @Test
  void aStreamThatClaimsTooMuchIsCutShortBeforeMuchIsAllocated() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
    assertFault("cut short", npy(1, header("<f4", "(100000000,)"), new byte[100]));
    long allocated = threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
    assertTrue(allocated < 20_000_000, allocated + " bytes for an array of 400,000,000");
  }

  @Test
  void aFileThatClaimsTooMuchIsRefusedAtOnce(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("claims.npy");
    Files.write(file, npy(1, header("<f8", "(1000, 1000)"), new byte[100]));
    FormatException e = assertThrows(FormatException.class, () -> Npy.read(file));
    assertEquals(
        file + ": cut short: 1000×1000 elements of 8 bytes do not fit into 100", e.getMessage());
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
    assertFault("type |S4", npy(1, header("|S4", "(1,)"), one));
    assertFault("type <f16", npy(1, header("<f16", "(1,)"), one));
    assertFault("Python objects", npy(1, header("|O", "(1,)"), one));
    assertFault(
        "several fields", npy(1, header("x", "(1,)").replace("'x'", "[('a', '<f4')]"), one));
    assertFault("descr", npy(1, "{'shape': (1,)}", one));
    assertFault("shape", npy(1, header("<f4", "(-1,)"), one));
    assertFault("shape", npy(1, header("<f4", "(0,)"), one));
    assertFault("shape", npy(1, header("<f4", "(99999, 99999)"), one));
    assertFault("shape", npy(1, header("<f4", "(99999999999,)"), one));
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
