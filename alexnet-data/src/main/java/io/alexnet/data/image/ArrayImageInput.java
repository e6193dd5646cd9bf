package io.alexnet.data.image;

import java.io.IOException;
import javax.imageio.IIOException;
import javax.imageio.stream.ImageInputStreamImpl;

/** A file in memory, read where it is; ImageIO's own stream over one would copy it. */
final class ArrayImageInput extends ImageInputStreamImpl {

  /**
   * Some decoders ask a few times; imageio-webp's takes what is not there for zeros, and decodes
   * them without end.
   */
  private static final int MOST_READS_BEHIND_END = 1000;

  private final byte[] file;
  private int readsBehindEnd;

  ArrayImageInput(byte[] file) {
    this.file = file;
  }

  @Override
  public int read() throws IOException {
    bitOffset = 0;
    return streamPos < file.length ? file[(int) streamPos++] & 0xFF : end();
  }

  @Override
  public int read(byte[] into, int from, int length) throws IOException {
    bitOffset = 0;
    int count = (int) Math.min(length, file.length - streamPos);
    if (count <= 0) {
      return length == 0 ? 0 : end();
    }
    System.arraycopy(file, (int) streamPos, into, from, count);
    streamPos += count;
    return count;
  }

  private int end() throws IOException {
    readsBehindEnd++;
    if (readsBehindEnd > MOST_READS_BEHIND_END) {
      throw new IIOException("its data go on behind the file's end");
    }
    return -1;
  }

  @Override
  public long length() {
    return file.length;
  }
}
