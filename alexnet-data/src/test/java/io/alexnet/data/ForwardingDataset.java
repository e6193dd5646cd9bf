package io.alexnet.data;

import io.alexnet.data.image.Image;
import java.util.List;

/** Another dataset but for what a test overrides. */
public class ForwardingDataset implements Dataset {

  private final Dataset dataset;

  public ForwardingDataset(Dataset dataset) {
    this.dataset = dataset;
  }

  @Override
  public int size() {
    return dataset.size();
  }

  @Override
  public int channels() {
    return dataset.channels();
  }

  @Override
  public List<String> classNames() {
    return dataset.classNames();
  }

  @Override
  public int label(int index) {
    return dataset.label(index);
  }

  @Override
  public String name(int index) {
    return dataset.name(index);
  }

  @Override
  public Image image(int index) {
    return dataset.image(index);
  }
}
