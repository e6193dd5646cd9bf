package io.alexnet.peers;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** The table of a comparison, as text or as Markdown. */
final class Report {

  private static final List<String> HEADINGS =
      List.of(
          "engine",
          "images/s",
          "min–max",
          "ours ÷ it",
          "peak memory, MB",
          "first step, s",
          "step, ms",
          "first loss");

  private Report() {}

  /**
   * @param measurements this library's first
   * @throws Failure if one of them cannot be compared with the others
   */
  static String of(List<Measurement> measurements, boolean markdown) {
    measurements.stream()
        .map(Measurement::objection)
        .filter(Objects::nonNull)
        .findFirst()
        .ifPresent(
            reason -> {
              throw new Failure("no comparison: " + reason);
            });
    double ours = measurements.get(0).imagesPerSecond();
    List<List<String>> rows = new ArrayList<>();
    rows.add(HEADINGS);
    for (Measurement m : measurements) {
      rows.add(
          List.of(
              m.name(),
              number("%.1f", m.imagesPerSecond()),
              number("%.1f", m.slowest()) + "–" + number("%.1f", m.fastest()),
              number("%.2f", ours / m.imagesPerSecond()),
              number("%.0f", m.peakKilobytes() / 1e3),
              number("%.2f", m.coldSeconds()),
              number("%.1f", 1e3 * m.secondsPerStep()),
              number("%.3f", m.firstLoss())));
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < rows.size(); i++) {
      if (markdown) {
        text.append("| ").append(String.join(" | ", rows.get(i))).append(" |\n");
        if (i == 0) {
          text.append("|---".repeat(HEADINGS.size())).append("|\n");
        }
      } else {
        List<String> row = rows.get(i);
        text.append("%-24s".formatted(row.get(0)));
        row.stream().skip(1).forEach(cell -> text.append(" %16s".formatted(cell)));
        text.append('\n');
      }
    }
    text.append('\n');
    for (Measurement m : measurements) {
      text.append(m.name()).append(": ").append(m.version());
      if (m.idleCores() > 0.05) {
        text.append(number("; idle, it kept %.2f cores from the others", m.idleCores()));
      }
      text.append(markdown ? "  \n" : "\n");
    }
    return text.toString();
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
