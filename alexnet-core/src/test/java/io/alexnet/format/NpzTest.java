package io.alexnet.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.tensor.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NpzTest {

  private static final byte[] PIXELS = {0, 1, 2, 3, 4, (byte) 255};

  @TempDir Path folder;

  /** A zip as numpy.savez (stored) or savez_compressed (deflated) writes it. */
  private static byte[] zip(boolean stored, Map<String, byte[]> files) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        ZipEntry entry = new ZipEntry(file.getKey());
        if (stored) {
          CRC32 crc = new CRC32();
          crc.update(file.getValue());
          entry.setMethod(ZipEntry.STORED);
          entry.setSize(file.getValue().length);
          entry.setCrc(crc.getValue());
        }
        zip.putNextEntry(entry);
        zip.write(file.getValue());
        zip.closeEntry();
      }
    }
    return bytes.toByteArray();
  }

  private static Map<String, byte[]> arrays() {
    byte[] labels =
        ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(7).putLong(2).array();
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("x.npy", NpyTest.npy(1, NpyTest.header("|u1", "(2, 3)"), PIXELS));
    files.put("y.npy", NpyTest.npy(1, NpyTest.header("<i8", "(2,)"), labels));
    files.put("readme.txt", new byte[9]);
    return files;
  }

  private Path write(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("arrays.npz"), bytes);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void readsArraysByName(boolean stored) throws IOException {
    try (Npz npz = Npz.open(write(zip(stored, arrays())))) {
      assertEquals(Set.of("x", "y"), npz.names());
      assertEquals(Shape.of(2, 3), npz.shape("x"));
      assertEquals("u1", npz.type("x"));
      assertEquals("i8", npz.type("y"));
      assertArrayEquals(new float[] {7, 2}, npz.read("y").toArray());
      assertArrayEquals(new float[] {0, 1, 2, 3, 4, 255}, npz.read("x").toArray());
      assertArrayEquals(PIXELS, npz.readBytes("x"));
      assertFault(npz, "y", ", array 'y': elements of type i8, not uint8", true);
      assertFault(npz, "z", ": has no array 'z', but [x, y]", false);
    }
  }

  private void assertFault(Npz npz, String name, String message, boolean bytes) {
    FormatException e =
        assertThrows(
            FormatException.class,
            () -> {
              if (bytes) {
                npz.readBytes(name);
              } else {
                npz.read(name);
              }
            });
    assertTrue(e.getMessage().startsWith(folder.resolve("arrays.npz").toString()), e.getMessage());
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  /** numpy.arange(24).reshape(2, 3, 4) as every type, in both orders. */
  @Test
  void readsWhatNumPyWrote() throws IOException, URISyntaxException {
    Path file = Path.of(NpzTest.class.getResource("/numpy/types.npz").toURI());
    try (Npz npz = Npz.open(file)) {
      assertEquals(25, npz.names().size());
      for (String name : npz.names()) {
        if (name.equals("scalar")) {
          assertEquals(0.25f, npz.read(name).get());
          continue;
        }
        assertEquals(Shape.of(2, 3, 4), npz.shape(name));
        float[] elements = npz.read(name).toArray();
        for (int i = 0; i < 24; i++) {
          assertEquals(name.equals("bool") ? i % 2 : i, elements[i], name);
        }
      }
    }
  }

  @Test
  void picklesAreRefused() throws IOException, URISyntaxException {
    Path file = Path.of(NpzTest.class.getResource("/numpy/objects.npz").toURI());
    try (Npz npz = Npz.open(file)) {
      FormatException e = assertThrows(FormatException.class, () -> npz.read("o"));
      assertEquals(
          file + ", array 'o': Python objects, which are not read: save it as an array of numbers",
          e.getMessage());
    }
  }

  @Test
  void bytesInFortransOrderAreTurned() throws IOException {
    String header = NpyTest.header("|u1", "(2, 3)").replace("False", "True");
    byte[] columns = {0, 3, 1, 4, 2, (byte) 255};
    try (Npz npz = Npz.open(write(zip(false, Map.of("x.npy", NpyTest.npy(1, header, columns)))))) {
      assertArrayEquals(PIXELS, npz.readBytes("x"));
    }
  }

  @Test
  void anArrayThatClaimsMoreThanThereIsIsRefused() throws IOException {
    byte[] bomb = NpyTest.npy(1, NpyTest.header("|u1", "(2000000000,)"), new byte[1000]);
    byte[] more = NpyTest.npy(1, NpyTest.header("|u1", "(2,)"), new byte[1000]);
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("bomb.npy", bomb);
    files.put("more.npy", more);
    try (Npz npz = Npz.open(write(zip(false, files)))) {
      assertFault(npz, "bomb", "cut short: 2000000000 elements of 1 bytes", false);
      assertFault(npz, "bomb", "cut short: 2000000000 elements of 1 bytes", true);
      assertFault(npz, "more", "goes on behind its array", false);
    }
  }

  @Test
  void aZipThatClaimsMoreThanDeflateCanDoIsRefused() throws IOException {
    byte[] header = NpyTest.npy(1, NpyTest.header("|u1", "(2000000000,)"), new byte[0]);
    byte[] zip = zip(false, Map.of("x.npy", header));
    // The size before packing, in the central directory at the end: bytes 24 to 27 of its entry.
    ByteBuffer buffer = ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN);
    int directory = buffer.getInt(zip.length - 6);
    buffer.putInt(directory + 24, 2_000_000_000 + header.length);
    try (Npz npz = Npz.open(write(zip))) {
      assertFault(npz, "x", "cannot be packed into", true);
    }
  }

  @Test
  void aZipThatClaimsMorePackedBytesThanItHasIsRefused() throws IOException {
    byte[] header = NpyTest.npy(1, NpyTest.header("|u1", "(2000000000,)"), new byte[0]);
    byte[] zip = zip(false, Map.of("x.npy", header));
    ByteBuffer buffer = ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN);
    int directory = buffer.getInt(zip.length - 6);
    buffer.putInt(directory + 20, 1_900_000_000); // packed
    buffer.putInt(directory + 24, 2_000_000_000 + header.length);
    try (Npz npz = Npz.open(write(zip))) {
      assertFault(npz, "x", "bytes cannot be packed into " + zip.length, true);
    }
  }

  /** The array is whole, but the packing has no end. */
  @Test
  void packingThatEndsBehindTheArrayIsDamaged() throws IOException {
    byte[] array = arrays().get("x.npy");
    Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    deflater.setInput(array);
    byte[] packed = new byte[1000];
    packed = Arrays.copyOf(packed, deflater.deflate(packed, 0, packed.length, Deflater.SYNC_FLUSH));
    deflater.end();
    byte[] zip = zip(true, Map.of("x.npy", packed));
    CRC32 crc = new CRC32();
    crc.update(array);
    ByteBuffer buffer = ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN);
    int directory = buffer.getInt(zip.length - 6);
    buffer.putShort(directory + 10, (short) ZipEntry.DEFLATED);
    buffer.putInt(directory + 16, (int) crc.getValue());
    buffer.putInt(directory + 24, array.length);
    try (Npz npz = Npz.open(write(zip))) {
      assertFault(npz, "x", "damaged: ", false);
    }
  }

  @Test
  void aChangedByteIsNoticed() throws IOException {
    byte[] zip = zip(true, arrays());
    for (int i = 0; i < zip.length - 2; i++) {
      if (zip[i] == 3 && zip[i + 1] == 4 && zip[i + 2] == -1) {
        zip[i] = 5;
      }
    }
    try (Npz npz = Npz.open(write(zip))) {
      assertFault(npz, "x", "damaged: its checksum is another", false);
    }
  }

  @Test
  void whatIsNoZipIsNamed() throws IOException {
    Path file = write("no zip at all".getBytes());
    FormatException e = assertThrows(FormatException.class, () -> Npz.open(file));
    assertTrue(e.getMessage().startsWith(file + ": no .npz file"), e.getMessage());
    Path none = folder.resolve("none.npz");
    assertEquals(
        none + ": there is no such file",
        assertThrows(IOException.class, () -> Npz.open(none)).getMessage());
  }
}
