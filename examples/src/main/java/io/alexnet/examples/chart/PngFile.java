package io.alexnet.examples.chart;

import io.alexnet.format.AtomicFile;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Writes pictures as PNG files that are there as a whole or not at all. */
public final class PngFile {

  private PngFile() {}

  /** Whether the file's name says that it is one. */
  public static boolean isName(Path file) {
    return file.toString().toLowerCase(Locale.ROOT).endsWith(".png");
  }

  /** Writes a picture, in place of a file that is there. */
  public static void write(BufferedImage picture, Path file) throws IOException {
    AtomicFile.write(
        file,
        output -> {
          // ImageIO's own way to a stream goes by a cache file, for which it adds a shutdown hook:
          // refused while the JVM shuts down after Ctrl-C.
          try (ImageOutputStream png = new MemoryCacheImageOutputStream(output)) {
            ImageIO.write(picture, "png", png);
          }
        });
  }
}
