package io.alexnet.format;

import io.alexnet.tensor.Shape;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What stands before the elements of an {@code .npy} file, version 1 to 3: the text of a Python
 * dictionary.
 *
 * @param type NumPy's code of kind and bytes, as {@code f4} or {@code u1}
 * @param columnMajor Fortran's order: the first index runs fastest
 * @param bytes of the header itself
 */
record NpyHeader(String type, ByteOrder order, boolean columnMajor, Shape shape, int bytes) {

  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int MAX_HEADER_BYTES = 1 << 16;
  private static final Pattern TYPE = Pattern.compile("'descr'\\s*:\\s*('[^']*'|\\[)");
  private static final Pattern FORTRAN = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([\\d\\s,]*)\\)");
  private static final Pattern NUMBERS =
      Pattern.compile("[<>](?:f[248]|[iu][248])|[<>|](?:[iu]1|b1)");

  /**
   * @throws FormatException if this is no such header, or one of elements that are not read
   * @throws java.io.EOFException if it is cut short
   */
  static NpyHeader read(DataInputStream input, String name) throws IOException {
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
    byte[] text = new byte[length];
    input.readFully(text);
    int before = MAGIC.length + 2 + (version == 1 ? Short.BYTES : Integer.BYTES);
    return parse(new String(text, StandardCharsets.UTF_8), before + length, name);
  }

  private static NpyHeader parse(String text, int bytes, String name) throws FormatException {
    String type = field(TYPE, text, name, "descr").replace("'", "");
    if (type.startsWith("|O")) {
      throw new FormatException(
          name, "Python objects, which are not read: save it as an array of numbers");
    }
    if (!NUMBERS.matcher(type).matches()) {
      throw new FormatException(
          name,
          (type.equals("[") ? "elements of several fields" : "elements of type " + type)
              + ", not float16 to float64, int8 to int64, uint8 to uint64 or bool");
    }
    String[] sizes = field(SHAPE, text, name, "shape").replaceAll("\\s", "").split(",");
    Shape shape;
    try {
      shape =
          Shape.of(
              Arrays.stream(sizes).filter(s -> !s.isEmpty()).mapToInt(Integer::parseInt).toArray());
    } catch (IllegalArgumentException e) {
      throw new FormatException(name, "its shape does not fit into an array: " + text.trim());
    }
    return new NpyHeader(
        type.substring(1),
        type.charAt(0) == '>' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN,
        field(FORTRAN, text, name, "fortran_order").equals("True"),
        shape,
        bytes);
  }

  private static String field(Pattern pattern, String text, String name, String field)
      throws FormatException {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.find()) {
      throw new FormatException(name, "its header has no valid " + field);
    }
    return matcher.group(1);
  }

  /** Of a file of version 1 with float32, row-major and little-endian. */
  static byte[] ofFloats(Shape shape) {
    String sizes =
        Arrays.stream(shape.dimensions()).mapToObj(d -> d + ",").collect(Collectors.joining(" "));
    String text = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + sizes + "), }";
    int before = MAGIC.length + 2 + Short.BYTES;
    text += " ".repeat((64 - (before + text.length() + 1) % 64) % 64) + "\n"; // aligns the data
    return ByteBuffer.allocate(before + text.length())
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(MAGIC)
        .put((byte) 1)
        .put((byte) 0)
        .putShort((short) text.length())
        .put(text.getBytes(StandardCharsets.US_ASCII))
        .array();
  }

  /** Of one element. */
  int elementBytes() {
    return type.charAt(1) - '0';
  }
}
