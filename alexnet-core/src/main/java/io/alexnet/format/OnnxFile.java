package io.alexnet.format;

import ai.onnx.proto.OnnxMl.ModelProto;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** One protobuf message on the disk. */
final class OnnxFile {

  /** What the objects of a model may take, without names and values; a large one has 5 MB. */
  private static final long MOST_PART_BYTES = 64_000_000;

  private OnnxFile() {}

  static void write(Path file, ModelProto model) throws IOException {
    AtomicFile.write(
        file,
        output -> {
          OutputStream buffered = new BufferedOutputStream(output);
          model.writeTo(buffered);
          buffered.flush();
        });
  }

  /**
   * Protobuf itself limits the depth of messages, and never allocates an array of more than is
   * there; but two bytes may stand for an object.
   *
   * @param memory bytes that there are for the model
   */
  static ModelProto read(Path file, long memory) throws IOException {
    if (Files.isDirectory(file)) {
      throw new FormatException(file.toString(), "a folder, not a file");
    }
    long bytes = Files.size(file);
    if (bytes > Integer.MAX_VALUE) {
      throw new FormatException(
          file.toString(), "%d bytes are more than an ONNX file can have".formatted(bytes));
    }
    if (bytes > memory) {
      throw new FormatException(
          file.toString(),
          "%d MB are too many for the JVM's memory: give it more with -Xmx"
              .formatted(bytes / 1_000_000));
    }
    try (InputStream first = Files.newInputStream(file);
        InputStream second = Files.newInputStream(file)) {
      long parts = OnnxParts.bytes(first);
      if (parts > MOST_PART_BYTES) {
        throw new FormatException(
            file.toString(),
            "its parts and lists would take %d MB of memory besides its own, more than any network's"
                .formatted(parts / 1_000_000));
      }
      return ModelProto.parseFrom(second);
    } catch (InvalidProtocolBufferException e) {
      throw new FormatException(
          file.toString(), "no ONNX file, or cut short or damaged: " + e.getMessage());
    }
  }
}
