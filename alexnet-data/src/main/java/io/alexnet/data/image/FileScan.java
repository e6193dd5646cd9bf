package io.alexnet.data.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * What an image file's structure tells before a pixel is decoded: whether the file goes on to its
 * format's end, and how EXIF says it is to be turned.
 *
 * <p>ImageIO's JPEG reader fills what a truncated file lacks with grey and only warns, in words
 * that it also uses for harmless oddities; so the end is looked for here, marker by marker (ITU-T
 * T.81, annex B). Chunks of PNG and WebP give the same answer for the price of a few reads, which
 * lets a folder be checked without decoding it. Other formats are left to their decoders, which do
 * fail at a missing end.
 *
 * @param complete false if the file ends before its format's end
 * @param orientation EXIF's tag 274: 1 (as stored) to 8
 */
record FileScan(boolean complete, int orientation) {

  private static final int AS_STORED = 1;
  private static final int ORIENTATION_TAG = 0x112;

  static FileScan of(byte[] file) {
    ByteBuffer bytes = ByteBuffer.wrap(file);
    if (startsWith(bytes, 0, "\u00FF\u00D8")) {
      return ofJpeg(bytes);
    }
    if (startsWith(bytes, 0, "\u0089PNG\r\n\u001A\n")) {
      return ofPng(bytes);
    }
    if (startsWith(bytes, 0, "RIFF") && startsWith(bytes, 8, "WEBP")) {
      return ofWebp(bytes.order(ByteOrder.LITTLE_ENDIAN));
    }
    return new FileScan(true, AS_STORED);
  }

  private static FileScan ofJpeg(ByteBuffer bytes) {
    int orientation = AS_STORED;
    int at = 2;
    while (at + 1 < bytes.limit()) {
      int marker = bytes.get(at) == (byte) 0xFF ? bytes.get(at + 1) & 0xFF : 0;
      if (marker == 0xD9) {
        return new FileScan(true, orientation);
      }
      boolean segment = marker >= 0xC0 && marker != 0xFF && (marker < 0xD0 || marker > 0xD8);
      if (!segment || at + 3 >= bytes.limit()) {
        at++; // coded data, a restart marker or filling
        continue;
      }
      int length = bytes.getShort(at + 2) & 0xFFFF;
      if (marker == 0xE1 && startsWith(bytes, at + 4, "Exif\0\0")) {
        orientation = orientation(bytes, at + 10, at + 2 + length, orientation);
      }
      at += 2 + length;
    }
    return new FileScan(false, orientation);
  }

  private static FileScan ofPng(ByteBuffer bytes) {
    int orientation = AS_STORED;
    long at = 8;
    while (at + 8 <= bytes.limit()) {
      int chunk = (int) at;
      if (startsWith(bytes, chunk + 4, "IEND")) {
        return new FileScan(true, orientation);
      }
      long length = bytes.getInt(chunk) & 0xFFFFFFFFL;
      if (startsWith(bytes, chunk + 4, "eXIf")) {
        orientation = orientation(bytes, chunk + 8, chunk + 8 + length, orientation);
      }
      at += 12 + length;
    }
    return new FileScan(false, orientation);
  }

  private static FileScan ofWebp(ByteBuffer bytes) {
    int orientation = AS_STORED;
    long end = 8 + (bytes.getInt(4) & 0xFFFFFFFFL);
    long at = 12;
    while (at + 8 <= Math.min(end, bytes.limit())) {
      int chunk = (int) at;
      long length = bytes.getInt(chunk + 4) & 0xFFFFFFFFL;
      if (startsWith(bytes, chunk, "EXIF")) {
        int tiff = startsWith(bytes, chunk + 8, "Exif\0\0") ? chunk + 14 : chunk + 8;
        orientation = orientation(bytes, tiff, chunk + 8 + length, orientation);
      }
      at += 8 + length + (length & 1);
    }
    return new FileScan(end <= bytes.limit(), orientation);
  }

  /** The orientation in the first directory of a TIFF structure; {@code otherwise} without one. */
  private static int orientation(ByteBuffer bytes, int from, long to, int otherwise) {
    if (from < 0 || to > bytes.limit() || to - from < 8) {
      return otherwise;
    }
    ByteBuffer tiff = bytes.duplicate().position(from).limit((int) to).slice();
    if (startsWith(tiff, 0, "II*\0")) {
      tiff.order(ByteOrder.LITTLE_ENDIAN);
    } else if (!startsWith(tiff, 0, "MM\0*")) {
      return otherwise;
    }
    int directory = tiff.getInt(4);
    if (directory < 0 || directory > tiff.limit() - 2) {
      return otherwise;
    }
    int entries = tiff.getShort(directory) & 0xFFFF;
    for (int i = 0; i < entries; i++) {
      int entry = directory + 2 + 12 * i;
      if (entry + 12 > tiff.limit()) {
        return otherwise;
      }
      if ((tiff.getShort(entry) & 0xFFFF) == ORIENTATION_TAG) {
        int value = tiff.getShort(entry + 8);
        return value >= 1 && value <= 8 ? value : otherwise;
      }
    }
    return otherwise;
  }

  private static boolean startsWith(ByteBuffer bytes, int at, String magic) {
    byte[] expected = magic.getBytes(StandardCharsets.ISO_8859_1);
    if (at < 0 || at + expected.length > bytes.limit()) {
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
