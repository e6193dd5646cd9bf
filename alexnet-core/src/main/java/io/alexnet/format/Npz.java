package io.alexnet.format;

import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * NumPy arrays by name, as {@code numpy.savez} and {@code savez_compressed} write them: a zip file
 * of {@code .npy} files ({@link Npy}), stored or deflated. Opening reads the names alone; an array
 * is read when asked for, and compared with the zip's checksum. Sizes are judged before memory is
 * taken, so that a small file cannot claim a large array. Not thread-safe.
 */
public final class Npz implements AutoCloseable {

  private static final String SUFFIX = ".npy";

  /** Deflate makes no more than this of a byte (zlib's technical details). */
  private static final long MOST_INFLATED = 1032;

  /** Each takes some hundred bytes when the file is opened. */
  private static final int MOST_ENTRIES = 100_000;

  private final Path file;
  private final ZipFile zip;
  private final Map<String, ZipEntry> entries = new LinkedHashMap<>();

  private Npz(Path file) throws IOException {
    this.file = file;
    if (!Files.isRegularFile(file)) {
      throw new FileNotFoundException(file + ": there is no such file");
    }
    try {
      zip = new ZipFile(file.toFile());
    } catch (ZipException | EOFException e) {
      throw new FormatException(file.toString(), "no .npz file, or cut short: " + e.getMessage());
    }
    try {
      list();
    } catch (IOException | RuntimeException e) {
      zip.close();
      throw e;
    }
  }

  private void list() throws FormatException {
    int count = zip.size();
    if (count > MOST_ENTRIES) {
      throw new FormatException(
          file.toString(), "of %d arrays, more than %d".formatted(count, MOST_ENTRIES));
    }
    try {
      zip.stream()
          .filter(entry -> entry.getName().endsWith(SUFFIX))
          .forEach(
              entry -> {
                String name = entry.getName();
                entries.put(name.substring(0, name.length() - SUFFIX.length()), entry);
              });
    } catch (IllegalArgumentException e) {
      throw new FormatException(file.toString(), "damaged: a name in it is no UTF-8");
    }
  }

  /**
   * @throws FormatException if the file is no zip file
   * @throws IOException if it cannot be read
   */
  public static Npz open(Path file) throws IOException {
    return new Npz(file);
  }

  /** Names of the arrays, as given to {@code numpy.savez}. */
  public Set<String> names() {
    return Collections.unmodifiableSet(entries.keySet());
  }

  /**
   * Shape of an array.
   *
   * @throws FormatException if there is no such array, or it is of a kind that is not read
   */
  public Shape shape(String name) throws IOException {
    return header(name).shape();
  }

  /**
   * NumPy's code of an array's elements: kind ({@code f}, {@code i}, {@code u} or {@code b}) and
   * bytes, as {@code f4} for float32 and {@code u1} for uint8.
   *
   * @throws FormatException as {@link #shape}
   */
  public String type(String name) throws IOException {
    return header(name).type();
  }

  /**
   * Reads an array, row-major, its elements rounded to float.
   *
   * @throws FormatException if there is no such array, it is of a kind that is not read, damaged,
   *     or too large for this JVM
   */
  public Tensor read(String name) throws IOException {
    return read(name, Npy::read);
  }

  /**
   * Reads an array of uint8, row-major, as it is.
   *
   * @throws FormatException as {@link #read}, and if it is of another type
   */
  public byte[] readBytes(String name) throws IOException {
    return read(name, Npy::readBytes);
  }

  private NpyHeader header(String name) throws IOException {
    ZipEntry entry = entry(name);
    try (DataInputStream input = new DataInputStream(zip.getInputStream(entry))) {
      return NpyHeader.read(input, title(name));
    } catch (EOFException e) {
      throw new FormatException(title(name), "cut short");
    } catch (ZipException e) {
      throw new FormatException(title(name), "damaged: " + e.getMessage());
    }
  }

  @FunctionalInterface
  private interface Reading<T> {
    T of(InputStream input, long bytes, String title) throws IOException;
  }

  private <T> T read(String name, Reading<T> reading) throws IOException {
    ZipEntry entry = entry(name);
    long packed = Math.min(entry.getCompressedSize(), Files.size(file)); // the entry only claims it
    if (entry.getSize() > MOST_INFLATED * (packed + 1)) {
      throw new FormatException(
          title(name),
          "damaged: %d bytes cannot be packed into %d".formatted(entry.getSize(), packed));
    }
    CheckedInputStream checked = new CheckedInputStream(zip.getInputStream(entry), new CRC32());
    try (InputStream input = new BufferedInputStream(checked, 1 << 16)) {
      T array = reading.of(input, entry.getSize(), title(name));
      if (input.read() >= 0) {
        throw new FormatException(title(name), "goes on behind its array");
      }
      if (checked.getChecksum().getValue() != entry.getCrc()) {
        throw new FormatException(title(name), "damaged: its checksum is another");
      }
      return array;
    } catch (EOFException | ZipException e) {
      throw new FormatException(title(name), "damaged: " + e.getMessage());
    }
  }

  private ZipEntry entry(String name) throws FormatException {
    ZipEntry entry = entries.get(name);
    if (entry == null) {
      throw new FormatException(
          file.toString(), "has no array '%s', but %s".formatted(name, entries.keySet()));
    }
    return entry;
  }

  private String title(String name) {
    return file + ", array '" + name + "'";
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }
}
