package io.alexnet.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.internal.chartpart.IChart;

/** Charts as PNG files. */
final class PngFile {

  private PngFile() {}

  /**
   * @throws UncheckedIOException if it cannot be written; the message names it
   */
  static void write(IChart chart, Path file) {
    // As XChart writes it, ImageIO would make a cache file.
    try (OutputStream stream = Files.newOutputStream(file);
        ImageOutputStream png = new MemoryCacheImageOutputStream(stream)) {
      ImageIO.write(BitmapEncoder.getBufferedImage(chart), "png", png);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file + ": " + e, e);
    }
  }
}
