package io.alexnet.format;

import ai.onnx.proto.OnnxMl.ModelProto;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** One protobuf message on the disk. */
final class OnnxFile {

  private OnnxFile() {}

  /** Beside its place under a temporary name, then moved there. */
  static void write(Path file, ModelProto model) throws IOException {
    Path temporary = file.resolveSibling("." + file.getFileName() + ".tmp");
    try {
      try (FileOutputStream output = new FileOutputStream(temporary.toFile());
          OutputStream buffered = new BufferedOutputStream(output)) {
        model.writeTo(buffered);
        buffered.flush();
        output.getFD().sync();
      }
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(temporary);
      throw e;
    }
  }

  /** Protobuf itself limits the depth of messages, and never allocates more than is there. */
  static ModelProto read(Path file) throws IOException {
    long bytes = Files.size(file);
    if (bytes > Integer.MAX_VALUE) {
      throw new FormatException(
          file.toString(), "%d bytes are more than an ONNX file can have".formatted(bytes));
    }
    try (InputStream input = Files.newInputStream(file)) {
      return ModelProto.parseFrom(input);
    } catch (InvalidProtocolBufferException e) {
      throw new FormatException(
          file.toString(), "no ONNX file, or cut short or damaged: " + e.getMessage());
    }
  }
}
