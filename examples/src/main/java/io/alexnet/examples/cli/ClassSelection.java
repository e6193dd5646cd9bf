package io.alexnet.examples.cli;

import io.alexnet.data.Dataset;
import io.alexnet.data.Split;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Some of a data set's classes: what {@code --classes} says. */
final class ClassSelection {

  private static final Pattern NUMBERS = Pattern.compile("(\\d{1,6})(?:-(\\d{1,6}))?");

  private ClassSelection() {}

  /**
   * Only these classes, numbered anew in the order given.
   *
   * @param classes names, numbers from 0, or ranges of numbers, separated by commas, as in {@code
   *     0-8} or {@code daisy,rose}
   * @throws Failure if there is no such class, a name is that of several, one is given twice, or
   *     only one is left
   */
  static Split of(Split split, String classes) {
    int[] labels = labels(classes, split.train().classNames());
    try {
      return new Split(split.train().ofClasses(labels), split.validation().ofClasses(labels));
    } catch (IllegalArgumentException e) {
      throw new Failure("--classes " + classes + ": no image to train or to validate with", e);
    }
  }

  private static int[] labels(String classes, List<String> names) {
    Set<Integer> labels = new LinkedHashSet<>();
    for (String item : classes.split(",", -1)) {
      for (int label : labels(item.strip(), classes, names)) {
        if (!labels.add(label)) {
          throw new Failure("--classes %s: '%s' twice".formatted(classes, names.get(label)));
        }
      }
    }
    if (labels.size() < 2) {
      throw new Failure("--classes " + classes + ": a network needs two classes to tell apart");
    }
    return labels.stream().mapToInt(Integer::intValue).toArray();
  }

  private static List<Integer> labels(String item, String classes, List<String> names) {
    if (names.contains(item)) {
      return List.of(onlyOne(item, names, "say which by its number"));
    }
    Matcher numbers = NUMBERS.matcher(item);
    if (numbers.matches()) {
      int first = Integer.parseInt(numbers.group(1));
      int last = numbers.group(2) == null ? first : Integer.parseInt(numbers.group(2));
      requireNoName(numbers.group(1), first, classes, names);
      requireNoName(numbers.group(2), last, classes, names);
      if (first <= last && last < names.size()) {
        List<Integer> range = new ArrayList<>();
        for (int label = first; label <= last; label++) {
          range.add(label);
        }
        return range;
      }
    }
    throw new Failure(
        "--classes %s: there is no class '%s'; there are 0 to %d: %s"
            .formatted(classes, item, names.size() - 1, String.join(", ", names)));
  }

  /** Where classes are called by numbers, a range could be meant by their names. */
  private static void requireNoName(String end, int label, String classes, List<String> names) {
    int named = end == null ? label : names.indexOf(end);
    if (named >= 0 && named != label) {
      throw new Failure(
          "--classes %s: a range counts from 0, but '%s' is the name of class %d: name each class"
              .formatted(classes, end, named));
    }
  }

  /**
   * Those of a data set's images that are of these classes, labelled by this list.
   *
   * @return the data set itself if a class is not in it
   * @throws Failure if one of the names is that of several of its classes
   */
  static Dataset named(Dataset dataset, List<String> classNames) {
    List<String> names = dataset.classNames();
    return names.containsAll(classNames)
        ? dataset.ofClasses(
            classNames.stream()
                .mapToInt(name -> onlyOne(name, names, "give them different names"))
                .toArray())
        : dataset;
  }

  /** ImageNet has two classes of the name crane, a bird and a machine. */
  private static int onlyOne(String name, List<String> names, String advice) {
    int first = names.indexOf(name);
    int last = names.lastIndexOf(name);
    if (first != last) {
      throw new Failure(
          "'%s' is the name of classes %d and %d: %s".formatted(name, first, last, advice));
    }
    return first;
  }
}
