package io.alexnet.graph;

import io.alexnet.kernels.ConvAlgorithm;
import io.alexnet.kernels.ConvPass;
import io.alexnet.kernels.ConvShape;

/**
 * One pass of one convolution as a {@link Plan} has it.
 *
 * @param algorithm never {@link ConvAlgorithm#AUTO}
 * @param multiplyAdds of the algorithm's matrix products; the direct method's are half of {@link
 *     ConvShape#flops()}
 * @param workspaceBytes scratch space of this pass alone; all passes share one space, as large as
 *     the largest of them
 * @param share of the time of all convolutions in the plan, by the planner's estimate from the
 *     shapes, in [0, 1]; layers of other kinds are not in it
 */
public record PlannedConvolution(
    String layer,
    ConvPass pass,
    ConvShape shape,
    ConvAlgorithm algorithm,
    long multiplyAdds,
    long workspaceBytes,
    double share) {}
