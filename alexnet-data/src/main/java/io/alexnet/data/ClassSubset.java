package io.alexnet.data;

import io.alexnet.data.image.Image;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/** The images of some of another dataset's classes, labelled anew. */
final class ClassSubset implements Dataset {

  private final Dataset images;
  private final List<String> classNames;
  private final int[] newLabels;

  ClassSubset(Dataset whole, int[] classes) {
    newLabels = new int[whole.classNames().size()];
    Arrays.fill(newLabels, -1);
    for (int label = 0; label < classes.length; label++) {
      int old = Objects.checkIndex(classes[label], newLabels.length);
      if (newLabels[old] >= 0) {
        throw new IllegalArgumentException("class " + old + " twice in a subset");
      }
      newLabels[old] = label;
    }
    classNames = Arrays.stream(classes).mapToObj(whole.classNames()::get).toList();
    images =
        whole.subset(
            IntStream.range(0, whole.size()).filter(i -> newLabels[whole.label(i)] >= 0).toArray());
  }

  @Override
  public int size() {
    return images.size();
  }

  @Override
  public int channels() {
    return images.channels();
  }

  @Override
  public List<String> classNames() {
    return classNames;
  }

  @Override
  public int label(int index) {
    return newLabels[images.label(index)];
  }

  @Override
  public String name(int index) {
    return images.name(index);
  }

  @Override
  public Image image(int index) {
    return images.image(index);
  }

  @Override
  public boolean readyAt(int side) {
    return images.readyAt(side);
  }

  @Override
  public long heapBytes() {
    return images.heapBytes();
  }

  @Override
  public Dataset whole() {
    return images.whole();
  }
}
