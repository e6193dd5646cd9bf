package io.alexnet.data.source;

import io.alexnet.data.Dataset;
import io.alexnet.data.image.Image;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Images of one size, undecoded in memory as one array.
 *
 * @param source the file they are from
 * @param pixels [image][height][width][channels]
 * @param labels one byte for each image
 */
record RawImages(
    String source,
    int width,
    int height,
    int channels,
    byte[] pixels,
    byte[] labels,
    List<String> classNames)
    implements Dataset {

  @Override
  public int size() {
    return labels.length;
  }

  @Override
  public int label(int index) {
    return labels[index] & 0xFF;
  }

  @Override
  public String name(int index) {
    return source + ", image " + index;
  }

  @Override
  public Image image(int index) {
    int size = width * height * channels;
    int from = Objects.checkIndex(index, size()) * size;
    byte[] copy = Arrays.copyOfRange(pixels, from, from + size);
    return new Image(width, height, channels, copy);
  }

  @Override
  public boolean readyAt(int side) {
    return side == Math.min(width, height);
  }

  @Override
  public long heapBytes() {
    return pixels.length;
  }
}
