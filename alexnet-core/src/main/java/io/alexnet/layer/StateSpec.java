package io.alexnet.layer;

import io.alexnet.tensor.Shape;

/**
 * A tensor that a layer keeps and saves but does not learn by gradient.
 *
 * @param name within the layer, as in {@code running_mean}
 * @param initial every element's first value
 */
public record StateSpec(String name, Shape shape, float initial) {}
