package io.alexnet.examples.cli;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** An option's value that is one of an enum's constants, typed as in {@code leaky-relu}. */
record Choice<E extends Enum<E>>(Class<E> type) implements ITypeConverter<E> {

  /** What the user types for the constant. */
  static String label(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * @throws TypeConversionException if there is no such constant; the message names the nearest
   */
  @Override
  public E convert(String text) {
    E[] constants = type.getEnumConstants();
    for (E constant : constants) {
      if (label(constant).equalsIgnoreCase(text)) {
        return constant;
      }
    }
    E nearest =
        Arrays.stream(constants)
            .min(Comparator.comparing(c -> edits(label(c), text)))
            .orElseThrow();
    throw new TypeConversionException(
        String.format(
            "'%s' is none of %s; did you mean %s?",
            text,
            Arrays.stream(constants).map(Choice::label).collect(Collectors.joining(", ")),
            label(nearest)));
  }

  /** Levenshtein's distance. */
  private static int edits(String a, String b) {
    int[] row = new int[b.length() + 1];
    Arrays.setAll(row, i -> i);
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
