package io.alexnet.data.source;

import io.alexnet.data.Dataset;
import io.alexnet.data.DatasetException;
import io.alexnet.data.Split;
import io.alexnet.data.image.ImageDecoder;
import java.io.File;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Images in a folder for each class, as ImageNet is laid out: {@code root/class/…/image.jpg}.
 *
 * <p>Classes are the folder names in alphabetical order, capitals first. Within a class, images may
 * lie in nested folders. Hidden files and folders (with a leading dot) and files that are not named
 * .jpg, .jpeg, .png, .gif, .bmp or .webp are passed over.
 *
 * <p>A file LOC_synset_mapping.txt or synset_words.txt in the root, with lines as {@code n01440764
 * tench, Tinca tinca}, gives the classes their names. Their order stays that of the folders; the
 * file may name more classes than there are folders.
 *
 * <p>When a folder is opened, every file is looked through once, by several threads: what is empty,
 * truncated, too large or no image at all is left out, with one warning that counts them. So
 * training never meets them, and the size, order and split of a dataset do not depend on when a bad
 * file is found. Opening with {@link Check#DECODE} decodes each image as well, which also finds
 * what is garbled inside; without it such a file, which is rare, ends training with an error that
 * names it.
 */
public final class ImageFolder {

  /** How files are looked through when a folder is opened. */
  public enum Check {
    /** Not at all: what cannot be read is found when it is decoded. */
    NONE,
    /** The structure of each file, from header to end: the time it takes to read the files. */
    STRUCTURE,
    /** Each image is decoded: as long as a first epoch's decoding. */
    DECODE
  }

  private static final String TEST = "test";

  private static final Pattern PART =
      Pattern.compile(
          "(train|training|val|valid|validation|test|testing|dev|eval|evaluation)([-_ ]?(set|data|images|\\d+))?",
          Pattern.CASE_INSENSITIVE);

  private static final Logger LOG = LoggerFactory.getLogger(ImageFolder.class);

  private static final Set<String> EXTENSIONS = Set.of("jpg", "jpeg", "png", "gif", "bmp", "webp");

  /** What Java has in the place of a byte that it cannot read. */
  private static final char UNKNOWN_CHARACTER = '\uFFFD';

  /** By characters, the same on every system: paths by themselves pass over case on Windows. */
  private static final Comparator<Path> BY_NAME =
      Comparator.comparing((Path path) -> path.toString().replace(File.separatorChar, '/'))
          .thenComparing(Comparator.naturalOrder());

  private ImageFolder() {}

  /**
   * The images of {@code root/class/…}.
   *
   * @throws DatasetException if the folder is missing, holds no class, a class without a readable
   *     image, a link to nothing, or parts of a data set (as train and val) in place of classes; if
   *     its file of class names is wrong, or the disk fails
   */
  public static Dataset in(Path root) {
    return in(root, new ImageDecoder(), Check.STRUCTURE);
  }

  /** As {@link #in(Path)}, with a decoder and a check of one's choice. */
  public static Dataset in(Path root, ImageDecoder decoder, Check check) {
    if (hasParts(root)) {
      throw new DatasetException(
          root + ": holds folders for training and validation, not classes; open it as a split");
    }
    List<String> classes = names(classFolders(root));
    requireNoParts(root, classes);
    return open(root, root, classes, decoder, check);
  }

  /** Parts under other names would be learnt to be told apart. */
  private static void requireNoParts(Path root, List<String> classes) {
    if (classes.size() > 1 && classes.stream().allMatch(name -> PART.matcher(name).matches())) {
      throw new DatasetException(
          "%s: %s look like parts of a data set, not classes: call them train and val, or open one of them"
              .formatted(root, String.join(" and ", classes)));
    }
  }

  /**
   * Whether a folder holds {@code train} beside {@code val}, {@code valid}, {@code validation} or
   * {@code test}; the first of these that is there is for validation.
   */
  public static boolean hasParts(Path root) {
    return trainFolder(root) != null && validationFolder(root) != null;
  }

  private static void requireParts(Path root) {
    if (!hasParts(root)) {
      throw new DatasetException(root + ": has no folders train and val");
    }
  }

  /**
   * The two parts of a folder that {@linkplain #hasParts has parts}.
   *
   * @throws DatasetException as for {@link #in(Path)}, or if the two parts' classes differ
   */
  public static Split parts(Path root, ImageDecoder decoder, Check check) {
    requireParts(root);
    Path train = trainFolder(root);
    Path validation = validationFolder(root);
    Set<String> training = new LinkedHashSet<>(names(classFolders(train)));
    Set<String> validating = new LinkedHashSet<>(names(classFolders(validation)));
    Stream.concat(training.stream(), validating.stream())
        .filter(name -> !training.contains(name) || !validating.contains(name))
        .findFirst()
        .ifPresent(
            name -> {
              throw onlyIn(root, name, training.contains(name) ? train : validation);
            });
    List<String> classes = List.copyOf(training);
    return new Split(
        open(root, train, classes, decoder, check),
        open(root, validation, classes, decoder, check));
  }

  /**
   * A folder in two parts: its own, if it has them; a stratified random split of its classes
   * otherwise.
   *
   * @param trainFraction share of training in a random split
   * @throws DatasetException as for {@link #in(Path)}, or if the two parts' classes differ
   */
  public static Split split(Path root, double trainFraction, long seed) {
    return hasParts(root)
        ? parts(root, new ImageDecoder(), Check.STRUCTURE)
        : in(root).split(trainFraction, seed);
  }

  /**
   * What a trained network is tested with. Of a folder that {@linkplain #hasParts has parts} it is
   * {@code test}, by which nothing was chosen, and the part for validation if there is none with
   * class folders; else all images. The classes are those of {@code train}, of which it may lack
   * some.
   *
   * @throws DatasetException as for {@link #in(Path)}, or if there are others
   */
  public static Dataset forTest(Path root) {
    if (!hasParts(root)) {
      return in(root);
    }
    if (hasTest(root)) {
      return part(root, root.resolve(TEST));
    }
    Path validation = validationFolder(root);
    if (Files.isDirectory(root.resolve(TEST)) && !validation.equals(root.resolve(TEST))) {
      LOG.warn("{}: no class folders; {} is tested with", root.resolve(TEST), validation);
    }
    return part(root, validation);
  }

  /**
   * Whether a folder that {@linkplain #hasParts has parts} has a third, {@code test} with class
   * folders, beside that for validation.
   *
   * @throws DatasetException if that cannot be listed
   */
  public static boolean hasTest(Path root) {
    Path test = firstFolder(root, TEST);
    if (test == null || test.equals(validationFolder(root))) {
      return false;
    }
    try (Stream<Path> entries = Files.list(test)) {
      return entries.anyMatch(entry -> visible(entry) && Files.isDirectory(entry));
    } catch (IOException e) {
      throw new DatasetException(test + ": cannot be listed: " + e.getMessage(), e);
    }
  }

  /**
   * The second of the {@linkplain #parts parts} without the first, whose images are not looked
   * through; classes as for {@link #forTest}.
   *
   * @throws DatasetException as for {@link #forTest}, or if there are no parts
   */
  public static Dataset validation(Path root) {
    requireParts(root);
    return part(root, validationFolder(root));
  }

  private static Dataset part(Path root, Path part) {
    List<String> classes = names(classFolders(trainFolder(root)));
    for (String name : names(classFolders(part))) {
      if (!classes.contains(name)) {
        throw onlyIn(root, name, part);
      }
    }
    return open(root, part, classes, new ImageDecoder(), Check.STRUCTURE);
  }

  private static DatasetException onlyIn(Path root, String className, Path part) {
    return new DatasetException(
        root + ": class '" + className + "' is in " + part.getFileName() + " only");
  }

  private static Path trainFolder(Path root) {
    return firstFolder(root, "train");
  }

  private static Path validationFolder(Path root) {
    return firstFolder(root, "val", "valid", "validation", TEST);
  }

  private static Path firstFolder(Path root, String... names) {
    return Stream.of(names).map(root::resolve).filter(Files::isDirectory).findFirst().orElse(null);
  }

  /**
   * @param root where the file of class names may be
   * @param images the folder of class folders: the root or one in it
   * @param classes names of class folders, in the order of the labels; some may be missing
   */
  private static Dataset open(
      Path root, Path images, List<String> classes, ImageDecoder decoder, Check check) {
    ClassNames names = ClassNames.find(root);
    List<Path> files = new ArrayList<>();
    IntStream.Builder labels = IntStream.builder();
    for (int label = 0; label < classes.size(); label++) {
      Path folder = images.resolve(classes.get(label));
      if (!Files.exists(folder)) {
        continue; // test may lack it
      }
      List<Path> found = files(folder);
      if (found.isEmpty()) {
        throw new DatasetException(folder + ": the class folder holds no images");
      }
      for (Path file : found) {
        files.add(file);
        labels.add(label);
      }
    }
    return new LabelledFiles(
            decoder, names == null ? classes : names.of(classes), files, labels.build().toArray())
        .readable(images, check);
  }

  /** In the order of the labels. */
  private static List<Path> classFolders(Path images) {
    if (!Files.isDirectory(images)) {
      throw new DatasetException(images + ": no such folder");
    }
    List<Path> folders = folders(images);
    if (folders.isEmpty()) {
      throw new DatasetException(
          images + ": holds no folders; expected one for each class, with images in it");
    }
    return folders;
  }

  /** The names of the classes. */
  private static List<String> names(List<Path> classFolders) {
    for (Path folder : classFolders) {
      if (folder.toString().indexOf(UNKNOWN_CHARACTER) >= 0) {
        throw new DatasetException(
            "%s: the class folder's name is not in %s, as Java takes file names to be: start it with LC_ALL=C.UTF-8"
                .formatted(folder, System.getProperty("sun.jnu.encoding")));
      }
    }
    return classFolders.stream().map(folder -> folder.getFileName().toString()).toList();
  }

  private static List<Path> folders(Path root) {
    try (Stream<Path> entries = Files.list(root)) {
      return entries
          .filter(ImageFolder::visible)
          .peek(ImageFolder::requireNoDeadLink)
          .filter(Files::isDirectory)
          .sorted(BY_NAME)
          .toList();
    } catch (IOException e) {
      throw new DatasetException(root + ": cannot be listed: " + e.getMessage(), e);
    }
  }

  /** It may have been a class, without which those behind it would have other numbers. */
  private static void requireNoDeadLink(Path entry) {
    if (Files.isSymbolicLink(entry) && !Files.exists(entry)) {
      throw new DatasetException(
          entry + ": a link to nothing; if it is a class, bring back the folder, else remove it");
    }
  }

  /**
   * The image files in a folder and all folders in it, sorted; passed over is what {@link
   * ImageFolder} passes over. Links to nothing are among them if they are named like images.
   *
   * @throws DatasetException if the folder cannot be listed
   */
  public static List<Path> files(Path folder) {
    List<Path> files = new ArrayList<>();
    try {
      Files.walkFileTree(
          folder,
          Set.of(FileVisitOption.FOLLOW_LINKS),
          Integer.MAX_VALUE,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path inner, BasicFileAttributes attributes) {
              return inner.equals(folder) || visible(inner)
                  ? FileVisitResult.CONTINUE
                  : FileVisitResult.SKIP_SUBTREE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              if (isImage(file.getFileName().toString())) {
                files.add(file); // a link to nothing, too: to be counted with what is unreadable
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
              if (file.equals(folder) || visible(file)) {
                throw e;
              }
              return FileVisitResult.CONTINUE; // hidden, and not to be entered either
            }
          });
    } catch (IOException e) {
      throw new DatasetException(folder + ": cannot be listed: " + e.getMessage(), e);
    }
    files.sort(BY_NAME);
    return files;
  }

  private static boolean visible(Path path) {
    return !path.getFileName().toString().startsWith(".");
  }

  /** Whether a file of this name is taken for an image: not hidden, and with a known extension. */
  static boolean isImage(String fileName) {
    String extension = fileName.substring(fileName.lastIndexOf('.') + 1);
    return !fileName.startsWith(".") && EXTENSIONS.contains(extension.toLowerCase(Locale.ROOT));
  }
}
