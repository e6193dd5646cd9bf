package io.alexnet.examples.cli;

import io.alexnet.optim.LearningRate;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Learning-rate schedules as the user writes them. */
final class Schedule {

  static final String FORMS =
      "constant, cosine, poly:POWER, exp:FACTOR, step:EPOCHS:FACTOR, multistep:EPOCH,EPOCH…:FACTOR"
          + " or plateau:PATIENCE:FACTOR";

  private static final List<String> ALL = Arrays.asList(FORMS.split(", | or "));

  private static final Pattern WARM_UP = Pattern.compile("warmup:([0-9.]+),(.*)");

  private Schedule() {}

  /**
   * @param text one of {@link #FORMS}, with {@code warmup:EPOCHS,} in front or not
   * @param epochs of the whole training
   * @param batches in one epoch
   * @throws IllegalArgumentException if the text is none of these
   */
  static LearningRate of(String text, float base, int epochs, int batches) {
    Matcher warmUp = WARM_UP.matcher(text);
    if (warmUp.matches()) {
      if (WARM_UP.matcher(warmUp.group(2)).matches()) {
        throw new IllegalArgumentException("'" + text + "' warms up twice");
      }
      int steps = (int) Math.round(number(warmUp.group(1), text) * batches);
      return of(warmUp.group(2), base, epochs, batches).warmUp(Math.max(1, steps));
    }
    String[] part = text.split(":", -1);
    String form = part[0] + "/" + (part.length - 1);
    return switch (form) {
      case "constant/0" -> LearningRate.constant(base);
      case "cosine/0" -> LearningRate.cosine(base, 0, epochs);
      case "poly/1" -> LearningRate.polynomial(base, 0, number(part[1], text), epochs);
      case "exp/1" -> LearningRate.exponential(base, (float) number(part[1], text));
      case "step/2" -> LearningRate.step(base, (float) number(part[2], text), whole(part[1], text));
      case "multistep/2" ->
          LearningRate.multiStep(
              base,
              (float) number(part[2], text),
              Arrays.stream(part[1].split(",", -1)).mapToInt(e -> whole(e, text)).toArray());
      case "plateau/2" ->
          LearningRate.plateau(base, (float) number(part[2], text), whole(part[1], text));
      default -> throw new IllegalArgumentException(Nearest.complaintOfForm(text, ALL));
    };
  }

  private static double number(String text, String schedule) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + text + "' in '" + schedule + "' is not a number", e);
    }
  }

  private static int whole(String text, String schedule) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "'" + text + "' in '" + schedule + "' is not a whole number", e);
    }
  }
}
