package io.alexnet.format;

import ai.onnx.proto.OnnxMl.ModelProto;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.io.InputStream;

/**
 * What the objects of an ONNX model will take besides the bytes that are in its file, estimated
 * before they are made: an empty node is two bytes in the file, and a hundred in memory.
 */
final class OnnxParts {

  private static final int MESSAGE_BYTES = 128;
  private static final int TEXT_BYTES = 48;
  private static final int NUMBER_BYTES = 8;
  private static final int UNKNOWN_BYTES = 64;

  /** As protobuf's parser has it. */
  private static final int DEEPEST = 100;

  private OnnxParts() {}

  /**
   * Reads a model's structure through to its end.
   *
   * @throws InvalidProtocolBufferException if it has none
   */
  static long bytes(InputStream model) throws IOException {
    return bytes(CodedInputStream.newInstance(model), ModelProto.getDescriptor(), 0);
  }

  private static long bytes(CodedInputStream input, Descriptor message, int depth)
      throws IOException {
    if (depth > DEEPEST) {
      throw new InvalidProtocolBufferException("nested more than " + DEEPEST + " deep");
    }
    long bytes = MESSAGE_BYTES;
    for (int tag; (tag = input.readTag()) != 0; ) {
      FieldDescriptor field = message.findFieldByNumber(WireFormat.getTagFieldNumber(tag));
      if (WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
        if (!input.skipField(tag)) {
          break; // the end of a group, which the parser judges
        }
        bytes += field == null ? UNKNOWN_BYTES : field.isRepeated() ? NUMBER_BYTES : 0;
        continue;
      }
      int length = input.readRawVarint32();
      if (field != null && field.getJavaType() == JavaType.MESSAGE) {
        int outer = input.pushLimit(length);
        bytes += bytes(input, field.getMessageType(), depth + 1);
        input.skipRawBytes(Math.max(0, input.getBytesUntilLimit()));
        input.popLimit(outer);
        continue;
      }
      input.skipRawBytes(length);
      if (field == null) {
        bytes += UNKNOWN_BYTES;
      } else if (field.isPackable()) {
        bytes +=
            isFixed(field) ? 0 : (long) (NUMBER_BYTES - 1) * length; // a byte for each, or more
      } else {
        bytes += TEXT_BYTES;
      }
    }
    return bytes;
  }

  private static boolean isFixed(FieldDescriptor field) {
    return field.getJavaType() == JavaType.FLOAT || field.getJavaType() == JavaType.DOUBLE;
  }
}
