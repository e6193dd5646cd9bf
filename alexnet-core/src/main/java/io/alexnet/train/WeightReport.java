package io.alexnet.train;

import io.alexnet.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * What of a file went into a network. Every tensor of the network is in one of the first four
 * lists, in the order of the layers.
 *
 * @param loaded by the network's names
 * @param leftOut not to be loaded
 * @param different in the file in another shape
 * @param missing not in the file
 * @param unused in the file but not in the network, by the file's names
 */
public record WeightReport(
    List<String> loaded,
    List<String> leftOut,
    List<Difference> different,
    List<String> missing,
    List<String> unused) {

  private static final int NAMED = 6;

  /** A tensor that has one shape in the network and another in the file. */
  public record Difference(String name, Shape here, Shape inFile) {
    /** As in {@code fc8.weight (17×4096 here, 1000×4096 in the file)}. */
    @Override
    public String toString() {
      return "%s (%s here, %s in the file)".formatted(name, here, inFile);
    }
  }

  public WeightReport {
    loaded = List.copyOf(loaded);
    leftOut = List.copyOf(leftOut);
    different = List.copyOf(different);
    missing = List.copyOf(missing);
    unused = List.copyOf(unused);
  }

  /** Whether all was loaded that was not left out. */
  public boolean complete() {
    return different.isEmpty() && missing.isEmpty();
  }

  /** One line; of long lists it names the first. */
  @Override
  public String toString() {
    int all = loaded.size() + leftOut.size() + different.size() + missing.size();
    StringBuilder line =
        new StringBuilder("%d of the network's %d tensors loaded".formatted(loaded.size(), all));
    append(line, "left out", leftOut);
    append(line, "of another shape", different);
    append(line, "not in the file", missing);
    append(line, "only in the file", unused);
    return line.toString();
  }

  private static void append(StringBuilder line, String what, List<?> names) {
    if (names.isEmpty()) {
      return;
    }
    List<String> named = new ArrayList<>();
    names.stream().limit(NAMED).forEach(name -> named.add(name.toString()));
    if (names.size() > NAMED) {
      named.add((names.size() - NAMED) + " more");
    }
    line.append("; ").append(what).append(": ").append(String.join(", ", named));
  }
}
