package io.alexnet.spark;

import io.alexnet.data.Dataset;
import io.alexnet.data.image.Image;
import io.alexnet.data.image.ImageDecoder;
import java.util.List;

/** One replica's rows, their compressed images in memory. */
final class RowDataset implements Dataset {

  private final List<LabelledFile> rows;
  private final List<String> classNames;
  private final ImageDecoder decoder = new ImageDecoder();

  RowDataset(List<LabelledFile> rows, List<String> classNames) {
    this.rows = List.copyOf(rows);
    this.classNames = classNames;
  }

  @Override
  public int size() {
    return rows.size();
  }

  @Override
  public int channels() {
    return 3;
  }

  @Override
  public List<String> classNames() {
    return classNames;
  }

  @Override
  public int label(int index) {
    return rows.get(index).label;
  }

  @Override
  public String name(int index) {
    return rows.get(index).name;
  }

  @Override
  public Image image(int index) {
    LabelledFile row = rows.get(index);
    return decoder.decode(row.file, row.name);
  }
}
