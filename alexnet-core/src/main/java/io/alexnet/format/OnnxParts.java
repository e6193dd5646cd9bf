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

  /** Kept by its number, in a map of lists. */
  private static final int UNKNOWN_BYTES = 200;

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
      int type = WireFormat.getTagWireType(tag);
      if (type == WireFormat.WIRETYPE_START_GROUP || type == WireFormat.WIRETYPE_END_GROUP) {
        throw new InvalidProtocolBufferException("groups, which no ONNX file has");
      }
      FieldDescriptor field = message.findFieldByNumber(WireFormat.getTagFieldNumber(tag));
      boolean packed = type == WireFormat.WIRETYPE_LENGTH_DELIMITED;
      boolean known =
          field != null
              && (field.getLiteType().getWireType() == type || packed && field.isPackable());
      if (!known) {
        input.skipField(tag);
        bytes += UNKNOWN_BYTES;
      } else if (!packed) {
        input.skipField(tag);
        bytes += field.isRepeated() ? NUMBER_BYTES : 0;
      } else if (field.getJavaType() == JavaType.MESSAGE) {
        int outer = input.pushLimit(input.readRawVarint32());
        bytes += bytes(input, field.getMessageType(), depth + 1);
        input.popLimit(outer);
      } else {
        int length = input.readRawVarint32();
        input.skipRawBytes(length);
        bytes += field.isPackable() ? length * unpacked(field) : TEXT_BYTES;
      }
    }
    return bytes;
  }

  /** What a packed list takes more than in the file, where a whole number may have one byte. */
  private static long unpacked(FieldDescriptor numbers) {
    return switch (numbers.getJavaType()) {
      case FLOAT, DOUBLE -> 0;
      case INT -> Integer.BYTES - 1;
      default -> Long.BYTES - 1;
    };
  }
}
