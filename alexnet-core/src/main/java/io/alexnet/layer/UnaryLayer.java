package io.alexnet.layer;

import io.alexnet.tensor.Shape;
import java.util.List;

/** A layer of exactly one input, as nearly all are. */
public interface UnaryLayer extends Layer {

  /** See {@link Layer#outputShape}. */
  Shape outputShape(Shape input);

  /** See {@link Layer#parameters}. */
  default List<ParameterSpec> parameters(Shape input) {
    return List.of();
  }

  /** See {@link Layer#state}. */
  default List<StateSpec> state(Shape input) {
    return List.of();
  }

  /** See {@link Layer#indices}. */
  default int indices(Shape input) {
    return 0;
  }

  @Override
  default Shape outputShape(List<Shape> inputs) {
    if (inputs.size() != 1) {
      throw new IllegalArgumentException("takes one input, not " + inputs.size());
    }
    return outputShape(inputs.get(0));
  }

  @Override
  default List<ParameterSpec> parameters(List<Shape> inputs) {
    return parameters(inputs.get(0));
  }

  @Override
  default List<StateSpec> state(List<Shape> inputs) {
    return state(inputs.get(0));
  }

  @Override
  default int indices(List<Shape> inputs) {
    return indices(inputs.get(0));
  }

  /**
   * Returns the input's shape if it is that of an image.
   *
   * @throws IllegalArgumentException if it is not
   */
  static Shape requireImage(Shape input) {
    if (input.rank() != 3) {
      throw new IllegalArgumentException(
          "needs an input of channels×height×width, not of shape " + input);
    }
    return input;
  }
}
