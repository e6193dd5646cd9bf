package io.alexnet.data.image;

import java.awt.Rectangle;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import javax.imageio.IIOException;

/**
 * What an image file's structure tells before a pixel is decoded: its size, whether the file goes
 * on to its format's end, how it is to be turned, and what decoding it will take.
 *
 * <p>Decoders are not asked for this. They differ in what they fill in silently, name the reason of
 * a refusal in words of their own, and some take memory for whatever a header claims. Only a folder
 * that has been scanned can also be checked without decoding it.
 *
 * @param format ImageIO's name of the format
 * @param width of the picture as stored; of an animation, the whole screen's
 * @param height of the picture as stored
 * @param frame where in the picture the first frame lies, and its size
 * @param orientation EXIF's tag 274: 1 (as stored) to 8
 * @param heldPerPixel bytes that the decoder holds for each pixel of the frame while it decodes
 * @param stripPerPixel bytes for each pixel that is asked for, in a strip of the frame; 0 if the
 *     decoder is to give the whole frame, which heldPerPixel then counts
 */
record FileScan(
    String format,
    int width,
    int height,
    Rectangle frame,
    int orientation,
    int heldPerPixel,
    int stripPerPixel) {

  /** Bytes of a colour profile's header (ICC.1, section 7.2). */
  private static final int PROFILE_HEADER = 128;

  /** How files begin that are no image of ours, and what to tell whoever has one. */
  private static final String[][] OTHERS = {
    {"II*\0", "a TIFF image"},
    {"MM\0*", "a TIFF image"},
    {"\0\0\1\0", "a Windows icon"},
    {"\0\0\0\fjP  ", "a JPEG 2000 image"},
    {"\u00FF\u004F\u00FF\u0051", "a JPEG 2000 image"},
    {"\u00FF\n", "a JPEG XL image"},
    {"\0\0\0\fJXL ", "a JPEG XL image"},
    {"8BPS", "a Photoshop file"},
    {"%PDF", "a PDF file"},
    {"<svg", "an SVG drawing"},
    {"<?xml", "an XML file, perhaps an SVG drawing"},
    {"<", "a web page"},
    {"\u001F\u008B", "a gzip file, to be unpacked first"},
    {"PK\3\4", "a zip file, to be unpacked first"},
    {"version https://git-lfs", "a pointer of Git LFS, whose file was not fetched"},
  };

  /**
   * @throws IIOException if the file is no image that can be decoded; the message is the whole
   *     reason
   */
  static FileScan of(byte[] file) throws IIOException {
    ByteBuffer bytes = ByteBuffer.wrap(file);
    try {
      if (startsWith(bytes, 0, "\u00FF\u00D8")) {
        return JpegScan.of(bytes);
      }
      if (startsWith(bytes, 0, "\u0089PNG\r\n\u001A\n")) {
        return PngScan.of(bytes);
      }
      if (startsWith(bytes, 0, "GIF8")) {
        return GifScan.of(bytes);
      }
      if (startsWith(bytes, 0, "BM")) {
        return BmpScan.of(bytes);
      }
      if (startsWith(bytes, 0, "RIFF") && startsWith(bytes, 8, "WEBP")) {
        return WebpScan.of(bytes);
      }
    } catch (IndexOutOfBoundsException e) {
      throw new IIOException("the file is truncated", e);
    }
    throw new IIOException(other(bytes));
  }

  private static String other(ByteBuffer bytes) {
    if (bytes.limit() == 0) {
      return "the file is empty";
    }
    if (startsWith(bytes, 4, "ftyp")) {
      return "a HEIC, AVIF or MP4 file; JPEG, PNG, GIF, BMP and WebP can be read";
    }
    for (String[] other : OTHERS) {
      if (startsWith(bytes, 0, other[0])) {
        return other[1] + "; JPEG, PNG, GIF, BMP and WebP can be read";
      }
    }
    return "not an image in a known format";
  }

  /** An image of one frame, as stored, whose every pixel counts. */
  static FileScan of(String format, int width, int height, int heldPerPixel, int stripPerPixel) {
    Rectangle whole = new Rectangle(width, height);
    return new FileScan(format, width, height, whole, 1, heldPerPixel, stripPerPixel);
  }

  FileScan turned(int orientation) {
    return new FileScan(format, width, height, frame, orientation, heldPerPixel, stripPerPixel);
  }

  /**
   * Decoders take as much memory for a colour profile as its first number says, if it has a whole
   * header.
   *
   * @param at where the profile begins
   * @param bytesOfProfile in the file
   */
  static void requireProfileInFile(ByteBuffer bytes, int at, long bytesOfProfile)
      throws IIOException {
    if (bytesOfProfile < PROFILE_HEADER) {
      return;
    }
    ByteBuffer bigEndian = bytes.duplicate(); // as a new one always is, and profiles are
    long length = bigEndian.getInt(at) & 0xFFFFFFFFL;
    if (length > bytes.limit()) {
      throw new IIOException("it claims a colour profile of " + length + " bytes");
    }
  }

  static boolean startsWith(ByteBuffer bytes, int at, String magic) {
    byte[] expected = magic.getBytes(StandardCharsets.ISO_8859_1);
    if (at < 0 || at > bytes.limit() - expected.length) {
      return false;
    }
    for (int i = 0; i < expected.length; i++) {
      if (bytes.get(at + i) != expected[i]) {
        return false;
      }
    }
    return true;
  }
}
