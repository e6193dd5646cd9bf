package io.alexnet.format;

import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * NumPy's {@code .npy} files. Writes float32; reads versions 1 to 3, in either byte order, row- or
 * column-major: float16, float32 and float64, signed and unsigned integers of 8 to 64 bits, and
 * bool as 0 and 1, all rounded to float. Arrays of Python objects are pickles, that is programs,
 * and refused.
 */
public final class Npy {

  private static final int CHUNK_BYTES = 1 << 16;

  /** What is allocated for an array that nobody knows to be there before it has been read. */
  private static final int FIRST_ELEMENTS = 1 << 20;

  private static final long UNKNOWN = -1;

  private Npy() {}

  /**
   * @throws FormatException if the file is no {@code .npy} file, of a kind not read here, or
   *     shorter than it says
   */
  public static Tensor read(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new FormatException(file.toString(), "a folder, not a file");
    }
    try (InputStream input = new BufferedInputStream(Files.newInputStream(file), CHUNK_BYTES)) {
      return read(input, Files.size(file), file.toString());
    }
  }

  /**
   * Reads one array and leaves the stream open behind it.
   *
   * @param name names the source in error messages
   * @throws FormatException as {@link #read(Path)}
   */
  public static Tensor read(InputStream input, String name) throws IOException {
    return read(input, UNKNOWN, name);
  }

  /**
   * @param bytes of header and elements together, at least
   */
  static Tensor read(InputStream input, long bytes, String name) throws IOException {
    DataInputStream data = new DataInputStream(input);
    try {
      NpyHeader header = NpyHeader.read(data, name);
      float[] array = readFloats(data, header, firstElements(header, Float.BYTES, bytes, name));
      if (header.columnMajor()) {
        float[] rowMajor = new float[array.length];
        ColumnMajor places = new ColumnMajor(header.shape());
        for (float element : array) {
          rowMajor[places.next()] = element;
        }
        array = rowMajor;
      }
      return Tensor.of(array, header.shape().dimensions());
    } catch (EOFException e) {
      throw new FormatException(name, "cut short");
    }
  }

  /**
   * Writes a tensor as float32, row-major and little-endian, in version 1 of the format. The file
   * appears whole or not at all.
   */
  public static void write(Path file, Tensor tensor) throws IOException {
    byte[] header = NpyHeader.ofFloats(tensor.shape());
    AtomicFile.write(
        file,
        output -> {
          output.write(header);
          FloatBytes.write(tensor, output::write);
        });
  }

  /**
   * The same of an array of uint8, as bytes.
   *
   * @param bytes of header and elements together, at least
   */
  static byte[] readBytes(InputStream input, long bytes, String name) throws IOException {
    DataInputStream data = new DataInputStream(input);
    try {
      NpyHeader header = NpyHeader.read(data, name);
      if (!header.type().equals("u1")) {
        throw new FormatException(name, "elements of type " + header.type() + ", not uint8");
      }
      firstElements(header, Byte.BYTES, bytes, name);
      byte[] array = new byte[header.shape().size()];
      data.readFully(array);
      if (header.columnMajor()) {
        byte[] rowMajor = new byte[array.length];
        ColumnMajor places = new ColumnMajor(header.shape());
        for (byte element : array) {
          rowMajor[places.next()] = element;
        }
        array = rowMajor;
      }
      return array;
    } catch (EOFException e) {
      throw new FormatException(name, "cut short");
    }
  }

  /** How many elements to allocate at first; refuses what cannot be there or has no room. */
  private static int firstElements(NpyHeader header, int bytesHere, long bytes, String name)
      throws FormatException {
    int count = header.shape().size();
    if (bytes != UNKNOWN && (long) count * header.elementBytes() > bytes - header.bytes()) {
      throw new FormatException(
          name,
          "cut short: %s elements of %d bytes do not fit into %d"
              .formatted(header.shape(), header.elementBytes(), bytes - header.bytes()));
    }
    long copies = header.columnMajor() ? 2 : 1;
    long needed = copies * count * bytesHere;
    if (needed > Runtime.getRuntime().maxMemory() / 4 * 3) { // G1 has gaps behind large arrays
      throw new FormatException(
          name,
          "takes %d MB of memory, more than the JVM may have: give it more with -Xmx"
              .formatted(needed / 1_000_000));
    }
    return bytes == UNKNOWN ? Math.min(count, FIRST_ELEMENTS) : count;
  }

  private static float[] readFloats(DataInputStream input, NpyHeader header, int firstElements)
      throws IOException {
    byte[] chunk = new byte[CHUNK_BYTES];
    ByteBuffer buffer = ByteBuffer.wrap(chunk).order(header.order());
    Element element = element(header.type());
    int elementBytes = header.elementBytes();
    int size = header.shape().size();
    float[] array = new float[firstElements];
    for (int i = 0; i < size; ) {
      if (i == array.length) {
        array = Arrays.copyOf(array, (int) Math.min(size, 2L * array.length));
      }
      int count = Math.min(array.length - i, CHUNK_BYTES / elementBytes);
      input.readFully(chunk, 0, count * elementBytes);
      for (int j = 0; j < count; j++) {
        array[i++] = element.at(buffer, j * elementBytes);
      }
    }
    return array;
  }

  private interface Element {
    float at(ByteBuffer buffer, int index);
  }

  private static Element element(String type) {
    return switch (type) {
      case "f2" -> (b, i) -> SafeTensors.halfToFloat(b.getShort(i));
      case "f4" -> ByteBuffer::getFloat;
      case "f8" -> (b, i) -> (float) b.getDouble(i);
      case "i1" -> ByteBuffer::get;
      case "i2" -> ByteBuffer::getShort;
      case "i4" -> ByteBuffer::getInt;
      case "i8" -> ByteBuffer::getLong;
      case "u1" -> (b, i) -> b.get(i) & 0xFF;
      case "u2" -> (b, i) -> b.getShort(i) & 0xFFFF;
      case "u4" -> (b, i) -> b.getInt(i) & 0xFFFFFFFFL;
      case "u8" -> (b, i) -> unsigned(b.getLong(i));
      case "b1" -> (b, i) -> b.get(i) == 0 ? 0 : 1;
      default -> throw new AssertionError(type); // NpyHeader lets no other through
    };
  }

  /** Halved, with the lost bit kept for rounding, then doubled again. */
  private static float unsigned(long bits) {
    return bits >= 0 ? bits : 2f * (bits >>> 1 | bits & 1);
  }

  /** The places that elements in column-major order have in row-major order, one by one. */
  private static final class ColumnMajor {
    private final int[] sizes;
    private final int[] strides;
    private final int[] index;
    private int place;

    ColumnMajor(Shape shape) {
      sizes = shape.dimensions();
      strides = new int[sizes.length];
      index = new int[sizes.length];
      int stride = 1;
      for (int d = sizes.length - 1; d >= 0; d--) {
        strides[d] = stride;
        stride *= sizes[d];
      }
    }

    int next() {
      int here = place;
      for (int d = 0; d < sizes.length; d++) {
        place += strides[d];
        if (++index[d] < sizes[d]) {
          break;
        }
        place -= sizes[d] * strides[d];
        index[d] = 0;
      }
      return here;
    }
  }
}
