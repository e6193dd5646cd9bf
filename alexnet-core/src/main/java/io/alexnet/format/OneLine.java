package io.alexnet.format;

/** What files hold, as it may stand in an error message: on one line, and not without end. */
public final class OneLine {

  /**
   * Longer than nearly every path; who sends an error to a log or a terminal wants no megabytes
   * there.
   */
  private static final int LONGEST = 1500;

  private OneLine() {}

  /**
   * The text with a space in the place of line breaks and control characters, of which some would
   * command a terminal, and "…" in the place of what is too much in its middle.
   */
  public static String of(String text) {
    String shown = String.valueOf(text); // exceptions may have none
    if (shown.length() > LONGEST) {
      int half = LONGEST / 2;
      shown = shown.substring(0, half) + "…" + shown.substring(shown.length() - half);
    }
    return shown.replaceAll("[\\p{Cc}\\p{Zl}\\p{Zp}]+", " ");
  }

  /** Whether a text would take more than one line of a file that has one for each. */
  public static boolean isBroken(String text) {
    return text.indexOf('\n') >= 0 || text.indexOf('\r') >= 0;
  }
}
