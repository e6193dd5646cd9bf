package io.alexnet.kernels.simd;

import io.alexnet.kernels.ConvAlgorithm;
import io.alexnet.kernels.ConvShape;
import io.alexnet.kernels.Convolution;
import io.alexnet.kernels.PreparedWeights;
import io.alexnet.kernels.ThreadTeam;
import java.util.stream.IntStream;

/** Forward convolution as one {@link ColumnProduct}: filters times the columns of the images. */
final class ImplicitGemmForward extends SimdConvolution implements Convolution.Forward {

  private final ColumnProduct product;

  /**
   * @param prepared where the weights are kept if those of the first run are those of all runs;
   *     else null
   */
  ImplicitGemmForward(ConvShape shape, PreparedWeights prepared) {
    super(shape, ConvAlgorithm.IMPLICIT_GEMM);
    int taps = shape.window().height() * shape.window().width();
    int pixels = shape.outHeight() * shape.outWidth();
    product =
        new ColumnProduct(
            ImageColumns.of(shape),
            new ColumnProduct.WeightOrder(
                shape.filtersPerGroup() * shape.weightsPerFilter(),
                shape.weightsPerFilter(),
                taps,
                IntStream.range(0, taps).toArray()),
            new ColumnProduct.Target(pixels, 0, shape.outWidth(), 1, pixels),
            shape.batch(),
            shape.groups(),
            shape.filtersPerGroup(),
            shape.channels() * shape.height() * shape.width(),
            prepared);
  }

  @Override
  public int workspace(int threads) {
    return product.workspace(threads);
  }

  @Override
  public void run(
      ThreadTeam team,
      float[] workspace,
      float[] x,
      int xOffset,
      float[] weights,
      int weightsOffset,
      float[] bias,
      int biasOffset,
      float[] y,
      int yOffset) {
    product.run(team, workspace, x, xOffset, weights, weightsOffset, bias, biasOffset, y, yOffset);
  }
}
