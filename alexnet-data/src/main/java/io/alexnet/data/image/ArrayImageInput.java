package io.alexnet.data.image;

import javax.imageio.stream.ImageInputStreamImpl;

/** A file in memory, read where it is; ImageIO's own stream over one would copy it. */
final class ArrayImageInput extends ImageInputStreamImpl {

  private final byte[] file;

  ArrayImageInput(byte[] file) {
    this.file = file;
  }

  @Override
  public int read() {
    bitOffset = 0;
    return streamPos < file.length ? file[(int) streamPos++] & 0xFF : -1;
  }

  @Override
  public int read(byte[] into, int from, int length) {
    bitOffset = 0;
    int count = (int) Math.min(length, file.length - streamPos);
    if (count <= 0) {
      return length == 0 ? 0 : -1;
    }
    System.arraycopy(file, (int) streamPos, into, from, count);
    streamPos += count;
    return count;
  }

  @Override
  public long length() {
    return file.length;
  }
}
