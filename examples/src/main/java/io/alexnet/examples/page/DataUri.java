package io.alexnet.examples.page;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import javax.imageio.ImageIO;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Pictures as text that stands in a page itself. */
public final class DataUri {

  private DataUri() {}

  /** To the bit; for drawings, and for small photographs. */
  public static String png(BufferedImage picture) {
    return of(picture, "png");
  }

  /** A fraction of the size, with small losses; for photographs in grey or RGB. */
  public static String jpeg(BufferedImage picture) {
    return of(picture, "jpeg");
  }

  /** Of a PNG file's bytes. */
  public static String png(byte[] file) {
    return "data:image/png;base64," + Base64.getEncoder().encodeToString(file);
  }

  private static String of(BufferedImage picture, String format) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    // Not ImageIO's own way to a stream, by a cache file: refused while the JVM shuts down.
    try (ImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      if (!ImageIO.write(picture, format, out)) {
        throw new IllegalArgumentException("a picture that cannot be " + format + ": " + picture);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return "data:image/%s;base64,%s"
        .formatted(format, Base64.getEncoder().encodeToString(bytes.toByteArray()));
  }
}
