package io.alexnet.examples.cli;

import io.alexnet.data.image.Image;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** Image files for tests. */
final class Images {

  private Images() {}

  static Path png(Path file, Image image) throws IOException {
    return write(file, image, "png");
  }

  static Path jpeg(Path file, Image image) throws IOException {
    return write(file, image, "jpeg");
  }

  private static Path write(Path file, Image image, String format) throws IOException {
    BufferedImage buffered =
        new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        buffered.setRGB(
            x, y, image.sample(x, y, 0) << 16 | image.sample(x, y, 1) << 8 | image.sample(x, y, 2));
      }
    }
    ImageIO.write(buffered, format, file.toFile());
    return file;
  }
}
