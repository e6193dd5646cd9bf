package io.alexnet.data.source;

import io.alexnet.data.DatasetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a file says that classes are called, as ImageNet's do: a line for each class of its
 * identifier, the folder's name, and its name for people, {@code n01440764 tench, Tinca tinca}.
 * Kaggle's archive calls the file LOC_synset_mapping.txt, Caffe's synset_words.txt.
 *
 * @param names by identifier, in the file's order
 */
record ClassNames(Path file, Map<String, String> names) {

  private static final List<String> FILE_NAMES =
      List.of("LOC_synset_mapping.txt", "synset_words.txt");

  /**
   * The names that a folder's file gives; null if it has no such file.
   *
   * @throws DatasetException if a line is of another form, or of a class that had one already
   */
  static ClassNames find(Path folder) {
    return FILE_NAMES.stream()
        .map(folder::resolve)
        .filter(Files::isRegularFile)
        .findFirst()
        .map(ClassNames::read)
        .orElse(null);
  }

  private static ClassNames read(Path file) {
    Map<String, String> names = new LinkedHashMap<>();
    for (TextLine line : TextLine.read(file)) {
      // Behind a tab, if there is one: a folder's name may have spaces.
      String[] parts = line.text().split(line.text().contains("\t") ? "\t" : " ", 2);
      if (parts.length < 2 || parts[1].isBlank()) {
        throw line.wrong("expected a class's folder and its name, not '" + line.text() + "'");
      }
      if (names.put(parts[0].strip(), parts[1].strip()) != null) {
        throw line.wrong("a second name for class " + parts[0].strip());
      }
    }
    return new ClassNames(file, names);
  }

  /** All names, line by line. */
  List<String> inOrder() {
    return List.copyOf(names.values());
  }

  /**
   * @throws DatasetException if one of the classes is not in the file
   */
  List<String> of(List<String> identifiers) {
    for (String identifier : identifiers) {
      if (!names.containsKey(identifier)) {
        throw new DatasetException(file + ": no line for class " + identifier);
      }
    }
    return identifiers.stream().map(names::get).toList();
  }
}
