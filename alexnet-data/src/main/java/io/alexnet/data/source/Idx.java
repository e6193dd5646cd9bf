package io.alexnet.data.source;

import io.alexnet.data.Dataset;
import io.alexnet.data.DatasetException;
import io.alexnet.data.Split;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/**
 * The idx format of MNIST: a magic number that gives type and rank, the sizes, then the bytes, all
 * big-endian. Read plain or gzipped, by content and not by name.
 */
public final class Idx {

  /** Deflate makes no more than this of a byte (zlib's technical details). */
  private static final int MOST_INFLATED = 1032;

  private static final int IMAGES_MAGIC = 0x00000803; // unsigned bytes, rank 3
  private static final int LABELS_MAGIC = 0x00000801;
  private static final List<String> FILE_NAMES =
      List.of(
          "train-images-idx3-ubyte",
          "train-labels-idx1-ubyte",
          "t10k-images-idx3-ubyte",
          "t10k-labels-idx1-ubyte");

  private Idx() {}

  /**
   * A dataset of grey images, held in memory.
   *
   * @throws DatasetException if a file is missing, is not idx, is shorter or longer than it says,
   *     or a label has no name
   */
  public static Dataset of(Path images, Path labels, List<String> classNames) {
    try (DataInputStream in = open(images)) {
      int magic = in.readInt();
      if (magic != IMAGES_MAGIC) {
        throw notIdx(images, "images", IMAGES_MAGIC, magic);
      }
      int count = in.readInt();
      int height = in.readInt();
      int width = in.readInt();
      if (count < 1 || height < 1 || width < 1) {
        throw new DatasetException(
            images + ": holds " + count + " images of " + width + "×" + height + " pixels");
      }
      byte[] values = labels(labels, images, count);
      for (int i = 0; i < count; i++) {
        if ((values[i] & 0xFF) >= classNames.size()) {
          throw new DatasetException(
              labels
                  + ": label "
                  + (values[i] & 0xFF)
                  + " of image "
                  + i
                  + " is none of the "
                  + classNames.size()
                  + " classes");
        }
      }
      byte[] pixels = readExactly(in, (double) count * height * width, images);
      return new RawImages(
          images.toString(), width, height, 1, pixels, values, List.copyOf(classNames));
    } catch (EOFException e) {
      throw truncated(images, e);
    } catch (IOException e) {
      throw unreadable(images, e);
    }
  }

  /**
   * Training and test set of a folder with the four files of MNIST, each plain or with .gz after
   * its name.
   */
  static Split split(Path folder, List<String> classNames) {
    List<Path> files = FILE_NAMES.stream().map(name -> find(folder, name)).toList();
    return new Split(
        of(files.get(0), files.get(1), classNames), of(files.get(2), files.get(3), classNames));
  }

  /**
   * Fetches the four files of MNIST, gzipped, into a folder, unless they are there, gzipped or not,
   * and opens them.
   *
   * @param base their address, up to their names
   * @param sha256 of the four files, by their names with .gz
   */
  static Split download(
      Path folder, String base, Map<String, String> sha256, List<String> classNames) {
    for (String name : FILE_NAMES) {
      if (!Files.isRegularFile(folder.resolve(name))) {
        String zipped = name + ".gz";
        Download.of(base + zipped).sha256(sha256.get(zipped)).into(folder);
      }
    }
    return split(folder, classNames);
  }

  private static Path find(Path folder, String name) {
    Path plain = folder.resolve(name);
    Path zipped = folder.resolve(name + ".gz");
    if (Files.isRegularFile(plain)) {
      return plain;
    }
    if (!Files.isRegularFile(zipped)) {
      throw new DatasetException(
          folder + ": neither " + name + ".gz nor " + name + " is in this folder");
    }
    return zipped;
  }

  private static byte[] labels(Path file, Path images, int count) {
    try (DataInputStream in = open(file)) {
      int magic = in.readInt();
      if (magic != LABELS_MAGIC) {
        throw notIdx(file, "labels", LABELS_MAGIC, magic);
      }
      int labels = in.readInt();
      if (labels != count) {
        throw new DatasetException(
            images + ": holds " + count + " images, but " + file + " " + labels + " labels");
      }
      return readExactly(in, count, file);
    } catch (EOFException e) {
      throw truncated(file, e);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** The rest of a file; it grows with what is there, so a wrong size cannot exhaust memory. */
  private static byte[] readExactly(InputStream in, double size, Path file) throws IOException {
    if (size < 1 || size > Integer.MAX_VALUE - 8) {
      throw new DatasetException(file + ": says that it holds " + (long) size + " bytes of data");
    }
    if (size > MOST_INFLATED * (double) Files.size(file)) {
      throw truncated(file, null);
    }
    if (2 * size > Runtime.getRuntime().maxMemory() / 4 * 3) { // twice while it grows
      throw new DatasetException(
          file
              + ": its "
              + (long) size
              + " bytes of data are too many for the JVM's memory: give it more with -Xmx");
    }
    byte[] data = in.readNBytes((int) size);
    if (data.length < size) {
      throw truncated(file, null);
    }
    if (in.read() >= 0) {
      throw new DatasetException(
          file + ": goes on after the " + (long) size + " bytes it announces");
    }
    return data;
  }

  private static DataInputStream open(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new DatasetException(file + ": no such file");
    }
    BufferedInputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
    try {
      in.mark(2);
      boolean zipped = in.read() == 0x1F && in.read() == 0x8B;
      in.reset();
      return new DataInputStream(zipped ? new GZIPInputStream(in, 1 << 16) : in);
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  private static DatasetException notIdx(Path file, String what, int expected, int magic) {
    return new DatasetException(
        String.format(
            "%s: not an idx file of %s: it begins with %08x, not %08x",
            file, what, magic, expected));
  }

  private static DatasetException truncated(Path file, IOException cause) {
    return new DatasetException(file + ": the file is truncated", cause);
  }

  private static DatasetException unreadable(Path file, IOException cause) {
    return new DatasetException(file + ": cannot be read: " + cause.getMessage(), cause);
  }
}
