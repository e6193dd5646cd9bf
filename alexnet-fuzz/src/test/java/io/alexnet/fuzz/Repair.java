package io.alexnet.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/** Checksums made right again, as whoever means harm would make them. */
final class Repair {

  private Repair() {}

  /** That of everything in the file, which the library's own files have. */
  static byte[] safetensors(byte[] file) {
    byte[] start = "{\"__metadata__\":{\"crc32c\":\"".getBytes(StandardCharsets.US_ASCII);
    int at = Long.BYTES + start.length;
    if (file.length < at + 8 || !Arrays.equals(file, Long.BYTES, at, start, 0, start.length)) {
      return file;
    }
    byte[] repaired = file.clone();
    Arrays.fill(repaired, at, at + 8, (byte) '0');
    CRC32C crc = new CRC32C();
    crc.update(repaired, Long.BYTES, file.length - Long.BYTES);
    byte[] digits = "%08x".formatted(crc.getValue()).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(digits, 0, repaired, at, 8);
    return repaired;
  }

  /** That of the lines before the last. */
  static byte[] packedIndex(byte[] file) {
    int lines = file.length - "crc32c\t00000000\n".length();
    if (lines < 0) {
      return file;
    }
    CRC32C crc = new CRC32C();
    crc.update(file, 0, lines);
    byte[] repaired = Arrays.copyOf(file, file.length);
    byte[] last = "crc32c\t%08x\n".formatted(crc.getValue()).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(last, 0, repaired, lines, last.length);
    return repaired;
  }

  /** Those of all chunks. */
  static byte[] png(byte[] file) {
    byte[] repaired = file.clone();
    ByteBuffer bytes = ByteBuffer.wrap(repaired).order(ByteOrder.BIG_ENDIAN);
    long at = 8;
    while (at + 12 <= file.length) {
      long length = bytes.getInt((int) at) & 0xFFFFFFFFL;
      if (at + 12 + length > file.length) {
        break;
      }
      CRC32 crc = new CRC32();
      crc.update(repaired, (int) at + 4, (int) length + 4);
      bytes.putInt((int) (at + 8 + length), (int) crc.getValue());
      at += 12 + length;
    }
    return repaired;
  }
}
