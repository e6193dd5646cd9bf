package io.alexnet.graph;

import io.alexnet.layer.Layer;
import io.alexnet.layer.ParameterSpec;
import io.alexnet.layer.Softmax;
import io.alexnet.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a network computes: named layers in a directed acyclic graph, from one input, the images, to
 * one output, with every shape inferred and checked. Immutable, without values and of no particular
 * batch size.
 *
 * <p>A chain takes {@link Builder#then}; branches take the handles that {@link Builder#node} gives:
 *
 * <pre>{@code
 * var b = Graph.of(Shape.of(3, 32, 32));
 * b.then("conv", Conv2d.of(16, Window.square(3).padding(1)));
 * Node trunk = b.then("relu", Activation.relu()).last();
 * Node left = b.node("left", Conv2d.of(16, Window.square(3).padding(1)), trunk);
 * b.node("sum", new Add(), left, trunk);
 * Graph graph = b.then("flat", new Flatten()).then("logits", Dense.of(10)).build();
 * }</pre>
 *
 * <p>As a node's inputs must exist before it does, there is no way to build a cycle.
 */
public final class Graph {

  private final List<Node> nodes;

  private Graph(List<Node> nodes) {
    this.nodes = List.copyOf(nodes);
  }

  /** Begins a graph over images of this shape: (channels, height, width), or (features). */
  public static Builder of(Shape imageShape) {
    return new Builder(imageShape);
  }

  /** In the order of computation; the first is the images that come in, the last the output. */
  public List<Node> nodes() {
    return nodes;
  }

  /** The nodes but the first: those that hold a layer. */
  public List<Node> layers() {
    return nodes.subList(1, nodes.size());
  }

  /**
   * The layer of this name.
   *
   * @throws IllegalArgumentException if there is none; the message names those there are
   */
  public Node layer(String name) {
    for (Node node : layers()) {
      if (node.name().equals(name)) {
        return node;
      }
    }
    throw new IllegalArgumentException(
        "there is no layer '%s', but %s"
            .formatted(name, layers().stream().map(Node::name).collect(Collectors.joining(", "))));
  }

  /** The nodes that have this one among their inputs. */
  List<Node> readers(Node node) {
    return nodes.stream().filter(reader -> reader.inputs().contains(node)).toList();
  }

  /** Whether the outputs are probabilities already, and not logits. */
  public boolean endsInSoftmax() {
    return nodes.get(nodes.size() - 1).layer() instanceof Softmax;
  }

  /** Of one image. */
  public Shape inputShape() {
    return nodes.get(0).shape();
  }

  /** For one image. */
  public Shape outputShape() {
    return nodes.get(nodes.size() - 1).shape();
  }

  /**
   * Full names of the parameters that a pattern picks, in the order of the layers. It is the name
   * of a layer, for all its parameters, or of a parameter, as in {@code conv1} or {@code
   * conv1.bias}; {@code *} stands for any characters and {@code ?} for one, as in {@code conv*}.
   *
   * @throws IllegalArgumentException if it picks none; the message lists the layers that have some
   */
  public List<String> parameterNames(String pattern) {
    Predicate<String> matches = glob(pattern).asMatchPredicate();
    List<String> names = new ArrayList<>();
    List<String> layers = new ArrayList<>();
    for (Node node : layers()) {
      List<ParameterSpec> parameters = node.parameters();
      if (!parameters.isEmpty()) {
        layers.add(node.name());
      }
      for (ParameterSpec parameter : parameters) {
        String name = node.name() + "." + parameter.name();
        if (matches.test(node.name()) || matches.test(name)) {
          names.add(name);
        }
      }
    }
    if (names.isEmpty()) {
      throw new IllegalArgumentException(
          "no layer with parameters matches '%s': there are %s"
              .formatted(pattern, String.join(", ", layers)));
    }
    return names;
  }

  private static Pattern glob(String pattern) {
    String once = pattern.replaceAll("\\*+", "*"); // of each the matcher would try all places
    return Pattern.compile(
        Arrays.stream(once.split("(?<=[*?])|(?=[*?])"))
            .map(part -> part.equals("*") ? ".*" : part.equals("?") ? "." : Pattern.quote(part))
            .collect(Collectors.joining()));
  }

  /** The layers with their output shapes and parameter counts, as Keras prints them. */
  public String summary() {
    return Summary.of(this, parameter -> true);
  }

  /** Puts a layer's name in front of what it complains about. */
  static <T> T named(String layer, Supplier<T> work) {
    try {
      return work.get();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("layer '" + layer + "': " + e.getMessage(), e);
    } catch (ArithmeticException e) { // of sizes that are no int
      throw new IllegalArgumentException(
          "layer '%s': too large to be computed on arrays: %s".formatted(layer, e.getMessage()), e);
    }
  }

  /** Puts a graph together, node by node; the last node becomes the output. */
  public static final class Builder {

    private final Map<String, Node> nodes = new LinkedHashMap<>();
    private Node last;

    private Builder(Shape imageShape) {
      last = new Node(0, "input", null, List.of(), imageShape);
      nodes.put(last.name(), last);
    }

    /** The images: the handle to branch from before there is any layer. */
    public Node input() {
      return nodes.get("input");
    }

    /** The node added last. */
    public Node last() {
      return last;
    }

    /** Adds a layer behind the node added last. */
    public Builder then(String name, Layer layer) {
      node(name, layer, last);
      return this;
    }

    /**
     * Adds a layer behind these nodes.
     *
     * @param name unique in the graph; parameters are named after it, as in {@code conv1.weight}
     * @throws IllegalArgumentException if the name is taken, an input is of another graph, or the
     *     layer cannot take these inputs; the message begins with the layer's name
     */
    public Node node(String name, Layer layer, Node... inputs) {
      if (name.isBlank()) {
        throw new IllegalArgumentException("a layer needs a name");
      }
      if (nodes.containsKey(name)) {
        throw new IllegalArgumentException(
            "layer '" + name + "': there is one of this name already");
      }
      for (Node input : inputs) {
        if (input == null || nodes.get(input.name()) != input) {
          throw new IllegalArgumentException(
              "layer '%s': its input %s is not a node of this graph"
                  .formatted(name, input == null ? null : "'" + input.name() + "'"));
        }
      }
      List<Node> sources = List.of(inputs);
      Shape shape = named(name, () -> shape(layer, sources.stream().map(Node::shape).toList()));
      last = new Node(nodes.size(), name, layer, sources, shape);
      nodes.put(name, last);
      return last;
    }

    /** Of the output, if what the layer holds has shapes, too. */
    private static Shape shape(Layer layer, List<Shape> inputs) {
      Shape shape = layer.outputShape(inputs);
      layer.parameters(inputs);
      layer.state(inputs);
      return shape;
    }

    /**
     * @throws IllegalArgumentException if there is no layer, or one that does not lead to the
     *     output
     */
    public Graph build() {
      if (last.isInput()) {
        throw new IllegalArgumentException("a graph needs at least one layer");
      }
      boolean[] leadsOut = new boolean[nodes.size()];
      leadsOut[last.index()] = true;
      List<Node> all = new ArrayList<>(nodes.values());
      for (int i = all.size() - 1; i > 0; i--) {
        if (!leadsOut[i]) {
          throw new IllegalArgumentException(
              "layer '%s': does not lead to the output '%s'"
                  .formatted(all.get(i).name(), last.name()));
        }
        for (Node input : all.get(i).inputs()) {
          leadsOut[input.index()] = true;
        }
      }
      return new Graph(all);
    }
  }
}
