package io.alexnet.examples.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
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
    List<String> labels = Arrays.stream(constants).map(Choice::label).toList();
    throw new TypeConversionException(Nearest.complaint(text, labels));
  }
}
