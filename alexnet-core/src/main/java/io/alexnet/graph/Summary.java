package io.alexnet.graph;

import io.alexnet.layer.ParameterSpec;
import io.alexnet.layer.StateSpec;
import io.alexnet.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The table of layers in the form that Keras made familiar; shapes are (batch, channels, …). */
final class Summary {

  private Summary() {}

  /**
   * @param trainable whether the parameter of this full name is
   */
  static String of(Graph graph, Predicate<String> trainable) {
    boolean chain = isChain(graph);
    List<String[]> rows = new ArrayList<>();
    rows.add(new String[] {"Layer (type)", "Output Shape", "Param #", "Connected to"});
    long learnt = 0;
    long fixed = 0;
    for (Node node : graph.layers()) {
      long inLayer = 0;
      for (ParameterSpec parameter : node.parameters()) {
        int size = parameter.shape().size();
        inLayer += size;
        if (trainable.test(node.name() + "." + parameter.name())) {
          learnt += size;
        } else {
          fixed += size;
        }
      }
      for (StateSpec state : node.layer().state(node.inputShapes())) {
        inLayer += state.shape().size();
        fixed += state.shape().size();
      }
      rows.add(
          new String[] {
            node.name() + " (" + node.layer().type() + ")",
            withBatch(node.shape()),
            grouped(inLayer),
            node.inputs().stream().map(Node::name).collect(Collectors.joining(", "))
          });
    }
    return table(rows, chain ? 3 : 4)
        + "Total params: "
        + grouped(learnt + fixed)
        + "\nTrainable params: "
        + grouped(learnt)
        + "\nNon-trainable params: "
        + grouped(fixed)
        + "\n";
  }

  private static boolean isChain(Graph graph) {
    return graph.layers().stream()
        .allMatch(
            node -> node.inputs().size() == 1 && node.inputs().get(0).index() == node.index() - 1);
  }

  private static String withBatch(Shape shape) {
    return Arrays.stream(shape.dimensions())
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(", ", "(None, ", ")"));
  }

  private static String grouped(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  private static String table(List<String[]> rows, int columns) {
    int[] widths = new int[columns];
    for (String[] row : rows) {
      for (int c = 0; c < columns; c++) {
        widths[c] = Math.max(widths[c], row[c].length());
      }
    }
    int width = Arrays.stream(widths).sum() + 3 * (columns - 1);
    StringBuilder text = new StringBuilder();
    for (int r = 0; r < rows.size(); r++) {
      StringBuilder line = new StringBuilder();
      for (int c = 0; c < columns; c++) {
        String alignment = c == 2 ? "%" : "%-"; // counts to the right
        line.append(c == 0 ? "" : "   ")
            .append(String.format(alignment + widths[c] + "s", rows.get(r)[c]));
      }
      text.append(line.toString().stripTrailing()).append('\n');
      if (r == 0) {
        text.append("=".repeat(width)).append('\n');
      }
    }
    return text.append("=".repeat(width)).append('\n').toString();
  }
}
