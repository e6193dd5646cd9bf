package io.alexnet.examples.cli;

import io.alexnet.data.Dataset;
import io.alexnet.data.image.Image;
import io.alexnet.data.image.ImageDecoder;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * Image files that the user names one by one.
 *
 * @param labels of an index; nobody says what the images show, so it is up to the command
 */
record ImageFiles(List<Path> files, int channels, List<String> classNames, IntUnaryOperator labels)
    implements Dataset {

  private static final ImageDecoder DECODER = new ImageDecoder();

  @Override
  public int size() {
    return files.size();
  }

  @Override
  public int label(int index) {
    return labels.applyAsInt(index);
  }

  @Override
  public String name(int index) {
    return files.get(index).toString();
  }

  @Override
  public Image image(int index) {
    return DECODER.decode(files.get(index)).withChannels(channels);
  }
}
