package io.alexnet.data.image;

import java.awt.Rectangle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import javax.imageio.IIOException;

/**
 * The blocks of a GIF file up to the end of its first frame (GIF89a, sections 15 to 26).
 *
 * <p>The picture is the logical screen. A frame may cover a part of it and leave the rest
 * transparent; where one reaches beyond it, the screen grows, as browsers have it.
 */
final class GifScan {

  private static final int IMAGE = 0x2C;
  private static final int EXTENSION = 0x21;

  /** Before the first frame; ImageIO's reader takes time with the square of their number. */
  private static final int MAX_BLOCKS = 5000;

  private GifScan() {}

  static FileScan of(ByteBuffer file) throws IIOException {
    ByteBuffer bytes = file.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    int screenFlags = bytes.get(10);
    int at = 13 + paletteBytes(screenFlags);
    int blocks = 0;
    while (bytes.get(at) == EXTENSION) {
      at += 2;
      for (int length = bytes.get(at) & 0xFF; length != 0; length = bytes.get(at) & 0xFF) {
        at += 1 + length;
        blocks++;
        if (blocks > MAX_BLOCKS) {
          throw new IIOException("a GIF of more than " + MAX_BLOCKS + " blocks before its image");
        }
      }
      at++;
    }
    if (bytes.get(at) != IMAGE) {
      throw new IIOException("a GIF file without an image");
    }
    Rectangle frame =
        new Rectangle(
            unsignedShort(bytes, at + 1),
            unsignedShort(bytes, at + 3),
            unsignedShort(bytes, at + 5),
            unsignedShort(bytes, at + 7));
    int frameFlags = bytes.get(at + 9);
    if (paletteBytes(screenFlags) == 0 && paletteBytes(frameFlags) == 0) {
      throw new IIOException("a GIF file without a palette, whose colours nobody knows");
    }
    at += 11 + paletteBytes(frameFlags);
    while (bytes.get(at) != 0) { // the file is truncated if it ends before
      at += 1 + (bytes.get(at) & 0xFF);
    }
    int width = Math.max(unsignedShort(bytes, 6), frame.x + frame.width);
    int height = Math.max(unsignedShort(bytes, 8), frame.y + frame.height);
    return new FileScan("gif", width, height, frame, 1, 1, 0);
  }

  private static int paletteBytes(int flags) {
    return (flags & 0x80) == 0 ? 0 : 3 << (flags & 7) + 1;
  }

  private static int unsignedShort(ByteBuffer bytes, int at) {
    return bytes.getShort(at) & 0xFFFF;
  }
}
