package io.alexnet.data.image;

import static io.alexnet.data.image.FileScan.startsWith;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The one tag of EXIF that matters here (EXIF 2.3, 4.6; TIFF 6.0, section 2). */
final class Exif {

  private static final int ORIENTATION = 0x112;
  private static final int LONG = 4;

  private Exif() {}

  /**
   * The orientation, 1 to 8, in the first directory of the TIFF structure in [from, to); 0 if there
   * is none, or what is there makes no sense: metadata that is broken does not make the image so.
   */
  static int orientation(ByteBuffer bytes, int from, long to) {
    if (to > bytes.limit() || to - from < 8) {
      return 0;
    }
    ByteBuffer tiff = bytes.slice(from, (int) to - from);
    if (startsWith(tiff, 0, "II*\0")) {
      tiff.order(ByteOrder.LITTLE_ENDIAN);
    } else if (!startsWith(tiff, 0, "MM\0*")) {
      return 0;
    }
    int directory = tiff.getInt(4);
    if (directory < 0 || directory > tiff.limit() - 2) {
      return 0;
    }
    int entries = tiff.getShort(directory) & 0xFFFF;
    for (int i = 0; i < entries; i++) {
      int entry = directory + 2 + 12 * i;
      if (entry + 12 > tiff.limit()) {
        return 0;
      }
      if ((tiff.getShort(entry) & 0xFFFF) == ORIENTATION) {
        boolean isLong = tiff.getShort(entry + 2) == LONG;
        int value = isLong ? tiff.getInt(entry + 8) : tiff.getShort(entry + 8);
        return value >= 1 && value <= 8 ? value : 0;
      }
    }
    return 0;
  }
}
