package io.alexnet.data.image;

import io.alexnet.format.OneLine;
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
    super(OneLine.of(name + ": " + reason), new IOException(reason, cause));
    this.reason = OneLine.of(reason);
  }

  /** Why the image cannot be read, without the file's name. */
  public String reason() {
    return reason;
  }
}
