package io.alexnet.spark;

import io.alexnet.format.OneLine;
import java.math.BigInteger;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.spark.ml.attribute.Attribute;
import org.apache.spark.ml.attribute.NominalAttribute;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructField;

/**
 * The classes of a training, by index.
 *
 * @param labels as {@link ImageRow#label} gives them
 * @param names the same, or those that the column's metadata has for its numbers
 * @param warning what users may not expect of the indices; null for nothing
 */
record Classes(List<String> labels, List<String> names, String warning) {

  /**
   * Those that the column's metadata tells of, as {@code StringIndexer} writes it, whether there is
   * a row of each or not; or else the labels in order, texts by their characters, numbers by their
   * value.
   *
   * @param labels that occur
   * @throws IllegalArgumentException if one is no index into the metadata's classes
   */
  static Classes of(StructField column, Set<String> labels) {
    if (!(column.dataType() instanceof NumericType)) {
      List<String> texts = labels.stream().sorted().toList();
      return new Classes(texts, texts, null);
    }
    List<String> numbers = labels.stream().sorted(Comparator.comparing(BigInteger::new)).toList();
    List<String> names = names(column);
    return names == null
        ? new Classes(numbers, numbers, warning(numbers))
        : ofIndices(numbers, names);
  }

  /** What the column's metadata calls its numbers, by index; null if it does not. */
  private static List<String> names(StructField column) {
    return column.dataType() instanceof NumericType
            && Attribute.fromStructField(column) instanceof NominalAttribute nominal
            && nominal.values().isDefined()
        ? List.of(nominal.values().get())
        : null;
  }

  /**
   * Before there are rows to look at.
   *
   * @throws IllegalArgumentException if the column's metadata has a name that none can have
   */
  static void requireNames(StructField column) {
    List<String> names = names(column);
    if (names != null) {
      for (int i = 0; i < names.size(); i++) {
        if (names.get(i).isEmpty() || OneLine.isBroken(names.get(i))) {
          throw new IllegalArgumentException(
              "labelCol: class %s in the column's metadata has no name, or one with a line break"
                  .formatted(i));
        }
      }
    }
  }

  private static Classes ofIndices(List<String> occurring, List<String> names) {
    List<String> indices = indices(names.size());
    for (String label : occurring) {
      if (!indices.contains(label)) {
        throw new IllegalArgumentException(
            "labelCol: the label %s is none of the %s classes, from 0, in the column's metadata"
                .formatted(label, names.size()));
      }
    }
    return new Classes(indices, names, null);
  }

  /** Of numbers that look like indices, and are not the ones that predictions will be. */
  private static String warning(List<String> numbers) {
    List<String> indices = indices(numbers.size());
    if (numbers.equals(indices) || numbers.get(0).startsWith("-")) {
      return null;
    }
    int first =
        IntStream.range(0, numbers.size())
            .filter(index -> !numbers.get(index).equals(indices.get(index)))
            .findFirst()
            .orElseThrow();
    return "labelCol: labels are not 0 to %s without a gap, so what is labelled %s is predicted as %s: compare predictedLabel with them, not prediction, or let StringIndexer number the classes"
        .formatted(numbers.size() - 1, numbers.get(first), indices.get(first));
  }

  private static List<String> indices(int count) {
    return IntStream.range(0, count).mapToObj(Integer::toString).toList();
  }
}
