package io.alexnet.graph;

import io.alexnet.layer.Layer;
import io.alexnet.layer.ParameterSpec;
import io.alexnet.tensor.Shape;
import java.util.List;

/**
 * One layer in its place in a {@link Graph}, or the images that come in.
 *
 * @param index its place in the order of computation; 0 is the images
 * @param layer null for the images
 * @param inputs all of smaller indices
 * @param shape of the output, for one image
 */
public record Node(int index, String name, Layer layer, List<Node> inputs, Shape shape) {

  /** Whether it is the images that come in. */
  public boolean isInput() {
    return layer == null;
  }

  /** What its layer learns, in its place; nothing if it is the images. */
  public List<ParameterSpec> parameters() {
    return isInput() ? List.of() : layer.parameters(inputShapes());
  }

  List<Shape> inputShapes() {
    return inputs.stream().map(Node::shape).toList();
  }

  /** Nodes are what they are by their place, however alike two layers may be. */
  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }

  @Override
  public String toString() {
    return name + " " + shape;
  }
}
