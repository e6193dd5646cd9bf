package io.alexnet.layer;

import io.alexnet.tensor.Shape;
import java.util.List;
import java.util.Set;

/**
 * What one layer is: an immutable description, of no particular batch size and without values. Its
 * way reads from top to bottom: {@link #outputShape} checks and infers shapes, {@link #parameters}
 * and {@link #state} say what it learns and remembers, {@link #bufferUse} what the planner may do
 * with its memory, and {@link #bind} makes the {@link Pass} that computes.
 *
 * <p>Shapes here are those of one image, without the batch: (channels, height, width), or
 * (features) behind a {@link Flatten}.
 *
 * <p>Errors say what is wrong and with which sizes, but not which layer: the graph puts the name in
 * front.
 */
public interface Layer {

  /** What it is called in summaries. */
  default String type() {
    return getClass().getSimpleName();
  }

  /**
   * The output's shape.
   *
   * @throws IllegalArgumentException if the layer cannot take these inputs
   */
  Shape outputShape(List<Shape> inputs);

  /** What is learnt, in a fixed order. */
  default List<ParameterSpec> parameters(List<Shape> inputs) {
    return List.of();
  }

  /** What is remembered from training and saved, but not learnt by gradient. */
  default List<StateSpec> state(List<Shape> inputs) {
    return List.of();
  }

  /** Integers that a training pass keeps for each image from forward to backward. */
  default int indices(List<Shape> inputs) {
    return 0;
  }

  /** What the pass needs of, and may do with, its buffers. */
  Set<BufferUse> bufferUse(boolean training);

  /**
   * Prepares the layer's computation for one batch size.
   *
   * @throws IllegalArgumentException if the layer cannot work at this batch size
   */
  Pass bind(Binding binding);

  /** What a planner must know about a layer to let buffers share memory. */
  enum BufferUse {
    /** The output holds the input's elements unchanged, so it may always be the same memory. */
    VIEW,
    /** The forward pass may write its output over its first input. */
    IN_PLACE,
    /** The backward pass may write its first input's gradient over the output's. */
    GRADIENT_IN_PLACE,
    /** The backward pass reads the inputs. */
    KEEPS_INPUT,
    /** The backward pass reads the output. */
    KEEPS_OUTPUT
  }
}
