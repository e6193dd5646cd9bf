package io.alexnet.data.source;

import io.alexnet.data.DatasetException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** Reads gzipped tar archives, as far as datasets need it: regular files with short names. */
final class Tar {

  private static final int BLOCK = 512;
  private static final int NAME_LENGTH = 100;
  private static final int SIZE_AT = 124;
  private static final int SIZE_LENGTH = 12;
  private static final int TYPE_AT = 156;

  /** Of all files together; the datasets' largest has 184 MB. */
  private static final long MOST_BYTES = 1L << 30;

  private Tar() {}

  /** What is done with a file in the archive. */
  interface Visitor {
    /**
     * @param name the last part of the file's path, so that nothing can be written elsewhere
     * @param content the file's bytes, read as far as wanted
     */
    void file(String name, InputStream content) throws IOException;
  }

  /**
   * Shows every regular file of a .tar.gz, in order.
   *
   * @throws DatasetException if the archive is truncated, none, or larger than a gigabyte
   */
  static void read(Path archive, Visitor visitor) {
    try (InputStream in =
        new GZIPInputStream(new BufferedInputStream(Files.newInputStream(archive)), 1 << 16)) {
      byte[] header = new byte[BLOCK];
      long bytes = 0;
      while (in.readNBytes(header, 0, BLOCK) == BLOCK && header[0] != 0) {
        long size = Long.parseLong(text(header, SIZE_AT, SIZE_LENGTH).trim(), 8);
        if (size < 0) {
          throw new NumberFormatException("a file of " + size + " bytes");
        }
        bytes += BLOCK + Math.min(size, MOST_BYTES);
        if (bytes > MOST_BYTES) {
          throw new DatasetException(
              archive
                  + ": unpacks to more than "
                  + (MOST_BYTES >> 20)
                  + " MB: no dataset read here");
        }
        Entry entry = new Entry(in, size);
        if (header[TYPE_AT] == '0' || header[TYPE_AT] == 0) {
          String path = text(header, 0, NAME_LENGTH);
          visitor.file(path.substring(path.lastIndexOf('/') + 1), entry);
        }
        entry.skipRest();
        in.skipNBytes((BLOCK - size % BLOCK) % BLOCK);
      }
    } catch (NumberFormatException e) {
      throw new DatasetException(archive + ": not a tar archive", e);
    } catch (IOException e) {
      throw new DatasetException(archive + ": cannot be unpacked: " + e.getMessage(), e);
    }
  }

  private static String text(byte[] header, int at, int length) {
    int end = at;
    while (end < at + length && header[end] != 0) {
      end++;
    }
    return new String(header, at, end - at, StandardCharsets.UTF_8);
  }

  /** The bytes of one file. */
  private static final class Entry extends InputStream {
    private final InputStream in;
    private long left;

    Entry(InputStream in, long size) {
      this.in = in;
      left = size;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (left == 0) {
        return -1;
      }
      int read = in.read(target, offset, (int) Math.min(length, left));
      if (read < 0) {
        throw new EOFException("the archive is truncated");
      }
      left -= read;
      return read;
    }

    void skipRest() throws IOException {
      in.skipNBytes(left);
      left = 0;
    }
  }
}
