package io.alexnet.data.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Set;
import javax.imageio.IIOException;

/** The header of a BMP file (Microsoft's BITMAPFILEHEADER and the headers that follow it). */
final class BmpScan {

  private static final int PLAIN = 0;
  private static final int RUNS_OF_4_BITS = 2;
  private static final int MASKED = 3;
  private static final int OS2_HEADER_BYTES = 12;

  private BmpScan() {}

  static FileScan of(ByteBuffer file) throws IIOException {
    ByteBuffer bytes = file.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    boolean os2 = bytes.getInt(14) == OS2_HEADER_BYTES;
    int width = os2 ? bytes.getShort(18) & 0xFFFF : bytes.getInt(18);
    // Rows run upwards, unless the height is negative.
    int height = os2 ? bytes.getShort(20) & 0xFFFF : Math.abs(bytes.getInt(22));
    int bits = bytes.getShort(os2 ? 24 : 28);
    int compression = os2 ? PLAIN : bytes.getInt(30);
    if (compression < PLAIN || compression > MASKED) {
      throw new IIOException("BMP with compression " + compression + " is not supported");
    }
    if (!Set.of(1, 4, 8, 16, 24, 32).contains(bits)) {
      throw new IIOException("BMP of " + bits + " bits per pixel is not supported");
    }
    boolean runs = compression > PLAIN && compression <= RUNS_OF_4_BITS;
    long rowBytes = ((long) width * bits + 31) / 32 * 4;
    long room = bytes.limit() - (bytes.getInt(10) & 0xFFFFFFFFL);
    if (width > 0 && height > 0 && !runs && rowBytes > room / height) {
      throw new IIOException(
          "the file is truncated: " + width + "×" + height + " pixels are not in it");
    }
    // ImageIO's reader errs in strips. It keeps the packed runs and the unpacked ones.
    return FileScan.of("bmp", width, height, (bits + 7) / 8 + (runs ? 2 : 0), 0);
  }
}
