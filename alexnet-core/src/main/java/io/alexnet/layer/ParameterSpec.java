package io.alexnet.layer;

import io.alexnet.tensor.Shape;

/**
 * A parameter that a layer asks for.
 *
 * @param name within the layer, as in {@code weight}
 * @param fanIn see {@link io.alexnet.init.Initializer#fill}
 * @param fanOut see {@link io.alexnet.init.Initializer#fill}
 */
public record ParameterSpec(
    String name, Shape shape, int fanIn, int fanOut, ParameterOptions options) {}
