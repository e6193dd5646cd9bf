package io.alexnet.data.image;

import java.io.IOException;
import java.io.UncheckedIOException;

/** An image that cannot be read. The message names the file and says why, in one line. */
public final class ImageException extends UncheckedIOException {

  private static final long serialVersionUID = 1;

  private final String reason;

  public ImageException(String name, String reason) {
    this(name, reason, null);
  }

  public ImageException(String name, String reason, Throwable cause) {
    super(onOneLine(name + ": " + reason), new IOException(reason, cause));
    this.reason = onOneLine(reason);
  }

  /** File names may hold line breaks, and so may what decoders say. */
  static String onOneLine(String text) {
    return text.replaceAll("[\\p{Cc}\\p{Zl}\\p{Zp}]+", " ");
  }

  /** Why the image cannot be read, without the file's name. */
  public String reason() {
    return reason;
  }
}
