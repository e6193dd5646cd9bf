package io.alexnet.kernels;

/**
 * What one pass of a convolution costs by one algorithm, by the planner's estimate: a function of
 * shape, pass and algorithm alone.
 *
 * @param multiplyAdds those of the matrix products, with nothing counted that only fills up a tile;
 *     for {@link ConvAlgorithm#WINOGRAD} without its transforms
 * @param time of all the pass, transforms and filled-up tiles included, in multiply-adds of whole
 *     vectors: to be compared between algorithms, passes and shapes of one provider only
 */
public record ConvCost(long multiplyAdds, double time) {}
