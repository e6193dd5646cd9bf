package io.alexnet.data.image;

import static io.alexnet.data.image.FileScan.startsWith;

import java.awt.Rectangle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import javax.imageio.IIOException;

/**
 * The chunks of a WebP file (WebP container specification; RFC 6386, 9.1, for the size in VP8 and
 * the lossless bitstream specification, 3, for that in VP8L).
 */
final class WebpScan {

  /** A frame of four bytes, another to unpack it into, and the modes of VP8's blocks. */
  private static final int HELD_PER_PIXEL = 9;

  private WebpScan() {}

  static FileScan of(ByteBuffer file) throws IIOException {
    ByteBuffer bytes = file.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    long end = 8 + (bytes.getInt(4) & 0xFFFFFFFFL);
    if (end > bytes.limit()) {
      throw new IIOException("the file is truncated");
    }
    Rectangle canvas = null; // of an extended file
    Rectangle frame = null; // of an animation
    Rectangle image = null;
    int orientation = 0;
    int at = 12;
    while (at + 8 <= end) {
      long length = bytes.getInt(at + 4) & 0xFFFFFFFFL;
      int data = at + 8;
      if (data + length > end) {
        throw new IIOException("the file is truncated");
      }
      long next = data + length + (length & 1);
      if (startsWith(bytes, at, "VP8X")) {
        canvas = new Rectangle(1 + int24(bytes, data + 4), 1 + int24(bytes, data + 7));
      } else if (startsWith(bytes, at, "ANMF") && frame == null) {
        frame =
            new Rectangle(
                2 * int24(bytes, data),
                2 * int24(bytes, data + 3),
                1 + int24(bytes, data + 6),
                1 + int24(bytes, data + 9));
        next = data + 16L; // the chunks of the frame lie within its own
      } else if (startsWith(bytes, at, "VP8 ") && image == null) {
        image = new Rectangle(bytes.getShort(data + 6) & 0x3FFF, bytes.getShort(data + 8) & 0x3FFF);
      } else if (startsWith(bytes, at, "VP8L") && image == null) {
        int sizes = bytes.getInt(data + 1);
        image = new Rectangle(1 + (sizes & 0x3FFF), 1 + (sizes >>> 14 & 0x3FFF));
      } else if (startsWith(bytes, at, "ALPH") && image == null && (bytes.get(data) & 3) == 0) {
        throw new IIOException("WebP whose alpha channel is not compressed is not supported");
      } else if (startsWith(bytes, at, "ICCP")) {
        FileScan.requireProfileInFile(bytes, data, length);
      } else if (startsWith(bytes, at, "EXIF") && orientation == 0) {
        int tiff = startsWith(bytes, data, "Exif\0\0") ? data + 6 : data;
        orientation = Exif.orientation(bytes, tiff, data + length);
      }
      at = (int) Math.min(next, end);
    }
    if (image == null) {
      throw new IIOException("a WebP file without an image");
    }
    Rectangle picture = canvas != null ? canvas : image;
    Rectangle placed = frame != null ? frame : picture;
    if (!placed.getSize().equals(image.getSize()) || !picture.contains(placed)) {
      throw new IIOException("a WebP file whose sizes contradict each other");
    }
    return new FileScan(
        "webp", picture.width, picture.height, placed, Math.max(1, orientation), HELD_PER_PIXEL, 0);
  }

  private static int int24(ByteBuffer bytes, int at) {
    return bytes.getShort(at) & 0xFFFF | (bytes.get(at + 2) & 0xFF) << 16;
  }
}
