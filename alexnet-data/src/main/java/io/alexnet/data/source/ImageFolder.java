package io.alexnet.data.source;

import io.alexnet.data.Dataset;
import io.alexnet.data.DatasetException;
import io.alexnet.data.Split;
import io.alexnet.data.image.Image;
import io.alexnet.data.image.ImageDecoder;
import io.alexnet.data.image.ImageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Images in a folder for each class, as ImageNet is laid out: {@code root/class/…/image.jpg}.
 *
 * <p>Classes are the folder names in alphabetical order. Within a class, images may lie in nested
 * folders. Hidden files and folders (with a leading dot) and files that are not named .jpg, .jpeg,
 * .png, .gif, .bmp or .webp are passed over.
 *
 * <p>When a folder is opened, every file is looked through once, by several threads: what is empty,
 * truncated, too large or no image at all is left out, with one warning that counts them. So
 * training never meets them, and the size, order and split of a dataset do not depend on when a bad
 * file is found. Opening with {@link Check#DECODE} decodes each image as well, which also finds
 * what is garbled inside; without it such a file, which is rare, ends training with an error that
 * names it.
 */
public final class ImageFolder implements Dataset {

  /** How files are looked through when a folder is opened. */
  public enum Check {
    /** Header and end of each file: the time it takes to read the files. */
    STRUCTURE,
    /** Each image is decoded: as long as a first epoch's decoding. */
    DECODE
  }

  private static final Logger log = LoggerFactory.getLogger(ImageFolder.class);
  private static final Set<String> EXTENSIONS = Set.of("jpg", "jpeg", "png", "gif", "bmp", "webp");
  private static final int REASONS_TOLD = 5;

  private final ImageDecoder decoder;
  private final List<String> classNames;
  private final List<Path> files;
  private final int[] labels;

  private ImageFolder(
      ImageDecoder decoder, List<String> classNames, List<Path> files, int[] labels) {
    this.decoder = decoder;
    this.classNames = classNames;
    this.files = files;
    this.labels = labels;
  }

  /**
   * The images of {@code root/class/…}.
   *
   * @throws DatasetException if the folder is missing, holds no class or a class without a readable
   *     image
   */
  public static ImageFolder in(Path root) {
    return in(root, new ImageDecoder(), Check.STRUCTURE);
  }

  /** As {@link #in(Path)}, with a decoder and a check of one's choice. */
  public static ImageFolder in(Path root, ImageDecoder decoder, Check check) {
    if (trainFolder(root) != null && validationFolder(root) != null) {
      throw new DatasetException(
          root + ": holds folders for training and validation, not classes; open it as a split");
    }
    return open(root, decoder, check);
  }

  /**
   * A folder in two parts: its own, if it holds {@code train} beside {@code val}, {@code
   * validation} or {@code test}; a stratified random split of its classes otherwise.
   *
   * @param trainFraction share of training in a random split
   * @throws DatasetException as for {@link #in(Path)}, or if the two parts' classes differ
   */
  public static Split split(Path root, double trainFraction, long seed) {
    Path train = trainFolder(root);
    Path validation = validationFolder(root);
    ImageDecoder decoder = new ImageDecoder();
    if (train == null || validation == null) {
      return open(root, decoder, Check.STRUCTURE).split(trainFraction, seed);
    }
    ImageFolder training = open(train, decoder, Check.STRUCTURE);
    ImageFolder validating = open(validation, decoder, Check.STRUCTURE);
    if (!training.classNames.equals(validating.classNames)) {
      throw new DatasetException(
          root
              + ": the classes in "
              + train.getFileName()
              + " and in "
              + validation.getFileName()
              + " differ: "
              + training.classNames
              + " and "
              + validating.classNames);
    }
    return new Split(training, validating);
  }

  /**
   * What a trained network is tested with: the folder {@code val}, {@code validation} or {@code
   * test} if it stands beside {@code train}; all images otherwise.
   *
   * @throws DatasetException as for {@link #in(Path)}
   */
  public static ImageFolder forTest(Path root) {
    boolean inTwoParts = trainFolder(root) != null && validationFolder(root) != null;
    return in(inTwoParts ? validationFolder(root) : root);
  }

  private static Path trainFolder(Path root) {
    return firstFolder(root, "train");
  }

  private static Path validationFolder(Path root) {
    return firstFolder(root, "val", "validation", "test");
  }

  private static Path firstFolder(Path root, String... names) {
    return Stream.of(names).map(root::resolve).filter(Files::isDirectory).findFirst().orElse(null);
  }

  private static ImageFolder open(Path root, ImageDecoder decoder, Check check) {
    if (!Files.isDirectory(root)) {
      throw new DatasetException(root + ": no such folder");
    }
    List<Path> classes = folders(root);
    if (classes.isEmpty()) {
      throw new DatasetException(
          root + ": holds no folders; expected one for each class, with images in it");
    }
    List<String> names = new ArrayList<>();
    List<Path> files = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    for (Path folder : classes) {
      List<Path> images = images(folder);
      if (images.isEmpty()) {
        throw new DatasetException(folder + ": the class folder holds no images");
      }
      images.forEach(image -> labels.add(names.size()));
      files.addAll(images);
      names.add(folder.getFileName().toString());
    }
    boolean[] readable = readable(root, files, decoder, check);
    int[] kept = IntStream.range(0, files.size()).filter(i -> readable[i]).toArray();
    ImageFolder dataset =
        new ImageFolder(
            decoder,
            List.copyOf(names),
            IntStream.of(kept).mapToObj(files::get).toList(),
            IntStream.of(kept).map(labels::get).toArray());
    for (int label = 0; label < classes.size(); label++) {
      int wanted = label;
      if (IntStream.of(dataset.labels).noneMatch(l -> l == wanted)) {
        throw new DatasetException(
            classes.get(label) + ": none of the class folder's images can be read");
      }
    }
    return dataset;
  }

  private static List<Path> folders(Path root) {
    try (Stream<Path> entries = Files.list(root)) {
      return entries.filter(Files::isDirectory).filter(ImageFolder::visible).sorted().toList();
    } catch (IOException e) {
      throw new DatasetException(root + ": cannot be listed: " + e.getMessage(), e);
    }
  }

  private static List<Path> images(Path folder) {
    try (Stream<Path> entries = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
      return entries
          .filter(Files::isRegularFile)
          .filter(file -> visibleBelow(folder, file) && isImage(file.getFileName().toString()))
          .sorted()
          .toList();
    } catch (IOException | UncheckedIOException e) {
      throw new DatasetException(folder + ": cannot be listed: " + e.getMessage(), e);
    }
  }

  private static boolean visible(Path path) {
    return !path.getFileName().toString().startsWith(".");
  }

  private static boolean visibleBelow(Path folder, Path file) {
    for (Path name : folder.relativize(file)) {
      if (!visible(name)) {
        return false;
      }
    }
    return true;
  }

  /** Whether a file of this name is taken for an image: not hidden, and with a known extension. */
  static boolean isImage(String fileName) {
    String extension = fileName.substring(fileName.lastIndexOf('.') + 1);
    return !fileName.startsWith(".") && EXTENSIONS.contains(extension.toLowerCase(Locale.ROOT));
  }

  private static boolean[] readable(
      Path root, List<Path> files, ImageDecoder decoder, Check check) {
    Consumer<Path> look = check == Check.DECODE ? decoder::decode : decoder::check;
    boolean[] readable = new boolean[files.size()];
    String[] complaints = new String[files.size()];
    IntStream.range(0, files.size())
        .parallel() // once, and with nothing else running
        .forEach(
            i -> {
              try {
                look.accept(files.get(i));
                readable[i] = true;
              } catch (ImageException e) {
                complaints[i] = e.getMessage();
              }
            });
    List<String> bad = Stream.of(complaints).filter(c -> c != null).toList();
    if (!bad.isEmpty()) {
      List<String> told = bad.subList(0, Math.min(REASONS_TOLD, bad.size()));
      log.warn(
          "{}: skipped {} of {} images that cannot be read: {}{}",
          root,
          bad.size(),
          files.size(),
          String.join("; ", told),
          told.size() < bad.size() ? "; …" : "");
    }
    return readable;
  }

  @Override
  public int size() {
    return files.size();
  }

  @Override
  public int channels() {
    return 3;
  }

  @Override
  public List<String> classNames() {
    return classNames;
  }

  @Override
  public int label(int index) {
    return labels[index];
  }

  @Override
  public String name(int index) {
    return files.get(index).toString();
  }

  @Override
  public Image image(int index) {
    return decoder.decode(files.get(index));
  }
}
