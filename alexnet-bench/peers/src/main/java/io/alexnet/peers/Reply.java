package io.alexnet.peers;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * A line from an engine's process.
 *
 * @param seconds of each step, none in the reply that the engine is ready
 */
record Reply(long parameters, String version, double loss, long peakKilobytes, double[] seconds) {

  static final String PREFIX = "peer> ";

  static String ready(long parameters, String version) {
    return PREFIX + "ready " + parameters + " " + version.replace('\n', ' ');
  }

  static String ran(double loss, long peakKilobytes, double... seconds) {
    return PREFIX
        + "ran %s %s ".formatted(loss, peakKilobytes)
        + Arrays.stream(seconds).mapToObj(Double::toString).collect(Collectors.joining(" "));
  }

  static String failed(String reason) {
    return PREFIX + "failed " + reason.replaceAll("\\s*\\R\\s*", " ");
  }

  /**
   * @return null for a line that is none of the protocol's
   * @throws Failure if the engine failed; the message is its reason
   */
  static Reply parse(String line) {
    if (!line.startsWith(PREFIX)) {
      return null;
    }
    String[] words = line.substring(PREFIX.length()).split(" ");
    return switch (words[0]) {
      case "ready" ->
          new Reply(
              Long.parseLong(words[1]),
              String.join(" ", Arrays.asList(words).subList(2, words.length)),
              Double.NaN,
              0,
              new double[0]);
      case "ran" ->
          new Reply(
              0,
              "",
              Double.parseDouble(words[1]),
              Long.parseLong(words[2]),
              Arrays.stream(words).skip(3).mapToDouble(Double::parseDouble).toArray());
      case "failed" -> throw new Failure(line.substring(PREFIX.length() + "failed ".length()));
      default -> throw new Failure("not a reply of an engine: " + line);
    };
  }
}
