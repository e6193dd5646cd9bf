package io.alexnet.data.source;

import io.alexnet.data.Dataset;
import io.alexnet.data.DatasetException;
import io.alexnet.data.image.Image;
import io.alexnet.data.image.ImageDecoder;
import io.alexnet.format.AtomicFile;
import io.alexnet.format.LockFile;
import java.io.IOException;
import java.nio.channels.FileLockInterruptionException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * The Oxford 17 category flower dataset (Nilsback and Zisserman, "A Visual Vocabulary for Flower
 * Classification", CVPR 2006): 1360 photographs, image_0001.jpg to image_1360.jpg, 80 of each class
 * in the order of {@link #classNames}.
 */
public final class Flowers17 implements Dataset {

  /** 80 images of each of 17 classes. */
  public static final int IMAGES = 1360;

  private static final int IMAGES_PER_CLASS = 80;
  private static final String ARCHIVE = "17flowers.tgz";
  // The MD5 that other loaders agree on; Oxford publishes none.
  private static final Download DOWNLOAD =
      Download.of("https://www.robots.ox.ac.uk/~vgg/data/flowers/17/" + ARCHIVE)
          .md5("b59a65d8d1a99cd66944d474e1289eab");
  private static final Pattern FILE_NAME = Pattern.compile("image_\\d{4}\\.jpg");
  private static final List<String> CLASS_NAMES =
      List.of(
          "daffodil",
          "snowdrop",
          "lily of the valley",
          "bluebell",
          "crocus",
          "iris",
          "tigerlily",
          "tulip",
          "fritillary",
          "sunflower",
          "daisy",
          "coltsfoot",
          "dandelion",
          "cowslip",
          "buttercup",
          "windflower",
          "pansy");

  private final ImageDecoder decoder = new ImageDecoder();
  private final Path folder;

  private Flowers17(Path folder) {
    this.folder = folder;
  }

  /**
   * The dataset in a folder: that which the archive was unpacked to, or the {@code jpg} folder in
   * it.
   *
   * @throws DatasetException if one of the 1360 files is not there
   */
  public static Flowers17 in(Path folder) {
    Path inside = folder.resolve("jpg");
    Path images = Files.isDirectory(inside) ? inside : folder;
    long missing = missing(images);
    if (missing > 0) {
      throw new DatasetException(
          folder
              + ": "
              + missing
              + " of the 1360 files jpg/image_0001.jpg to jpg/image_1360.jpg of Oxford Flowers-17"
              + " are not there");
    }
    return new Flowers17(images);
  }

  /**
   * Fetches Oxford's archive (60 MB) into a folder, unpacks its images to {@code jpg} in it, and
   * opens them. What is there already is not fetched again.
   *
   * @throws DatasetException if it cannot be fetched, the message says how to do it by hand; or if
   *     it is not as expected
   * @throws java.io.UncheckedIOException if this thread is interrupted while another fetches or
   *     unpacks them; it is afterwards, too
   */
  public static Flowers17 download(Path folder) {
    Path images = folder.resolve("jpg");
    if (missing(images) > 0) {
      Path archive = DOWNLOAD.to(folder.resolve(ARCHIVE));
      try (LockFile alone = LockFile.await(LockFile.beside(images))) {
        if (missing(images) > 0) { // still: another may have unpacked them meanwhile
          unpack(archive, images);
        }
      } catch (FileLockInterruptionException e) {
        throw Interruption.during("waiting for another to unpack " + archive);
      } catch (IOException e) {
        throw new DatasetException(images + ": cannot be locked: " + e.getMessage(), e);
      }
    }
    return in(folder);
  }

  /** Writes the archive's images to a folder, each under its name only once it is whole. */
  static void unpack(Path archive, Path images) {
    try {
      AtomicFile.createFolder(images);
    } catch (IOException e) {
      throw new DatasetException(images + ": cannot be created: " + e.getMessage(), e);
    }
    Tar.read(
        archive,
        (name, content) -> {
          if (FILE_NAME.matcher(name).matches()) {
            AtomicFile.write(images.resolve(name), content::transferTo);
          }
        });
  }

  private static long missing(Path images) {
    return IntStream.range(0, IMAGES).filter(i -> !Files.isRegularFile(file(images, i))).count();
  }

  private static Path file(Path folder, int index) {
    return folder.resolve(String.format(Locale.ROOT, "image_%04d.jpg", index + 1));
  }

  @Override
  public int size() {
    return IMAGES;
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
    return Objects.checkIndex(index, IMAGES) / IMAGES_PER_CLASS;
  }

  @Override
  public String name(int index) {
    return file(folder, index).toString();
  }

  @Override
  public Image image(int index) {
    return decoder.decode(file(folder, index));
  }
}
