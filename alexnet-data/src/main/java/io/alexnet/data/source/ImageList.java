package io.alexnet.data.source;

import io.alexnet.data.Dataset;
import io.alexnet.data.DatasetException;
import io.alexnet.data.Split;
import io.alexnet.data.image.ImageDecoder;
import io.alexnet.data.source.ImageFolder.Check;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Images that a text file lists with their classes, as Caffe's tools read them: {@code
 * n01440764/n01440764_18.JPEG 0} on a line.
 *
 * <p>The label is what stands behind the line's last tab, or behind its last space if it has no
 * tab; so paths may have spaces, and names of classes too, behind a tab. Paths are absolute or
 * begin at the list's folder. Labels are either all whole numbers from 0 on, or all names, which
 * are numbered alphabetically.
 *
 * <p>A file LOC_synset_mapping.txt or synset_words.txt beside the list names the classes, as for an
 * {@link ImageFolder}: number i is its line i, from 0; names are its identifiers. Without it
 * numbers are their classes' names and must be without gaps.
 *
 * <p>A line that is not of this form, or whose file does not exist, is an error; files that cannot
 * be read are left out with a warning, as an {@link ImageFolder} does.
 */
public final class ImageList {

  private static final String TRAIN = "train.txt";
  private static final String VALIDATION = "val.txt";

  private ImageList() {}

  /**
   * The images of one list.
   *
   * @throws DatasetException if a line is wrong, or no image of a class can be read
   */
  public static Dataset in(Path list) {
    return in(list, new ImageDecoder(), Check.STRUCTURE);
  }

  /** As {@link #in(Path)}, with a decoder and a check of one's choice. */
  public static Dataset in(Path list, ImageDecoder decoder, Check check) {
    List<Entry> entries = read(list);
    return open(list, entries, Classes.of(list, entries), decoder, check);
  }

  /** Whether a path is a folder, with a list for each part, not a list. */
  public static boolean hasParts(Path path) {
    return Files.isDirectory(path);
  }

  /**
   * The two lists of a folder, train.txt and val.txt. What classes there are, train.txt says.
   *
   * @throws DatasetException as for {@link #in(Path)}, or if one is missing
   */
  public static Split parts(Path folder, ImageDecoder decoder, Check check) {
    Path train = folder.resolve(TRAIN);
    Path validation = folder.resolve(VALIDATION);
    List<Entry> training = read(train);
    List<Entry> validating = read(validation);
    Classes classes = Classes.of(train, training);
    return new Split(
        open(train, training, classes, decoder, check),
        open(validation, validating, classes, decoder, check));
  }

  /**
   * The two lists of a folder, or one list split at random in the same proportion for each class.
   *
   * @param trainFraction share of training in a random split
   * @throws DatasetException as for {@link #in(Path)}, or if one of the folder's is missing
   */
  public static Split split(Path path, double trainFraction, long seed) {
    return hasParts(path)
        ? parts(path, new ImageDecoder(), Check.STRUCTURE)
        : in(path).split(trainFraction, seed);
  }

  /**
   * What a trained network is tested with: val.txt of a folder, or all of one list.
   *
   * @throws DatasetException as for {@link #in(Path)}, or if one of the folder's is missing
   */
  public static Dataset forTest(Path path) {
    if (!hasParts(path)) {
      return in(path);
    }
    Path train = path.resolve(TRAIN);
    Path validation = path.resolve(VALIDATION);
    Classes classes = Classes.of(train, read(train));
    return open(validation, read(validation), classes, new ImageDecoder(), Check.STRUCTURE);
  }

  private static Dataset open(
      Path list, List<Entry> entries, Classes classes, ImageDecoder decoder, Check check) {
    entries.parallelStream()
        .filter(entry -> !Files.isRegularFile(entry.file()))
        .findFirst()
        .ifPresent(
            entry -> {
              throw entry.line().wrong("no such file: " + entry.file());
            });
    return new LabelledFiles(
            decoder,
            classes.names(),
            entries.stream().map(Entry::file).toList(),
            entries.stream().mapToInt(classes::label).toArray())
        .readable(list, check);
  }

  private static List<Entry> read(Path list) {
    if (!Files.isRegularFile(list)) {
      throw new DatasetException(list + ": no such list");
    }
    return TextLine.read(list).stream().map(Entry::of).toList();
  }

  /**
   * What a line says.
   *
   * @param label as it is written
   */
  private record Entry(TextLine line, Path file, String label) {

    static Entry of(TextLine line) {
      String text = line.text();
      int tab = text.lastIndexOf('\t');
      int separator = tab < 0 ? text.lastIndexOf(' ') : tab;
      if (separator < 0) {
        throw line.wrong("expected a path and a label, not '" + text + "'");
      }
      String path = text.substring(0, separator).strip();
      try {
        Path file = line.file().resolveSibling(path);
        return new Entry(line, file, text.substring(separator + 1).strip());
      } catch (InvalidPathException e) {
        throw line.wrong("not a path: " + path);
      }
    }

    boolean isNumbered() {
      return label.matches("[+-]?\\d+");
    }
  }

  /**
   * The classes that a list's labels are of.
   *
   * @param numbers of the labels as they are written; null if they are the numbers
   */
  private record Classes(List<String> names, Map<String, Integer> numbers) {

    static Classes of(Path list, List<Entry> entries) {
      ClassNames file = ClassNames.find(list.toAbsolutePath().getParent());
      if (entries.get(0).isNumbered()) {
        return new Classes(file == null ? upTo(list, entries) : file.inOrder(), null);
      }
      List<String> labels = entries.stream().map(Entry::label).distinct().sorted().toList();
      Map<String, Integer> numbers = new HashMap<>();
      labels.forEach(label -> numbers.put(label, numbers.size()));
      return new Classes(file == null ? labels : file.of(labels), numbers);
    }

    /** The numbers from 0 to the largest label, each of which must occur. */
    private static List<String> upTo(Path list, List<Entry> entries) {
      boolean[] seen = new boolean[entries.size()];
      int largest = -1;
      for (Entry entry : entries) {
        int number = number(entry, Integer.MAX_VALUE);
        largest = Math.max(largest, number);
        if (number < seen.length) {
          seen[number] = true;
        }
      }
      for (int number = 0; number <= largest; number++) {
        if (number == seen.length || !seen[number]) {
          throw new DatasetException(
              list
                  + ": labels go up to "
                  + largest
                  + " but none is "
                  + number
                  + "; with gaps, a synset_words.txt beside the list must name all classes");
        }
      }
      return IntStream.rangeClosed(0, largest).mapToObj(Integer::toString).toList();
    }

    private static int number(Entry entry, int limit) {
      if (!entry.isNumbered()) {
        throw entry
            .line()
            .wrong("label '" + entry.label() + "' is not a number, as that of the first line is");
      }
      try {
        return Objects.checkIndex(Integer.parseInt(entry.label()), limit);
      } catch (NumberFormatException | IndexOutOfBoundsException e) {
        String range = limit < Integer.MAX_VALUE ? "from 0 to " + (limit - 1) : "0 or more";
        throw entry.line().wrong("label " + entry.label() + " must be " + range);
      }
    }

    int label(Entry entry) {
      if (numbers == null) {
        return number(entry, names.size());
      }
      Integer label = numbers.get(entry.label());
      if (label == null) {
        throw entry.line().wrong("class '" + entry.label() + "' is not in train.txt");
      }
      return label;
    }
  }
}
