package io.alexnet.format;

import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * NumPy's {@code .npy} files. Writes float32; reads versions 1 to 3: float32, and float64, int32
 * and int64, rounded to float, in either byte order, row-major.
 */
public final class Npy {

  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int MAX_HEADER_BYTES = 1 << 16;
  private static final int CHUNK_BYTES = 1 << 16;
  private static final Pattern TYPE = Pattern.compile("'descr'\\s*:\\s*'([^']*)'");
  private static final Pattern FORTRAN = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([\\d\\s,]*)\\)");

  private Npy() {}

  /**
   * @throws FormatException if the file is no {@code .npy} file, or of a kind not read here
   */
  public static Tensor read(Path file) throws IOException {
    try (InputStream input = new BufferedInputStream(Files.newInputStream(file), CHUNK_BYTES)) {
      return read(input, file.toString());
    }
  }

  /**
   * Reads one array and leaves the stream open behind it.
   *
   * @param name names the source in error messages
   * @throws FormatException if this is no {@code .npy} file, or of a kind not read here
   */
  public static Tensor read(InputStream input, String name) throws IOException {
    try {
      return read(new DataInputStream(input), name);
    } catch (EOFException e) {
      throw new FormatException(name, "cut short");
    }
  }

  /**
   * Writes a tensor as float32, row-major and little-endian, in version 1 of the format. The file
   * appears whole or not at all.
   */
  public static void write(Path file, Tensor tensor) throws IOException {
    String shape =
        Arrays.stream(tensor.shape().dimensions())
            .mapToObj(d -> d + ",")
            .collect(Collectors.joining(" "));
    String header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + shape + "), }";
    int unpadded = MAGIC.length + 4 + header.length() + 1;
    header += " ".repeat((64 - unpadded % 64) % 64) + "\n"; // aligns the data
    Path part = file.resolveSibling("." + file.getFileName() + ".part");
    try {
      try (OutputStream output =
          new BufferedOutputStream(Files.newOutputStream(part), CHUNK_BYTES)) {
        output.write(MAGIC);
        output.write(new byte[] {1, 0, (byte) header.length(), (byte) (header.length() >> 8)});
        output.write(header.getBytes(StandardCharsets.US_ASCII));
        ByteBuffer element = ByteBuffer.allocate(Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < tensor.size(); i++) {
          element.putFloat(0, tensor.array()[tensor.offset() + i]);
          output.write(element.array());
        }
      }
      Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private static Tensor read(DataInputStream input, String name) throws IOException {
    String header = readHeader(input, name);
    String type = field(TYPE, header, name, "descr");
    if (!type.matches("[<>][fi][48]")) {
      throw new FormatException(
          name, "elements of type " + type + ", not float32, float64, int32 or int64");
    }
    if (field(FORTRAN, header, name, "fortran_order").equals("True")) {
      throw new FormatException(name, "column-major; save it with numpy.ascontiguousarray");
    }
    String[] sizes = field(SHAPE, header, name, "shape").replace(" ", "").split(",");
    Tensor tensor;
    try {
      int[] dimensions =
          Arrays.stream(sizes).filter(s -> !s.isEmpty()).mapToInt(Integer::parseInt).toArray();
      tensor = Tensor.zeros(Shape.of(dimensions));
    } catch (IllegalArgumentException e) {
      throw new FormatException(name, "its shape does not fit into an array: " + header.trim());
    }
    readElements(input, type, tensor);
    return tensor;
  }

  private static String readHeader(DataInputStream input, String name) throws IOException {
    byte[] magic = new byte[MAGIC.length];
    input.readFully(magic);
    int version = input.readUnsignedByte();
    input.readUnsignedByte(); // minor version
    if (!Arrays.equals(magic, MAGIC) || version < 1 || version > 3) {
      throw new FormatException(name, "no .npy file of version 1 to 3");
    }
    int length =
        version == 1
            ? Short.toUnsignedInt(Short.reverseBytes(input.readShort()))
            : Integer.reverseBytes(input.readInt());
    if (length < 0 || length > MAX_HEADER_BYTES) {
      throw new FormatException(name, "a header of " + Integer.toUnsignedString(length) + " bytes");
    }
    byte[] header = new byte[length];
    input.readFully(header);
    return new String(header, StandardCharsets.UTF_8);
  }

  private static String field(Pattern pattern, String header, String name, String field)
      throws FormatException {
    Matcher matcher = pattern.matcher(header);
    if (!matcher.find()) {
      throw new FormatException(name, "its header has no valid " + field);
    }
    return matcher.group(1);
  }

  private static void readElements(DataInputStream input, String type, Tensor tensor)
      throws IOException {
    byte[] chunk = new byte[CHUNK_BYTES];
    ByteBuffer buffer = ByteBuffer.wrap(chunk);
    buffer.order(type.charAt(0) == '<' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    String kind = type.substring(1);
    int elementBytes = kind.charAt(1) - '0';
    float[] array = tensor.array();
    for (int i = 0; i < array.length; ) {
      int count = Math.min(array.length - i, CHUNK_BYTES / elementBytes);
      input.readFully(chunk, 0, count * elementBytes);
      for (int j = 0; j < count; j++) {
        array[i++] =
            switch (kind) {
              case "f4" -> buffer.getFloat(4 * j);
              case "f8" -> (float) buffer.getDouble(8 * j);
              case "i4" -> buffer.getInt(4 * j);
              default -> buffer.getLong(8 * j);
            };
      }
    }
  }
}
