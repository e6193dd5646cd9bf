package io.alexnet.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafeTensorsTest {

  @TempDir Path directory;

  private Path raw(String header, int dataBytes) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return raw(json.length, json, new byte[dataBytes]);
  }

  private Path raw(long headerLength, byte[] json, byte[] data) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(headerLength).array());
    bytes.write(json);
    bytes.write(data);
    return Files.write(directory.resolve("raw.safetensors"), bytes.toByteArray());
  }

  private static Tensor random(Random random, int... dimensions) {
    Tensor tensor = Tensor.zeros(dimensions);
    for (int i = 0; i < tensor.size(); i++) {
      tensor.array()[i] = (float) random.nextGaussian();
    }
    return tensor;
  }

  /** More elements than one chunk, views with an offset, a scalar, bits that are no number. */
  @Test
  void returnsWhatWasWrittenBitForBit() throws IOException {
    Random random = new Random(1);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("conv1.weight", random(random, 96, 3, 11, 11));
    tensors.put("a view", Tensor.of(random(random, 100).array(), 7, Shape.of(3, 5)));
    tensors.put("scalar", Tensor.of(new float[] {Float.intBitsToFloat(0x7FC01234)}));
    Map<String, String> metadata = Map.of("classes", "daffodil, \"snowdrop\"\n Maiglöckchen");
    Path file = directory.resolve("model.safetensors");
    SafeTensors.write(file, tensors, metadata);

    try (SafeTensors read = SafeTensors.open(file)) {
      assertTrue(read.verify());
      assertEquals(List.copyOf(tensors.keySet()), List.copyOf(read.names()));
      assertEquals(metadata.get("classes"), read.metadata().get("classes"));
      for (String name : tensors.keySet()) {
        Tensor tensor = read.read(name);
        assertEquals(tensors.get(name).shape(), tensor.shape());
        float[] expected = tensors.get(name).toArray();
        for (int i = 0; i < expected.length; i++) {
          assertEquals(
              Float.floatToRawIntBits(expected[i]), Float.floatToRawIntBits(tensor.array()[i]));
        }
      }
    }
    try (var files = Files.list(directory)) {
      assertEquals(List.of(file), files.toList(), "no temporary file is left");
    }
    assertEquals(
        0, ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN).getLong() % 8);
  }

  @Test
  void replacesAnOlderFileAndLeavesItIfWritingFails() throws IOException {
    Path file = directory.resolve("model.safetensors");
    SafeTensors.write(file, Map.of("w", Tensor.of(new float[] {1}, 1)), Map.of());
    SafeTensors.write(file, Map.of("w", Tensor.of(new float[] {2}, 1)), Map.of());
    Files.createDirectory(directory.resolve(".model.safetensors.tmp"));
    assertThrows(
        IOException.class,
        () -> SafeTensors.write(file, Map.of("w", Tensor.of(new float[] {3}, 1)), Map.of()));
    try (SafeTensors read = SafeTensors.open(file)) {
      assertEquals(2, read.read("w").get(0));
    }
  }

  @Test
  void aTextThatCouldNotBeReadAgainIsNotWritten() throws IOException {
    Path file = directory.resolve("text.safetensors");
    String longest = "x".repeat(SafeTensors.LONGEST_TEXT);
    SafeTensors.write(file, Map.of(), Map.of("text", longest));
    try (SafeTensors tensors = SafeTensors.open(file)) {
      assertEquals(longest, tensors.metadata().get("text"));
    }
    Files.delete(file);
    Map<String, String> tooLong = Map.of("text", longest + "x");
    IOException refused =
        assertThrows(IOException.class, () -> SafeTensors.write(file, Map.of(), tooLong));
    assertTrue(refused.getMessage().contains("'text'"), refused.getMessage());
    assertFalse(Files.exists(file));
  }

  @Test
  void readsIntoAnExistingTensorOfTheSameShapeOnly() throws IOException {
    Path file = directory.resolve("model.safetensors");
    SafeTensors.write(file, Map.of("w", Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3)), Map.of());
    try (SafeTensors read = SafeTensors.open(file)) {
      float[] array = new float[8];
      read.read("w", Tensor.of(array, 1, Shape.of(2, 3)));
      assertArrayEquals(new float[] {0, 1, 2, 3, 4, 5, 6, 0}, array);
      FormatException e =
          assertThrows(FormatException.class, () -> read.read("w", Tensor.zeros(3, 2)));
      assertTrue(e.getMessage().contains("'w' is 2×3, but should be 3×2"), e.getMessage());
      assertThrows(FormatException.class, () -> read.read("v"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "3C00, 1", "C000, -2", "7BFF, 65504", "0001, 5.9604645E-8", "03FF, 6.097555E-5",
    "0400, 6.1035156E-5", "8000, -0.0", "7C00, Infinity", "FC00, -Infinity", "7E00, NaN",
    "3555, 0.33325195"
  })
  void widensHalfPrecision(String half, float expected) throws IOException {
    assertEquals(expected, SafeTensors.halfToFloat((short) Integer.parseInt(half, 16)));
  }

  @Test
  void readsBothKindsOfHalfPrecision() throws IOException {
    byte[] json =
        ("{\"h\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,4]},"
                + "\"b\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[4,8]}}")
            .getBytes(StandardCharsets.UTF_8);
    Path file =
        raw(json.length, json, new byte[] {0, 0x3C, 0, (byte) 0xC0, (byte) 0x80, 0x3F, 0x49, 0x40});
    try (SafeTensors read = SafeTensors.open(file)) {
      assertFalse(read.verify(), "carries no checksum");
      assertArrayEquals(new float[] {1, -2}, read.read("h").toArray());
      assertArrayEquals(new float[] {1, 3.140625f}, read.read("b").toArray());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "{}x",
        "{} {}",
        "{\"w\":3}",
        "{\"w\":{}}",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,4]}}",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,12]}}",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,99999999999999999999]}}",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,8]}}",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":1,\"data_offsets\":[0,8]}}",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"x\":1}}",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
            + "\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
            + "\"v\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
        "{\"__metadata__\":{\"a\":1}}"
      })
  void refusesAHeaderThatIsNotWellFormed(String header) throws IOException {
    Path file = raw(header, 8);
    FormatException e = assertThrows(FormatException.class, () -> SafeTensors.open(file));
    assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
    assertFalse(e.getMessage().contains("\n"), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "0000000", "000000000"})
  void refusesWhatIsNoChecksum(String checksum) throws IOException {
    Path file = raw("{\"__metadata__\":{\"crc32c\":\"" + checksum + "\"}}", 0);
    try (SafeTensors read = SafeTensors.open(file)) {
      assertThrows(FormatException.class, read::verify);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"F32\",\"shape\":[3]",
        "\"F32\",\"shape\":[0]",
        "\"I64\",\"shape\":[1]",
        "\"F32\",\"shape\":[2147483647,2147483647]",
        "\"F32\",\"shape\":[4294967298]",
        "\"F32\",\"shape\":[1000000000]",
        "\"NONSENSE\",\"shape\":[2]"
      })
  void refusesATensorThatItsBytesCannotHold(String typeAndShape) throws IOException {
    Path file = raw("{\"w\":{\"dtype\":" + typeAndShape + ",\"data_offsets\":[0,8]}}", 8);
    try (SafeTensors read = SafeTensors.open(file)) {
      FormatException e = assertThrows(FormatException.class, () -> read.read("w"));
      assertTrue(e.getMessage().contains("'w'"), e.getMessage());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 0, 1, 1000, 100_000_001, Long.MAX_VALUE, Long.MIN_VALUE})
  void refusesAHostileHeaderLengthBeforeAllocating(long length) throws IOException {
    Path file = raw(length, "{}".getBytes(StandardCharsets.UTF_8), new byte[0]);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
    assertThrows(FormatException.class, () -> SafeTensors.open(file));
    long allocated = threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
    assertTrue(allocated < 20_000_000, allocated + " bytes for a file of 10");
  }

  /** As safetensors in Python writes it if it is given the metadata that it has read. */
  @Test
  void saysWhatToDoAboutAChecksumThatWasKept() throws IOException {
    Path file = raw("{\"__metadata__\":{\"crc32c\":\"00000000\"}}", 0);
    try (SafeTensors read = SafeTensors.open(file)) {
      String message = assertThrows(FormatException.class, read::verify).getMessage();
      assertTrue(message.contains("damaged: its checksum is "), message);
      assertTrue(message.endsWith("it must leave crc32c out)"), message);
    }
  }

  /** Every single damaged byte and every length must be noticed; none may end in another error. */
  @Test
  void noticesEveryDamagedByteAndEveryLength() throws IOException {
    Path file = directory.resolve("model.safetensors");
    SafeTensors.write(
        file, Map.of("w", Tensor.of(new float[] {1, 2, 3}, 3)), Map.of("step", "12345"));
    byte[] good = Files.readAllBytes(file);
    Path bad = directory.resolve("bad.safetensors");
    for (int i = 0; i < good.length; i++) {
      byte[] flipped = good.clone();
      flipped[i] ^= 4;
      Files.write(bad, flipped);
      assertThrows(FormatException.class, () -> readAll(bad), "byte " + i);
      Files.write(bad, java.util.Arrays.copyOf(good, i));
      assertThrows(FormatException.class, () -> readAll(bad), "length " + i);
    }
  }

  private static void readAll(Path file) throws IOException {
    try (SafeTensors read = SafeTensors.open(file)) {
      if (!read.verify()) {
        throw new FormatException(file.toString(), "the checksum's own name was damaged");
      }
      for (String name : read.names()) {
        read.read(name);
      }
    }
  }

  @Test
  void aFileThatIsCutShortWhileItIsReadIsNamed() throws IOException {
    Path file = directory.resolve("cut.safetensors");
    SafeTensors.write(file, Map.of("w", Tensor.zeros(100_000)), Map.of());
    try (SafeTensors tensors = SafeTensors.open(file);
        FileChannel other = FileChannel.open(file, StandardOpenOption.WRITE)) {
      other.truncate(100_000);
      FormatException thrown = assertThrows(FormatException.class, () -> tensors.read("w"));
      assertEquals(file + ": cut short while it was read", thrown.getMessage());
    }
  }
}
