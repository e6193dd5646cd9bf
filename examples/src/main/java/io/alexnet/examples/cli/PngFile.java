package io.alexnet.examples.cli;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import javax.imageio.ImageIO;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** A picture on disk, which replaces an older one as a whole. */
final class PngFile {

  private PngFile() {}

  static void write(BufferedImage image, Path file) throws IOException {
    Path part = file.resolveSibling(file.getFileName() + ".part");
    try {
      // The usual way to a stream goes by a cache file, for which it adds a shutdown hook:
      // refused while the JVM shuts down after Ctrl-C.
      try (OutputStream out = Files.newOutputStream(part);
          ImageOutputStream png = new MemoryCacheImageOutputStream(out)) {
        ImageIO.write(image, "png", png);
      }
      Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(part);
    }
  }
}
