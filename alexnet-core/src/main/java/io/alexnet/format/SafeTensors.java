package io.alexnet.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.CharConversionException;
import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * A file of named tensors in the safetensors format: eight bytes of header length (little-endian),
 * a JSON header of names, types, shapes and byte ranges, then the raw elements. The header may also
 * carry text under {@code __metadata__}.
 *
 * <p>{@link #open} reads and checks the header alone; tensors are read when asked for. Reads F32,
 * F16 and BF16; writes F32. A file written here carries a CRC-32C of everything in it, which {@link
 * #verify} compares. Not thread-safe.
 */
public final class SafeTensors implements AutoCloseable {

  /**
   * Those of the largest language models have a few million. The reference implementation takes a
   * hundred million, but what is read of a header takes as much memory again and more.
   */
  private static final int MAX_HEADER_BYTES = 32_000_000;

  /** Tensors, and texts beside them: far more than any network has, each of some hundred bytes. */
  private static final int MOST_NAMES = 100_000;

  /** In characters: what the JSON parser takes of one. */
  public static final int LONGEST_TEXT = StreamReadConstraints.DEFAULT_MAX_STRING_LEN;

  /** Of a tensor, as NumPy has it. */
  private static final int MOST_DIMENSIONS = 64;

  /** Under this name a file has its texts; so no tensor can be called it. */
  public static final String METADATA = "__metadata__";

  /** The metadata of a file written here has its checksum under this key. */
  public static final String CHECKSUM_KEY = "crc32c";

  private static final String NO_CHECKSUM = "00000000";
  private static final int CHUNK_BYTES = 1 << 16;
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private record Entry(String type, List<Long> shape, long begin, long end) {
    long bytes() {
      return end - begin;
    }
  }

  // Neither an interrupt nor an asynchronous close may tear a checkpoint, as they would with a
  // FileChannel.
  private final RandomAccessFile input;
  private final Path file;
  private final byte[] header;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final byte[] chunk = new byte[CHUNK_BYTES];

  private SafeTensors(Path file, RandomAccessFile input) throws IOException {
    this.file = file;
    this.input = input;
    long fileBytes = input.length();
    if (fileBytes < Long.BYTES) {
      throw malformed("too short for a safetensors file (%d bytes)", fileBytes);
    }
    byte[] length = new byte[Long.BYTES];
    readFully(length, length.length);
    long headerBytes = ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (headerBytes < 2 || headerBytes > MAX_HEADER_BYTES || headerBytes > fileBytes - Long.BYTES) {
      throw malformed(
          "no safetensors file, or cut short: a header of %s bytes in a file of %d",
          Long.toUnsignedString(headerBytes), fileBytes);
    }
    header = new byte[(int) headerBytes];
    readFully(header, header.length);
    try (JsonParser parser = JSON.createParser(header)) {
      parseHeader(parser);
    } catch (JsonProcessingException e) {
      throw malformed("its header is not valid JSON: %s", e.getOriginalMessage());
    } catch (CharConversionException e) {
      throw malformed("its header is not valid UTF-8: %s", e.getMessage());
    }
    checkRanges(fileBytes - Long.BYTES - headerBytes);
  }

  /**
   * Opens a file and checks its header against the file's size.
   *
   * @throws FormatException if it is not a well-formed safetensors file
   * @throws IOException if it cannot be read
   */
  public static SafeTensors open(Path file) throws IOException {
    RandomAccessFile input = new RandomAccessFile(file.toFile(), "r");
    try {
      return new SafeTensors(file, input);
    } catch (IOException | RuntimeException e) {
      input.close();
      throw e;
    }
  }

  private void parseHeader(JsonParser parser) throws IOException {
    expect(parser.nextToken(), JsonToken.START_OBJECT, "an object");
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      requireFew(entries.size());
      expect(parser.nextToken(), JsonToken.START_OBJECT, "an object for '" + name + "'");
      if (name.equals(METADATA)) {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          String key = parser.currentName();
          requireFew(metadata.size());
          expect(parser.nextToken(), JsonToken.VALUE_STRING, "text for '" + key + "'");
          metadata.put(key, parser.getText());
        }
      } else {
        entries.put(name, parseEntry(parser, name));
      }
    }
    if (parser.nextToken() != null) {
      throw malformed("its header goes on behind the JSON object");
    }
  }

  private void requireFew(int names) throws FormatException {
    if (names == MOST_NAMES) {
      throw malformed("more than %d tensors, or texts beside them", MOST_NAMES);
    }
  }

  private Entry parseEntry(JsonParser parser, String name) throws IOException {
    String type = null;
    List<Long> shape = null;
    List<Long> offsets = null;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String field = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (field) {
        case "dtype" -> {
          expect(value, JsonToken.VALUE_STRING, "text for the type of '" + name + "'");
          type = parser.getText();
        }
        case "shape" -> shape = parseNaturals(parser, name);
        case "data_offsets" -> offsets = parseNaturals(parser, name);
        default -> throw malformed("'%s' has an unknown field '%s'", name, field);
      }
    }
    if (type == null || shape == null || offsets == null || offsets.size() != 2) {
      throw malformed("'%s' needs a dtype, a shape and two data_offsets", name);
    }
    return new Entry(type, shape, offsets.get(0), offsets.get(1));
  }

  private List<Long> parseNaturals(JsonParser parser, String name) throws IOException {
    expect(parser.currentToken(), JsonToken.START_ARRAY, "a list of numbers in '" + name + "'");
    List<Long> numbers = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      expect(parser.currentToken(), JsonToken.VALUE_NUMBER_INT, "whole numbers in '" + name + "'");
      if (numbers.size() == MOST_DIMENSIONS) {
        throw malformed("'%s' has more than %d dimensions", name, MOST_DIMENSIONS);
      }
      numbers.add(parser.getLongValue());
      if (numbers.get(numbers.size() - 1) < 0) {
        throw malformed("'%s' has a negative size or offset", name);
      }
    }
    return numbers;
  }

  private void expect(JsonToken actual, JsonToken expected, String what) throws FormatException {
    if (actual != expected) {
      throw malformed("its header needs %s", what);
    }
  }

  /** Every byte of the data belongs to exactly one tensor, as the format demands. */
  private void checkRanges(long dataBytes) throws FormatException {
    List<Map.Entry<String, Entry>> inOrder = new ArrayList<>(entries.entrySet());
    inOrder.sort(
        Comparator.<Map.Entry<String, Entry>>comparingLong(e -> e.getValue().begin)
            .thenComparingLong(e -> e.getValue().end));
    long end = 0;
    for (Map.Entry<String, Entry> named : inOrder) {
      Entry entry = named.getValue();
      if (entry.begin != end || entry.end < entry.begin) {
        throw malformed("the data of '%s' overlaps or leaves a gap", named.getKey());
      }
      end = entry.end;
    }
    if (end != dataBytes) {
      throw malformed(
          "its header promises %d bytes of data, but there are %d: cut short?", end, dataBytes);
    }
  }

  /** The text stored beside the tensors. */
  public Map<String, String> metadata() {
    return Collections.unmodifiableMap(metadata);
  }

  /** Names of the tensors, in the order of the header. */
  public Set<String> names() {
    return Collections.unmodifiableSet(entries.keySet());
  }

  /**
   * Shape of a tensor.
   *
   * @throws FormatException if there is no such tensor or its shape is not one that {@link Shape}
   *     can hold: a dimension of 0 or too many elements
   */
  public Shape shape(String name) throws FormatException {
    List<Long> dimensions = entry(name).shape;
    try {
      return Shape.of(dimensions.stream().mapToInt(Math::toIntExact).toArray());
    } catch (ArithmeticException | IllegalArgumentException e) {
      throw malformed("'%s' has the shape %s, which does not fit into an array", name, dimensions);
    }
  }

  /**
   * Reads one tensor into a new array.
   *
   * @throws FormatException if there is no such tensor or its type is not F32, F16 or BF16
   */
  public Tensor read(String name) throws IOException {
    Shape shape = shape(name);
    require(name, shape); // before a hostile shape makes us allocate
    Tensor tensor = Tensor.zeros(shape);
    read(name, tensor);
    return tensor;
  }

  /**
   * Whether a tensor can be read into one of this shape, without reading it.
   *
   * @throws FormatException if there is no such tensor, its shape is another, or its type is not
   *     F32, F16 or BF16
   */
  public void require(String name, Shape shape) throws FormatException {
    if (!shape(name).equals(shape)) {
      throw malformed("'%s' is %s, but should be %s", name, shape(name), shape);
    }
    Entry entry = entry(name);
    if (entry.bytes() != (long) shape.size() * elementBytes(name, entry.type)) {
      throw malformed("'%s' has %d bytes, too many or too few for %s", name, entry.bytes(), shape);
    }
  }

  /**
   * Reads one tensor into an existing one of the same shape.
   *
   * @throws FormatException as {@link #require}, or if the file was cut short since it was opened;
   *     a part of the tensor may have been read then
   * @throws IOException if it cannot be read, with the same result
   */
  public void read(String name, Tensor into) throws IOException {
    require(name, into.shape());
    Entry entry = entry(name);
    input.seek(Long.BYTES + header.length + entry.begin);
    ByteBuffer buffer = ByteBuffer.wrap(chunk).order(ByteOrder.LITTLE_ENDIAN);
    int elementBytes = elementBytes(name, entry.type);
    float[] array = into.array();
    int end = into.offset() + into.size();
    for (int i = into.offset(); i < end; ) {
      int count = Math.min(end - i, CHUNK_BYTES / elementBytes);
      readFully(chunk, count * elementBytes);
      switch (entry.type) {
        case "F32" -> buffer.asFloatBuffer().get(array, i, count);
        case "F16" -> {
          for (int j = 0; j < count; j++) {
            array[i + j] = halfToFloat(buffer.getShort(2 * j));
          }
        }
        default -> {
          for (int j = 0; j < count; j++) {
            array[i + j] = Float.intBitsToFloat(buffer.getShort(2 * j) << 16);
          }
        }
      }
      i += count;
    }
  }

  private void readFully(byte[] into, int bytes) throws IOException {
    try {
      input.readFully(into, 0, bytes);
    } catch (EOFException e) {
      throw malformed("cut short while it was read");
    } catch (IOException e) {
      throw new IOException(file + ": " + e.getMessage(), e); // the system's names no file
    }
  }

  private int elementBytes(String name, String type) throws FormatException {
    return switch (type) {
      case "F32" -> 4;
      case "F16", "BF16" -> 2;
      default -> throw malformed("'%s' is of type %s, not F32, F16 or BF16", name, type);
    };
  }

  private Entry entry(String name) throws FormatException {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw malformed("there is no tensor '%s'", name);
    }
    return entry;
  }

  private FormatException malformed(String format, Object... arguments) {
    return new FormatException(file.toString(), format.formatted(arguments));
  }

  /** IEEE 754 binary16, bit by bit: Float.float16ToFloat came with JDK 20. */
  static float halfToFloat(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = half >> 10 & 0x1F;
    int fraction = half & 0x3FF;
    if (exponent == 0) {
      return Float.intBitsToFloat(sign | Float.floatToRawIntBits(fraction * 0x1p-24f));
    }
    int wide = exponent == 0x1F ? 0xFF : exponent - 15 + 127;
    return Float.intBitsToFloat(sign | wide << 23 | fraction << 13);
  }

  /**
   * Reads the whole file and compares its checksum.
   *
   * @return false if it carries none, as files of other programs
   * @throws FormatException if a byte has changed since the file was written
   */
  public boolean verify() throws IOException {
    String expected = metadata.get(CHECKSUM_KEY);
    if (expected == null) {
      return false;
    }
    if (expected.length() != NO_CHECKSUM.length()) {
      throw malformed("its checksum is not one: '%s'", expected);
    }
    CRC32C crc = new CRC32C();
    crc.update(withChecksum(header, expected, NO_CHECKSUM));
    input.seek(Long.BYTES + header.length);
    long left = input.length() - Long.BYTES - header.length;
    while (left > 0) {
      int count = (int) Math.min(left, chunk.length);
      readFully(chunk, count);
      crc.update(chunk, 0, count);
      left -= count;
    }
    if (!expected.equals(hex(crc))) {
      throw malformed(
          "damaged: its checksum is %s, not %s (or changed by a program that has kept the metadata:"
              + " it must leave %s out)",
          hex(crc), expected, CHECKSUM_KEY);
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    input.close();
  }

  /**
   * Writes tensors as F32, in the map's order. The file appears whole or not at all, as with {@link
   * AtomicFile}.
   *
   * @param metadata text to keep beside the tensors; what stands under {@value #CHECKSUM_KEY} gives
   *     way to the new file's checksum
   * @throws IllegalArgumentException if a tensor is named {@value #METADATA}
   * @throws IOException if it cannot be written, or could not be read again, for the length of a
   *     text or of all
   */
  public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata)
      throws IOException {
    for (Map.Entry<String, String> text : metadata.entrySet()) {
      if (text.getValue().length() > LONGEST_TEXT) {
        throw new IOException(
            "%s: '%s' has %d characters of text, more than the %d that can be read again"
                .formatted(file, text.getKey(), text.getValue().length(), LONGEST_TEXT));
      }
    }
    byte[] header = header(tensors, metadata);
    if (header.length > MAX_HEADER_BYTES || tensors.size() > MOST_NAMES) {
      throw new IOException(
          "%s: %d tensors and %d bytes of names and text are more than can be read again"
              .formatted(file, tensors.size(), header.length));
    }
    CRC32C crc = new CRC32C();
    crc.update(header);
    writeData(tensors, crc::update);
    header = withChecksum(header, NO_CHECKSUM, hex(crc));

    byte[] start =
        ByteBuffer.allocate(Long.BYTES + header.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(header.length)
            .put(header)
            .array();
    AtomicFile.write(
        file,
        output -> {
          output.write(start);
          writeData(tensors, output::write);
        });
  }

  private static byte[] header(Map<String, Tensor> tensors, Map<String, String> metadata)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeObjectFieldStart(METADATA);
      json.writeStringField(CHECKSUM_KEY, NO_CHECKSUM);
      for (Map.Entry<String, String> entry : metadata.entrySet()) {
        if (!entry.getKey().equals(CHECKSUM_KEY)) { // that of the file which it was read from
          json.writeStringField(entry.getKey(), entry.getValue());
        }
      }
      json.writeEndObject();
      long offset = 0;
      for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
        if (entry.getKey().equals(METADATA)) {
          throw new IllegalArgumentException("no tensor can be named " + METADATA);
        }
        Tensor tensor = entry.getValue();
        json.writeObjectFieldStart(entry.getKey());
        json.writeStringField("dtype", "F32");
        json.writeFieldName("shape");
        int[] dimensions = tensor.shape().dimensions();
        json.writeArray(dimensions, 0, dimensions.length);
        json.writeFieldName("data_offsets");
        long end = offset + 4L * tensor.size();
        json.writeArray(new long[] {offset, end}, 0, 2);
        json.writeEndObject();
        offset = end;
      }
      json.writeEndObject();
    }
    while (bytes.size() % Long.BYTES != 0) {
      bytes.write(' '); // aligns the data, as the format recommends
    }
    return bytes.toByteArray();
  }

  /** The header with another checksum of the same length; it is the first of the metadata. */
  private static byte[] withChecksum(byte[] header, String from, String to) {
    String start = "{\"" + METADATA + "\":{\"" + CHECKSUM_KEY + "\":\"";
    String text = new String(header, 0, Math.min(header.length, 64), StandardCharsets.ISO_8859_1);
    byte[] changed = header.clone();
    if (text.startsWith(start + from)) {
      System.arraycopy(
          to.getBytes(StandardCharsets.ISO_8859_1), 0, changed, start.length(), to.length());
    }
    return changed;
  }

  private static String hex(CRC32C crc) {
    return "%08x".formatted(crc.getValue());
  }

  private static void writeData(Map<String, Tensor> tensors, FloatBytes.Sink sink)
      throws IOException {
    for (Tensor tensor : tensors.values()) {
      FloatBytes.write(tensor, sink);
    }
  }
}
