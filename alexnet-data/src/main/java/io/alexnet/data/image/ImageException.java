package io.alexnet.data.image;

import io.alexnet.format.OneLine;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * An image that cannot be read. The message names the file and says why, in one line.
 *
 * <p>Where the disk or the network failed, and not the image, {@link #isReadFailure} says so:
 * another time it may be read.
 */
public final class ImageException extends UncheckedIOException {

  private static final long serialVersionUID = 1;

  private final String reason;
  private final boolean readFailure;

  public ImageException(String name, String reason) {
    this(name, reason, null);
  }

  public ImageException(String name, String reason, Throwable cause) {
    this(name, reason, cause, false);
  }

  private ImageException(String name, String reason, Throwable cause, boolean readFailure) {
    super(OneLine.of(name + ": " + reason), new IOException(reason, cause));
    this.reason = OneLine.of(reason);
    this.readFailure = readFailure;
  }

  /** Of reading the file, whatever is in it. */
  static ImageException ofReading(String name, IOException cause) {
    return new ImageException(name, "cannot be read: " + cause.getMessage(), cause, true);
  }

  /**
   * Whether reading the file failed, as on a broken disk or network; a file without permission to
   * read it is no such failure.
   */
  public boolean isReadFailure() {
    return readFailure;
  }

  /** Why the image cannot be read, without the file's name. */
  public String reason() {
    return reason;
  }
}
