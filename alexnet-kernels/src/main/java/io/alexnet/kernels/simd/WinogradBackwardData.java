package io.alexnet.kernels.simd;

import io.alexnet.kernels.ConvAlgorithm;
import io.alexnet.kernels.ConvShape;
import io.alexnet.kernels.Convolution;
import io.alexnet.kernels.ThreadTeam;
import io.alexnet.kernels.Window;
import java.util.stream.IntStream;

/**
 * The gradient with respect to the input as one {@link WinogradProduct}: stride 1 makes it a
 * convolution of dy with the windows mirrored, padded by as much as the window reaches beyond the
 * forward padding.
 */
final class WinogradBackwardData extends SimdConvolution implements Convolution.BackwardData {

  private final WinogradProduct product;

  /**
   * @param down tiles of dx's rows
   */
  WinogradBackwardData(ConvShape shape, WinogradTiles down, WinogradTiles across) {
    super(shape, ConvAlgorithm.WINOGRAD);
    Window window = shape.window();
    int taps = window.height() * window.width();
    product =
        new WinogradProduct(
            new ColumnProduct.WeightOrder(
                shape.filtersPerGroup() * shape.weightsPerFilter(),
                taps,
                shape.weightsPerFilter(),
                IntStream.range(0, taps).map(tap -> taps - 1 - tap).toArray()),
            down,
            across,
            shape.batch(),
            shape.groups(),
            shape.filtersPerGroup(),
            shape.outHeight(),
            shape.outWidth(),
            window.height() - 1 - window.padTop(),
            window.width() - 1 - window.padLeft(),
            shape.channelsPerGroup(),
            null);
  }

  @Override
  public int workspace(int threads) {
    return product.workspace(threads);
  }

  @Override
  public void run(
      ThreadTeam team,
      float[] workspace,
      float[] dy,
      int dyOffset,
      float[] weights,
      int weightsOffset,
      float[] dx,
      int dxOffset) {
    product.run(team, workspace, dy, dyOffset, weights, weightsOffset, null, 0, dx, dxOffset);
  }
}
