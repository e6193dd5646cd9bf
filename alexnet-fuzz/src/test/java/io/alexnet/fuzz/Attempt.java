package io.alexnet.fuzz;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Files in the place of a reader's sound one. Each must be read or refused as the reader's
 * documentation says, soon, and without much memory. Used by one thread.
 */
final class Attempt implements AutoCloseable {

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** All that reading may allocate, whether it is collected meanwhile or not. */
  private static final long MOST_BYTES = 64 << 20;

  /** What reading may allocate besides for each byte of the file. */
  private static final int BYTES_PER_BYTE = 8;

  private static final long MOST_NANOS = 20_000_000_000L;
  private static final int LONGEST_MESSAGE = 2000;
  private static final Pattern CONTROL = Pattern.compile("[\\p{Cc}\\p{Zl}\\p{Zp}]");

  private final Reader reader;
  private final Path folder;
  private final Path file;
  private final byte[] sound;

  /** What the file was refused with; null if it was read. */
  private Throwable thrown;

  /** In a folder of its own. */
  Attempt(Reader reader) throws IOException {
    this(reader, prepared(reader));
  }

  /** In a folder that the reader has prepared, and that goes when this is closed. */
  Attempt(Reader reader, Path folder) throws IOException {
    this.reader = reader;
    this.folder = folder;
    file = folder.resolve(reader.fileName);
    sound = Files.readAllBytes(file);
  }

  private static Path prepared(Reader reader) throws IOException {
    Path folder = Files.createTempDirectory("fuzz");
    reader.prepare(folder);
    return folder;
  }

  /** The file that the reader reads without complaint, {@linkplain Reader#repaired repaired}. */
  byte[] sound() {
    return sound;
  }

  /** The sound file, and what a repair makes of it if that is another: the same, gzipped. */
  List<byte[]> soundForms() throws IOException {
    byte[] repaired = reader.repaired(sound);
    return Arrays.equals(sound, repaired) ? List.of(sound) : List.of(sound, repaired);
  }

  /**
   * Has the file read, and once more {@linkplain Reader#repaired repaired}.
   *
   * @return whether it was read, in either form
   * @throws AssertionError if the reader does not keep its promise
   */
  boolean on(byte[] bytes) throws IOException {
    boolean read = once(bytes);
    byte[] repaired = reader.repaired(bytes);
    return repaired == bytes ? read : once(repaired) | read;
  }

  /**
   * The same; a file that the reader fails at stays in {@code target/failed}.
   *
   * @param how the file came about, for the message
   */
  void on(byte[] bytes, String how) throws IOException {
    try {
      on(bytes);
    } catch (AssertionError e) {
      Path failed = Path.of("target", "failed", reader.folderName());
      Path kept = Files.createDirectories(failed).resolve(file.getFileName());
      Files.write(kept, bytes);
      throw new AssertionError(how + ", kept as " + kept + ": " + e.getMessage(), e);
    }
  }

  /**
   * Has the file read as it is.
   *
   * @return whether it was read
   * @throws AssertionError if the reader does not keep its promise
   */
  boolean once(byte[] bytes) throws IOException {
    Files.write(file, bytes);
    long most = MOST_BYTES + (long) BYTES_PER_BYTE * bytes.length;
    if (measured() > most) {
      long allocated = measured(); // the first time has loaded classes, which is no file's fault
      if (allocated > most) {
        throw new AssertionError(
            "%s allocated %d bytes for a file of %d".formatted(reader, allocated, bytes.length),
            thrown);
      }
    }
    return thrown == null;
  }

  /** Reads the file and gives the bytes that were allocated meanwhile. */
  private long measured() {
    long allocated = THREADS.getCurrentThreadAllocatedBytes();
    long began = System.nanoTime();
    thrown = null;
    try {
      reader.read(folder);
    } catch (Throwable e) {
      thrown = e;
    }
    long nanos = System.nanoTime() - began;
    allocated = THREADS.getCurrentThreadAllocatedBytes() - allocated;
    if (thrown != null) {
      requireRefusal();
    }
    if (nanos > MOST_NANOS) {
      throw new AssertionError("%s took %d ms".formatted(reader, nanos / 1_000_000), thrown);
    }
    return allocated;
  }

  /** An error of the kind that is documented, on one line, that names the file. */
  private void requireRefusal() {
    String message = thrown.getMessage();
    if (!reader.refusesWith(thrown)) {
      throw new AssertionError(reader + " threw " + thrown, thrown);
    }
    if (message == null || !message.contains(folder.toString())) {
      throw new AssertionError(reader + " does not name the file: " + message, thrown);
    }
    if (message.length() > LONGEST_MESSAGE || CONTROL.matcher(message).find()) {
      throw new AssertionError(reader + " does not complain in one line: " + message, thrown);
    }
  }

  /** What the last file was refused with; null if it was read. */
  String refusal() {
    return thrown == null ? null : thrown.getMessage();
  }

  @Override
  public void close() throws IOException {
    Temporary.delete(folder);
  }
}
