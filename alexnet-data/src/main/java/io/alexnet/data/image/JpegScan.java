package io.alexnet.data.image;

import static io.alexnet.data.image.FileScan.startsWith;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import javax.imageio.IIOException;
import javax.imageio.plugins.jpeg.JPEGHuffmanTable;

/**
 * The markers of a JPEG file (ITU-T T.81, annex B).
 *
 * <p>ImageIO's reader fills what a truncated file lacks with grey and only warns; so the end is
 * looked for here. What follows it (a second picture, a gain map, rubbish) is not looked at.
 */
final class JpegScan {

  /** Encoders make about ten; thousands cost a decoder minutes and a file only kilobytes. */
  private static final int MAX_SCANS = 50;

  /** Of 64 kB each; a decoder takes more memory for a segment than an empty one has bytes. */
  private static final int MAX_SEGMENTS = 1000;

  private final ByteBuffer bytes;
  private int frame; // where SOF lies, 0 until it is found
  private int segments;
  private int scans;
  private int restarts; // of the scan under way
  private int orientation;
  private boolean adobe;

  /**
   * Where a colour profile's first segment has its number, before the data; 0 until it is found.
   */
  private int firstProfile;

  /** The same of the segment with the lowest number. */
  private int lowestProfile;

  private int bytesOfProfile;

  private JpegScan(ByteBuffer bytes) {
    this.bytes = bytes;
  }

  static FileScan of(ByteBuffer bytes) throws IIOException {
    return new JpegScan(bytes).scan();
  }

  /**
   * Whether a file has Huffman tables before its image. A frame of a Motion JPEG film has none.
   *
   * @param file which has been scanned
   */
  static boolean hasHuffmanTables(byte[] file) {
    JpegScan scan = new JpegScan(ByteBuffer.wrap(file));
    return scan.marker(scan.tablesOrScan()) == 0xC4;
  }

  /**
   * A copy of the file with the standard Huffman tables (K.3) before its image. JDK 17's decoder
   * knows them by heart, JDK 25's refuses a file without.
   *
   * @param file which has been scanned, and has none
   */
  static byte[] withHuffmanTables(byte[] file) {
    int at = new JpegScan(ByteBuffer.wrap(file)).tablesOrScan();
    ByteArrayOutputStream tables = new ByteArrayOutputStream();
    define(0x00, JPEGHuffmanTable.StdDCLuminance, tables);
    define(0x01, JPEGHuffmanTable.StdDCChrominance, tables);
    define(0x10, JPEGHuffmanTable.StdACLuminance, tables);
    define(0x11, JPEGHuffmanTable.StdACChrominance, tables);
    return ByteBuffer.allocate(file.length + 4 + tables.size())
        .put(file, 0, at)
        .putShort((short) 0xFFC4)
        .putShort((short) (2 + tables.size()))
        .put(tables.toByteArray())
        .put(file, at, file.length - at)
        .array();
  }

  /** A table as it stands in its segment (B.2.4.2). */
  private static void define(int number, JPEGHuffmanTable table, ByteArrayOutputStream to) {
    to.write(number);
    short[] lengths = Arrays.copyOf(table.getLengths(), 16);
    for (short count : lengths) {
      to.write(count);
    }
    for (short value : table.getValues()) {
      to.write(value);
    }
  }

  private FileScan scan() throws IIOException {
    int at = 2;
    int marker = marker(at);
    while (marker != 0xD9) {
      if (isSegment(marker, at)) {
        int end = endOfSegment(at);
        segment(marker, at, end);
        at = end;
      } else {
        if (scans > 0 && marker >= 0xD0 && marker <= 0xD7) {
          restart(marker - 0xD0);
        }
        at++; // coded data, a restart marker or filling
      }
      marker = marker(at);
    }
    if (frame == 0 || scans == 0) {
      throw new IIOException("a JPEG file without an image");
    }
    if (firstProfile != 0) {
      FileScan.requireProfileInFile(bytes, firstProfile + 2, bytesOfProfile);
      FileScan.requireProfileInFile(bytes, lowestProfile + 2, bytesOfProfile);
    }
    return frame().turned(Math.max(1, orientation));
  }

  /**
   * Restart markers are numbered 0 to 7 and over again, in each scan (B.2.1). One that is missing
   * puts all behind it into the wrong place, of which libjpeg passes on only that there are bytes
   * too many, as it does of cameras that fill up with them.
   */
  private void restart(int number) throws IIOException {
    if (number != restarts % 8) {
      throw new IIOException(
          "damaged inside: restart marker %d comes in place of %d".formatted(number, restarts % 8));
    }
    restarts++;
  }

  /** Where the first of them is. */
  private int tablesOrScan() {
    int at = 2;
    for (int marker = marker(at); marker != 0xC4 && marker != 0xDA; marker = marker(at)) {
      at = isSegment(marker, at) ? endOfSegment(at) : at + 1;
    }
    return at;
  }

  private int marker(int at) {
    int high = bytes.get(at);
    int low = bytes.get(at + 1) & 0xFF;
    return high == (byte) 0xFF ? low : 0;
  }

  private boolean isSegment(int marker, int at) {
    boolean alone = marker == 0xFF || marker >= 0xD0 && marker <= 0xD8;
    return marker >= 0xC0 && !alone && at + 3 < bytes.limit();
  }

  private int endOfSegment(int at) {
    return at + 2 + unsignedShort(at + 2);
  }

  private int unsignedShort(int at) {
    return bytes.getShort(at) & 0xFFFF;
  }

  private void segment(int marker, int at, int end) throws IIOException {
    segments++;
    if (segments > MAX_SEGMENTS) {
      throw new IIOException("a JPEG of more than " + MAX_SEGMENTS + " segments");
    }
    boolean otherTable = marker == 0xC4 || marker == 0xC8 || marker == 0xCC;
    if (marker <= 0xCF && !otherTable && frame == 0) {
      frame = at;
    } else if (marker == 0xDA) {
      scans++;
      restarts = 0;
      if (scans > MAX_SCANS) {
        throw new IIOException("a JPEG of more than " + MAX_SCANS + " scans, made to take long");
      }
    } else if (marker == 0xE1 && orientation == 0 && isNamed("Exif\0\0", at, end)) {
      orientation = Exif.orientation(bytes, at + 10, end);
    } else if (marker == 0xE2 && isNamed("ICC_PROFILE\0", at, end - 2)) {
      profileSegment(at + 16, end);
    } else if (marker == 0xEE && isNamed("Adobe", at, end)) {
      adobe = true;
    }
  }

  /** Whether a segment begins with a name, and has it whole. */
  private boolean isNamed(String name, int at, int end) {
    return end >= at + 4 + name.length() && startsWith(bytes, at + 4, name);
  }

  /** A profile is in several segments, numbered from 1; decoders put up with wrong numbers. */
  private void profileSegment(int number, int end) {
    bytesOfProfile += end - number - 2;
    if (firstProfile == 0) {
      firstProfile = number;
      lowestProfile = number;
    } else if ((bytes.get(number) & 0xFF) < (bytes.get(lowestProfile) & 0xFF)) {
      lowestProfile = number;
    }
  }

  /** What the frame header tells (B.2.2). */
  private FileScan frame() throws IIOException {
    int process = bytes.get(frame + 1) & 0xFF;
    switch (process) {
      case 0xC0, 0xC1, 0xC2 -> {}
      case 0xC3 -> throw new IIOException("lossless JPEG is not supported");
      case 0xC9, 0xCA, 0xCB -> throw new IIOException("JPEG in arithmetic code is not supported");
      default -> throw new IIOException("hierarchical JPEG is not supported");
    }
    int precision = bytes.get(frame + 4);
    if (precision != 8) {
      throw new IIOException("JPEG of " + precision + " bits per sample is not supported");
    }
    int components = bytes.get(frame + 9) & 0xFF;
    if (components != 1 && components != 3 && components != 4) {
      throw new IIOException("JPEG of " + components + " channels is not supported");
    }
    boolean cmyk = true;
    int samples = 0;
    int largestX = 1;
    int largestY = 1;
    for (int i = 0; i < components; i++) {
      int component = frame + 10 + 3 * i;
      int sampling = bytes.get(component + 1);
      samples += (sampling >> 4 & 15) * (sampling & 15);
      largestX = Math.max(largestX, sampling >> 4 & 15);
      largestY = Math.max(largestY, sampling & 15);
      cmyk &= bytes.get(component) == "CMYK".charAt(i);
    }
    if (components == 4 && !adobe && !cmyk) {
      throw new IIOException("JPEG of four channels that nothing says to be CMYK");
    }
    // CMYK, and RGB with a colour profile, are converted from one raster to another.
    boolean converted = components == 4 || components == 3 && firstProfile != 0;
    int decoded = converted ? components + 3 : components;
    int width = unsignedShort(frame + 7);
    int height = unsignedShort(frame + 5);
    if (process == 0xC2 || scans > 1) {
      // The coefficients of the whole image, two bytes each, stay in memory until the last scan,
      // and would have to be read again for every strip. That memory is not of Java's heap, which
      // does not know that it had better collect: hence once more as much.
      int perPixel = largestX * largestY;
      int coefficients = 2 * ((2 * samples + perPixel - 1) / perPixel);
      return FileScan.of("jpeg", width, height, coefficients + decoded, 0);
    }
    // The raster of the strip before may not have been collected yet.
    return FileScan.of("jpeg", width, height, 0, converted ? decoded + components : decoded);
  }
}
