package io.alexnet.data;

import io.alexnet.data.image.Image;
import java.util.List;
import java.util.Objects;

/** Some images of another dataset. */
final class Subset implements Dataset {

  private final Dataset whole;
  private final int[] indices;

  Subset(Dataset whole, int[] indices) {
    if (indices.length == 0) {
      throw new IllegalArgumentException("a subset of no images");
    }
    for (int index : indices) {
      Objects.checkIndex(index, whole.size());
    }
    this.whole = whole;
    this.indices = indices;
  }

  @Override
  public int size() {
    return indices.length;
  }

  @Override
  public int channels() {
    return whole.channels();
  }

  @Override
  public List<String> classNames() {
    return whole.classNames();
  }

  @Override
  public int label(int index) {
    return whole.label(indices[index]);
  }

  @Override
  public String name(int index) {
    return whole.name(indices[index]);
  }

  @Override
  public Image image(int index) {
    return whole.image(indices[index]);
  }

  @Override
  public boolean readyAt(int side) {
    return whole.readyAt(side);
  }

  @Override
  public long heapBytes() {
    return whole.heapBytes();
  }

  @Override
  public Dataset whole() {
    return whole.whole();
  }
}
