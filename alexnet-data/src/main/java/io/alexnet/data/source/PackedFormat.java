package io.alexnet.data.source;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/**
 * What {@link Packer} and {@link PackedIndex} agree on; docs/packed-format.md describes all of it.
 */
final class PackedFormat {

  static final String INDEX = "index.tsv";

  /** The index's first line. */
  static final String MAGIC = "alexnet-packed\t";

  static final String VERSION = "1";

  /** Kinds of lines in the index, each of which begins with its kind and a tab. */
  static final String IMAGES = "images";

  static final String CLASS = "class";
  static final String SHARD = "shard";
  static final String IMAGE = "image";
  static final String SKIPPED = "skipped";
  static final String CHECKSUM = "crc32c";

  /** Of the index's last line, which is crc32c, a tab, eight digits and the end of the line. */
  static final int CHECKSUM_LINE_BYTES = CHECKSUM.length() + 10;

  /** Parts that a dataset may have; without, it is all one. */
  static final String TRAIN = "train";

  static final String VALIDATION = "validation";
  static final String ALL = "all";

  /** Of the files of pixels. */
  static final Pattern SHARD_NAME = Pattern.compile("(all|train|validation)-\\d+\\.npy");

  /** Bytes of a shard before its first image. */
  static final int HEADER_BYTES = 128;

  private PackedFormat() {}

  static String checksumLine(int checksum) {
    return String.format(Locale.ROOT, "%s\t%08x\n", CHECKSUM, checksum);
  }

  /**
   * A shard's first bytes, which make it a NumPy array file (.npy, version 1.0) of bytes.
   *
   * @param crop squares make an array [images][side][side][channels], others one of bytes
   * @param bytes of all its images
   */
  static byte[] header(Packer.Crop crop, int side, int channels, long bytes) {
    String shape =
        crop == Packer.Crop.CENTRE
            ? bytes / side / side / channels + ", " + side + ", " + side + ", " + channels
            : bytes + ",";
    String description = "{'descr': '|u1', 'fortran_order': False, 'shape': (" + shape + "), }";
    byte[] header = new byte[HEADER_BYTES];
    Arrays.fill(header, (byte) ' ');
    ByteBuffer.wrap(header)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put((byte) 0x93)
        .put("NUMPY".getBytes(US_ASCII))
        .put((byte) 1)
        .put((byte) 0)
        .putShort((short) (HEADER_BYTES - 10))
        .put(description.getBytes(US_ASCII))
        .put(HEADER_BYTES - 1, (byte) '\n');
    return header;
  }

  /** The CRC-32C (RFC 3720, appendix B.4) of some bytes. */
  static int checksum(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }
}
