package io.alexnet.examples.cli;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** What the user may have meant by a name that there is not. */
final class Nearest {

  private Nearest() {}

  /** One line that names all there are and the nearest. */
  static String complaint(String text, Collection<String> names) {
    return String.format(
        "'%s' is none of %s; did you mean %s?", text, String.join(", ", names), to(text, names));
  }

  /** As {@link #complaint}, of forms as in {@code step:EPOCHS}, by what is before the colon. */
  static String complaintOfForm(String text, List<String> forms) {
    List<String> names = forms.stream().map(form -> form.split(":")[0]).toList();
    String nearest = forms.get(names.indexOf(to(text.split(":", -1)[0], names)));
    return String.format(
        "'%s' is none of %s; did you mean %s?", text, String.join(", ", forms), nearest);
  }

  /** The name that the fewest typing errors turn into the text; of several the first. */
  static String to(String text, Collection<String> names) {
    return names.stream()
        .min(Comparator.comparingInt(name -> edits(name, text.toLowerCase(Locale.ROOT))))
        .orElseThrow();
  }

  /** Levenshtein's distance. */
  static int edits(String a, String b) {
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
