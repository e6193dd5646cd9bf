package io.alexnet.examples.chart;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.CopyOption;
import java.nio.file.Files;
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

  /**
   * @param options for the last step, the move of the whole file to its name: without any, a file
   *     that is there already stays and the picture is not written
   */
  public static void write(BufferedImage picture, Path file, CopyOption... options)
      throws IOException {
    Path part = file.resolveSibling(file.getFileName() + ".part");
    try {
      // ImageIO's own way to a stream goes by a cache file, for which it adds a shutdown hook:
      // refused while the JVM shuts down after Ctrl-C.
      try (OutputStream out = Files.newOutputStream(part);
          ImageOutputStream png = new MemoryCacheImageOutputStream(out)) {
        ImageIO.write(picture, "png", png);
      }
      Files.move(part, file, options);
    } finally {
      Files.deleteIfExists(part);
    }
  }
}
