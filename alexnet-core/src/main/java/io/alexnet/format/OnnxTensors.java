package io.alexnet.format;

import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataLocation;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Tensors of one ONNX file: in it, as little-endian bytes or as lists, or in a file beside it. */
final class OnnxTensors {

  /** Far more than a shape has; lists that double would else grow without bound. */
  static final int MOST_SIZES = 64;

  private final Path file;
  private final long memory;

  /** Bytes so far. Many nodes may read one tensor, and each has a copy. */
  private long copied;

  /**
   * @param memory bytes that there are for all that is copied, twice: here, and as the parameters
   *     of a network
   */
  OnnxTensors(Path file, long memory) {
    this.file = file;
    this.memory = memory;
  }

  /** A FLOAT tensor of this name and these values. */
  static TensorProto.Builder of(String name, Tensor tensor) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * tensor.size()).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(tensor.array(), tensor.offset(), tensor.size());
    TensorProto.Builder proto =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(DataType.FLOAT.getNumber())
            .setRawData(UnsafeByteOperations.unsafeWrap(bytes)); // nobody writes to it any more
    for (int dimension : tensor.shape().dimensions()) {
      proto.addDims(dimension);
    }
    return proto;
  }

  /** An INT64 vector of this name and these values. */
  static TensorProto.Builder of(String name, long... values) {
    return TensorProto.newBuilder()
        .setName(name)
        .setDataType(DataType.INT64.getNumber())
        .addDims(values.length)
        .addAllInt64Data(Arrays.stream(values).boxed().toList());
  }

  /**
   * Copies a FLOAT tensor.
   *
   * @throws FormatException if it is of another type, its data is not of its shape, or there is no
   *     memory for another copy
   */
  Tensor floats(TensorProto proto) throws IOException {
    requireType(proto, DataType.FLOAT);
    Shape shape = shape(proto);
    if (proto.getFloatDataCount() > 0) {
      requireCount(proto, shape, proto.getFloatDataCount());
      requireMemory(proto, 4L * shape.size());
      Tensor tensor = Tensor.zeros(shape);
      for (int i = 0; i < tensor.size(); i++) {
        tensor.array()[i] = proto.getFloatData(i);
      }
      return tensor;
    }
    ByteBuffer data = data(proto, 4L * shape.size());
    Tensor tensor = Tensor.zeros(shape);
    data.asFloatBuffer().get(tensor.array());
    return tensor;
  }

  /**
   * Copies an INT64 tensor of any shape, a list of sizes.
   *
   * @throws FormatException as {@link #floats}, and if it has more than {@value #MOST_SIZES}
   *     elements
   */
  long[] integers(TensorProto proto) throws IOException {
    requireType(proto, DataType.INT64);
    if (proto.getDimsList().equals(List.of(0L))) {
      return new long[0];
    }
    Shape shape = shape(proto);
    if (shape.size() > MOST_SIZES) {
      throw malformed(
          proto, "has %d elements: lists of sizes have no more than %d", shape.size(), MOST_SIZES);
    }
    if (proto.getInt64DataCount() > 0) {
      requireCount(proto, shape, proto.getInt64DataCount());
      return proto.getInt64DataList().stream().mapToLong(Long::longValue).toArray();
    }
    ByteBuffer data = data(proto, 8L * shape.size());
    long[] values = new long[shape.size()];
    data.asLongBuffer().get(values);
    return values;
  }

  /**
   * A BOOL tensor of one element.
   *
   * @throws FormatException as {@link #floats}
   */
  boolean flag(TensorProto proto) throws IOException {
    requireType(proto, DataType.BOOL);
    requireCount(proto, shape(proto), 1);
    return proto.getInt32DataCount() > 0 ? proto.getInt32Data(0) != 0 : data(proto, 1).get() != 0;
  }

  private void requireType(TensorProto proto, DataType wanted) throws FormatException {
    if (proto.getDataType() != wanted.getNumber()) {
      DataType type = DataType.forNumber(proto.getDataType());
      throw malformed(proto, "is of type %s, not %s", type == null ? "unknown" : type, wanted);
    }
  }

  private Shape shape(TensorProto proto) throws FormatException {
    try {
      return Shape.of(proto.getDimsList().stream().mapToInt(Math::toIntExact).toArray());
    } catch (ArithmeticException | IllegalArgumentException e) {
      throw malformed(
          proto, "has the shape %s, which does not fit into an array", proto.getDimsList());
    }
  }

  private void requireCount(TensorProto proto, Shape shape, int count) throws FormatException {
    if (shape.size() != count) {
      throw malformed(proto, "has %d elements, too many or too few for [%s]", count, shape);
    }
  }

  private void requireMemory(TensorProto proto, long bytes) throws FormatException {
    copied += bytes;
    if (2 * copied > memory) {
      throw malformed(
          proto,
          "brings the copies of weights to %d MB, too many for the JVM's memory: give it more with"
              + " -Xmx",
          copied / 1_000_000);
    }
  }

  private ByteBuffer data(TensorProto proto, long bytes) throws IOException {
    ByteBuffer data;
    if (proto.getDataLocation() == DataLocation.EXTERNAL) {
      data = externalData(proto, bytes);
    } else {
      ByteString raw = proto.getRawData();
      if (raw.size() != bytes) {
        throw malformed(proto, "has %d bytes of data where its shape needs %d", raw.size(), bytes);
      }
      requireMemory(proto, bytes);
      data = raw.asReadOnlyByteBuffer();
    }
    return data.order(ByteOrder.LITTLE_ENDIAN);
  }

  /** PyTorch puts large weights into a file of their own. Only beside the model or below it. */
  private ByteBuffer externalData(TensorProto proto, long bytes) throws IOException {
    String location = "";
    long offset = 0;
    long length = bytes;
    try {
      for (StringStringEntryProto entry : proto.getExternalDataList()) {
        switch (entry.getKey()) {
          case "location" -> location = entry.getValue();
          case "offset" -> offset = Long.parseLong(entry.getValue());
          case "length" -> length = Long.parseLong(entry.getValue());
          default -> {} // a checksum that hardly anybody writes
        }
      }
      Path folder = file.toAbsolutePath().getParent().toRealPath();
      Path external = folder.resolve(location);
      if (location.isEmpty() || !external.toRealPath().startsWith(folder)) {
        throw malformed(
            proto, "has its data in '%s', which is not in the model's folder", location);
      }
      if (!Files.isRegularFile(external)) {
        throw malformed(proto, "has its data in '%s', which is not a file", location);
      }
      try (RandomAccessFile input = new RandomAccessFile(external.toFile(), "r")) {
        if (length != bytes || offset < 0 || offset > input.length() - bytes) {
          throw malformed(
              proto,
              "needs %d bytes, but has %d from %d on in '%s', which is %d bytes long",
              bytes,
              length,
              offset,
              location,
              input.length());
        }
        if (bytes > Integer.MAX_VALUE - 8) {
          throw malformed(proto, "has %d bytes of data, more than can be read at once", bytes);
        }
        requireMemory(proto, bytes);
        byte[] data = new byte[(int) bytes];
        input.seek(offset);
        input.readFully(data);
        return ByteBuffer.wrap(data);
      }
    } catch (NumberFormatException | InvalidPathException e) {
      throw malformed(proto, "says of its data in another file: %s", e.getMessage());
    } catch (NoSuchFileException e) {
      throw malformed(proto, "has its data in '%s', but there is no such file", location);
    } catch (FileSystemException e) { // as of a name that is too long
      String reason = e.getReason() == null ? "permission denied" : e.getReason();
      throw malformed(proto, "has its data in '%s': %s", location, reason);
    }
  }

  private FormatException malformed(TensorProto proto, String format, Object... arguments) {
    return new FormatException(
        file.toString(), "tensor '%s' %s".formatted(proto.getName(), format.formatted(arguments)));
  }
}
