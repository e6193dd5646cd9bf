package io.alexnet.examples.cli;

import io.alexnet.init.Initializer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The distributions that weights are first drawn from, as the user writes them. */
final class InitialWeights {

  /** What there is, in the form that picocli wants it for its help. */
  static final class Forms extends ArrayList<String> {
    private static final long serialVersionUID = 1;

    Forms() {
      super(List.of("model", "glorot", "he", "gaussian:DEVIATION"));
    }
  }

  private static final String GAUSSIAN = "gaussian:";

  private InitialWeights() {}

  /**
   * @param text one of {@link Forms}
   * @return empty for those that the model has by itself, which may be others in each layer
   * @throws IllegalArgumentException if the text is none of these
   */
  static Optional<Initializer> of(String text) {
    if (text.startsWith(GAUSSIAN)) {
      String deviation = text.substring(GAUSSIAN.length());
      try {
        return Optional.of(Initializer.gaussian(Float.parseFloat(deviation)));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("'" + deviation + "' in '" + text + "' is no number", e);
      }
    }
    return switch (text) {
      case "model" -> Optional.empty();
      case "glorot" -> Optional.of(Initializer.glorotUniform());
      case "he" -> Optional.of(Initializer.heNormal());
      default -> throw new IllegalArgumentException(Nearest.complaintOfForm(text, new Forms()));
    };
  }
}
