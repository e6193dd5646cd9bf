package io.alexnet.spark;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Constants of an enum as params spell them: {@code mean-image}, as on the command line. */
final class ParamValues {

  private ParamValues() {}

  static String of(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static <E extends Enum<E>> List<String> all(Class<E> type) {
    return Arrays.stream(type.getEnumConstants()).map(ParamValues::of).toList();
  }

  /** What {@link #of} gave. */
  static <E extends Enum<E>> E parse(Class<E> type, String value) {
    return Enum.valueOf(type, value.toUpperCase(Locale.ROOT).replace('-', '_'));
  }
}
