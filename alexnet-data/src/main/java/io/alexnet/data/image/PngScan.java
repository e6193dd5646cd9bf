package io.alexnet.data.image;

import static io.alexnet.data.image.FileScan.startsWith;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import javax.imageio.IIOException;

/**
 * The chunks of a PNG file (PNG specification, second edition, sections 5 and 11).
 *
 * <p>Texts and profiles are passed over and never unpacked, whatever they unpack to. Checksums of
 * the chunks that make the picture are compared, which ImageIO's reader does not do.
 */
final class PngScan {

  private static final int GREY = 0;
  private static final int RGB = 2;
  private static final int PALETTE = 3;
  private static final int GREY_ALPHA = 4;
  private static final int RGB_ALPHA = 6;

  private PngScan() {}

  static FileScan of(ByteBuffer bytes) throws IIOException {
    if (!startsWith(bytes, 12, "IHDR")) {
      throw new IIOException(
          bytes.limit() < 33 ? "the file is truncated" : "a PNG file without its header");
    }
    int depth = bytes.get(24);
    int type = bytes.get(25);
    int orientation = 0;
    boolean palette = false;
    boolean image = false;
    boolean keyed = false;
    int at = 8;
    String name = "";
    while (!name.equals("IEND")) {
      int length = bytes.getInt(at);
      byte[] letters = new byte[4];
      bytes.get(at + 4, letters);
      name = new String(letters, StandardCharsets.ISO_8859_1);
      int data = at + 8;
      if (length < 0 || length > bytes.limit() - data - 4) {
        throw new IIOException("the file is truncated");
      }
      boolean critical = (letters[0] & 0x20) == 0;
      if (critical && bytes.getInt(data + length) != checksum(bytes, at + 4, length + 4)) {
        throw new IIOException("a wrong checksum in the PNG's " + name + ": the file is damaged");
      }
      switch (name) {
        case "PLTE" -> palette = length > 0 && length <= 768 && length % 3 == 0;
        case "IDAT" -> image = true;
        case "eXIf" -> {
          if (orientation == 0) {
            orientation = Exif.orientation(bytes, data, data + length);
          }
        }
        case "tRNS" -> {
          keyed = true;
          if (type >= GREY_ALPHA || type == PALETTE && !palette) {
            throw new IIOException("a PNG file with a tRNS chunk where none may be");
          }
        }
        default -> {}
      }
      at = data + length + 4;
    }
    if (type == PALETTE && !palette) {
      throw new IIOException("a PNG file without the palette that its pixels point into");
    }
    if (!image) {
      throw new IIOException("a PNG file without an image");
    }
    int samples =
        switch (type) {
          case GREY -> keyed ? 2 : 1;
          case RGB -> keyed ? 4 : 3;
          case PALETTE -> 1;
          case GREY_ALPHA -> 2;
          case RGB_ALPHA -> 4;
          default -> throw new IIOException("a PNG file of colour type " + type);
        };
    int width = bytes.getInt(16);
    int height = bytes.getInt(20);
    // Strips of 16-bit samples would be small, and many: each unpacks the file from its start.
    FileScan scan =
        depth == 16
            ? FileScan.of("png", width, height, 2 * samples, 0)
            : FileScan.of("png", width, height, 0, samples);
    return scan.turned(Math.max(1, orientation));
  }

  private static int checksum(ByteBuffer bytes, int from, int length) {
    CRC32 crc = new CRC32();
    crc.update(bytes.array(), from, length);
    return (int) crc.getValue();
  }
}
