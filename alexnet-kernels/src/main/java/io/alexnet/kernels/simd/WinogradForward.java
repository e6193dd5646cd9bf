package io.alexnet.kernels.simd;

import io.alexnet.kernels.ConvAlgorithm;
import io.alexnet.kernels.ConvShape;
import io.alexnet.kernels.Convolution;
import io.alexnet.kernels.PreparedWeights;
import io.alexnet.kernels.ThreadTeam;
import java.util.stream.IntStream;

/** Forward convolution as one {@link WinogradProduct}. */
final class WinogradForward extends SimdConvolution implements Convolution.Forward {

  private final WinogradProduct product;

  /**
   * @param prepared where the weights are kept if those of the first run are those of all runs;
   *     else null
   */
  WinogradForward(
      ConvShape shape, WinogradTiles down, WinogradTiles across, PreparedWeights prepared) {
    super(shape, ConvAlgorithm.WINOGRAD);
    int taps = shape.window().height() * shape.window().width();
    product =
        new WinogradProduct(
            new ColumnProduct.WeightOrder(
                shape.filtersPerGroup() * shape.weightsPerFilter(),
                shape.weightsPerFilter(),
                taps,
                IntStream.range(0, taps).toArray()),
            down,
            across,
            shape.batch(),
            shape.groups(),
            shape.channelsPerGroup(),
            shape.height(),
            shape.width(),
            shape.window().padTop(),
            shape.window().padLeft(),
            shape.filtersPerGroup(),
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
