package io.alexnet.data.source;

import io.alexnet.data.Dataset;
import io.alexnet.data.DatasetException;
import io.alexnet.data.Split;
import io.alexnet.data.image.Image;
import io.alexnet.data.image.ImageDecoder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * CIFAR-10 (Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009): 50,000
 * images for training and 10,000 for testing, 32×32 pixels, ten classes.
 */
public final class Cifar10 {

  /** In the order of the labels, which is alphabetical. */
  public static final List<String> CLASS_NAMES =
      List.of(
          "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

  private static final String ARCHIVE = "cifar-10-binary.tar.gz";
  private static final Download DOWNLOAD =
      Download.of("https://www.cs.toronto.edu/~kriz/" + ARCHIVE)
          .sha256("c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd");

  private static final int SIDE = 32;
  private static final int PLANE = SIDE * SIDE;
  private static final int RECORD = 1 + 3 * PLANE;

  /** Images of each binary file. */
  private static final int MOST_RECORDS = 10_000;

  /** Of an image in a zip file; without compression it takes three kilobytes. */
  private static final int MOST_IMAGE_BYTES = 1 << 16;

  /** Of all images in a zip file: 60,000 without compression take less. */
  private static final long MOST_IMAGES_BYTES = 256L << 20;

  /** Of decoding one, whose header may lie about its size. */
  private static final int MOST_DECODING_BYTES = 16 << 20;

  private static final List<String> TRAIN_FILES =
      List.of(
          "data_batch_1.bin",
          "data_batch_2.bin",
          "data_batch_3.bin",
          "data_batch_4.bin",
          "data_batch_5.bin");
  private static final String TEST_FILE = "test_batch.bin";

  private Cifar10() {}

  /**
   * Training and test set from whichever form is found:
   *
   * <ul>
   *   <li>the official archive cifar-10-binary.tar.gz, or a folder with it;
   *   <li>a folder with its .bin files, or with the folder cifar-10-batches-bin that has them;
   *   <li>a .zip of images train/class/… and test/class/…, or a folder with one such .zip;
   *   <li>a folder of images train/class/… and test/class/….
   * </ul>
   *
   * @throws DatasetException if none of these is there or a file is not what it should be
   */
  public static Split in(Path path) {
    if (Files.isRegularFile(path)) {
      return path.toString().endsWith(".zip") ? ofZip(path) : ofArchive(path);
    }
    if (unpacked(path) != null) {
      return ofFolder(unpacked(path));
    }
    if (Files.isRegularFile(path.resolve(ARCHIVE))) {
      return ofArchive(path.resolve(ARCHIVE));
    }
    if (Files.isDirectory(path.resolve("train")) && Files.isDirectory(path.resolve("test"))) {
      return ImageFolder.parts(path, new ImageDecoder(), ImageFolder.Check.STRUCTURE);
    }
    return ofZip(onlyZip(path));
  }

  /**
   * Fetches the official archive (162 MB) into a folder, unless it or its .bin files are there, and
   * opens it.
   *
   * @throws DatasetException if it cannot be fetched; the message says how to do it by hand
   */
  public static Split download(Path folder) {
    boolean fetched = Files.isRegularFile(folder.resolve(ARCHIVE));
    return !fetched && unpacked(folder) != null
        ? ofFolder(unpacked(folder))
        : ofArchive(DOWNLOAD.to(folder.resolve(ARCHIVE)));
  }

  /** Where the .bin files are; null if they are not. */
  private static Path unpacked(Path path) {
    return Stream.of(path, path.resolve("cifar-10-batches-bin"))
        .filter(folder -> Files.isRegularFile(folder.resolve(TEST_FILE)))
        .findFirst()
        .orElse(null);
  }

  private static Path onlyZip(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new DatasetException(folder + ": no such file or folder");
    }
    try (Stream<Path> entries = Files.list(folder)) {
      List<Path> zips = entries.filter(file -> file.toString().endsWith(".zip")).toList();
      if (zips.size() == 1) {
        return zips.get(0);
      }
    } catch (IOException e) {
      throw new DatasetException(folder + ": cannot be listed: " + e.getMessage(), e);
    }
    throw new DatasetException(
        folder
            + ": no CIFAR-10 here: neither "
            + ARCHIVE
            + " nor its .bin files, neither a .zip nor"
            + " folders train and test of images");
  }

  private static Split ofFolder(Path folder) {
    Map<String, byte[]> files = new TreeMap<>();
    for (String name : TRAIN_FILES) {
      files.put(name, read(folder.resolve(name)));
    }
    files.put(TEST_FILE, read(folder.resolve(TEST_FILE)));
    return ofBinaries(folder, files);
  }

  private static byte[] read(Path file) {
    try (InputStream content = Files.newInputStream(file)) {
      return records(content);
    } catch (IOException e) {
      throw new DatasetException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /** A binary file's bytes, up to one more than it may have. */
  private static byte[] records(InputStream content) throws IOException {
    return content.readNBytes(MOST_RECORDS * RECORD + 1);
  }

  private static Split ofArchive(Path archive) {
    Map<String, byte[]> files = new TreeMap<>();
    Tar.read(
        archive,
        (name, content) -> {
          if (name.equals(TEST_FILE) || TRAIN_FILES.contains(name)) {
            files.put(name, records(content));
          }
        });
    return ofBinaries(archive, files);
  }

  private static Split ofBinaries(Path source, Map<String, byte[]> files) {
    return new Split(
        ofBinaries(source, files, TRAIN_FILES), ofBinaries(source, files, List.of(TEST_FILE)));
  }

  /** Records of a label and 32×32 bytes each of red, green and blue. */
  private static Dataset ofBinaries(Path source, Map<String, byte[]> files, List<String> names) {
    int count = 0;
    for (String name : names) {
      byte[] file = files.get(name);
      if (file == null) {
        throw new DatasetException(source + ": " + name + " is not in it");
      }
      if (file.length > MOST_RECORDS * RECORD) {
        throw new DatasetException(
            source + ": " + name + " has more than CIFAR-10's " + MOST_RECORDS + " images");
      }
      if (file.length == 0 || file.length % RECORD != 0) {
        throw new DatasetException(
            source + ": " + name + " has " + file.length + " bytes, not a multiple of " + RECORD);
      }
      count += file.length / RECORD;
    }
    byte[] pixels = new byte[count * 3 * PLANE];
    byte[] labels = new byte[count];
    int image = 0;
    for (String name : names) {
      byte[] file = files.get(name);
      for (int at = 0; at < file.length; at += RECORD, image++) {
        labels[image] = file[at];
        if (labels[image] < 0 || labels[image] >= CLASS_NAMES.size()) {
          throw new DatasetException(source + ": " + name + " has a label " + (file[at] & 0xFF));
        }
        for (int i = 0; i < 3 * PLANE; i++) {
          pixels[image * 3 * PLANE + i % PLANE * 3 + i / PLANE] = file[at + 1 + i];
        }
      }
    }
    return new RawImages(source.toString(), SIDE, SIDE, 3, pixels, labels, CLASS_NAMES);
  }

  private static Split ofZip(Path zip) {
    List<Compressed> train = new ArrayList<>();
    List<Compressed> test = new ArrayList<>();
    long bytes = 0;
    try (ZipFile file = new ZipFile(zip.toFile())) {
      for (ZipEntry entry :
          file.stream().sorted(Comparator.comparing(ZipEntry::getName)).toList()) {
        String[] parts = entry.getName().split("/");
        if (entry.isDirectory()
            || parts.length < 3
            || !ImageFolder.isImage(parts[parts.length - 1])) {
          continue;
        }
        String part = parts[parts.length - 3];
        int label = CLASS_NAMES.indexOf(parts[parts.length - 2]);
        if (label >= 0 && (part.equals("train") || part.equals("test"))) {
          byte[] content;
          try (InputStream input = file.getInputStream(entry)) {
            content = input.readNBytes(MOST_IMAGE_BYTES + 1);
          }
          bytes += content.length;
          if (content.length > MOST_IMAGE_BYTES || bytes > MOST_IMAGES_BYTES) {
            throw new DatasetException(
                zip + ": too large to be of CIFAR-10's images, at " + entry.getName());
          }
          (part.equals("train") ? train : test)
              .add(new Compressed(zip + "!" + entry.getName(), label, content));
        }
      }
    } catch (IOException | IllegalArgumentException e) { // the latter of names that are no UTF-8
      throw new DatasetException(zip + ": cannot be read, or damaged: " + e.getMessage(), e);
    }
    if (train.isEmpty() || test.isEmpty()) {
      throw new DatasetException(
          zip + ": holds no images named train/class/… and test/class/… with CIFAR-10's classes");
    }
    return new Split(new CompressedImages(train), new CompressedImages(test));
  }

  /** An image file in memory: 60,000 of them take 60 MB, decoded they would take 180. */
  private record Compressed(String name, int label, byte[] content) {}

  private record CompressedImages(List<Compressed> images, ImageDecoder decoder)
      implements Dataset {

    CompressedImages(List<Compressed> images) {
      this(images, new ImageDecoder().maxBytes(MOST_DECODING_BYTES));
    }

    @Override
    public int size() {
      return images.size();
    }

    @Override
    public int channels() {
      return 3;
    }

    @Override
    public List<String> classNames() {
      return CLASS_NAMES;
    }

    @Override
    public int label(int index) {
      return images.get(index).label();
    }

    @Override
    public String name(int index) {
      return images.get(index).name();
    }

    @Override
    public Image image(int index) {
      Compressed image = images.get(index);
      return decoder.decode(image.content(), image.name());
    }

    @Override
    public long heapBytes() {
      return images.stream().mapToLong(image -> image.content().length).sum();
    }
  }
}
