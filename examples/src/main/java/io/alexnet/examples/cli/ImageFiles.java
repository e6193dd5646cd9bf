package io.alexnet.examples.cli;

import io.alexnet.data.Dataset;
import io.alexnet.data.image.Image;
import io.alexnet.data.image.ImageDecoder;
import java.nio.file.Path;
import java.util.List;

/** Image files of which nobody says what they show: all have label 0. */
final class ImageFiles implements Dataset {

  private final List<Path> files;
  private final RunConfiguration run;
  private final ImageDecoder decoder = new ImageDecoder();

  ImageFiles(List<Path> files, RunConfiguration run) {
    this.files = files;
    this.run = run;
  }

  @Override
  public int size() {
    return files.size();
  }

  @Override
  public int channels() {
    return run.channels();
  }

  @Override
  public List<String> classNames() {
    return run.classNames();
  }

  @Override
  public int label(int index) {
    return 0;
  }

  @Override
  public String name(int index) {
    return files.get(index).toString();
  }

  @Override
  public Image image(int index) {
    return decoder.decode(files.get(index)).withChannels(run.channels());
  }
}
