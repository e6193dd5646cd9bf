package io.alexnet.kernels.simd;

import io.alexnet.kernels.ConvAlgorithm;
import io.alexnet.kernels.ConvShape;
import io.alexnet.kernels.Convolution;
import io.alexnet.kernels.ThreadTeam;
import io.alexnet.kernels.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The gradient with respect to the input as forward convolutions of dy with step 1, one for each
 * phase of the stride: the pixels of dx whose padded row and column leave the same remainders
 * modulo the stride meet the same taps of the window, and meet them at neighbouring pixels of dy.
 * Stride 1 has a single phase, with the whole window mirrored. No product is wasted on the zeros
 * between the pixels of dy that a transposed convolution would insert, only on those around dy: see
 * {@link ScatterBackwardData}.
 */
final class ImplicitGemmBackwardData extends SimdConvolution implements Convolution.BackwardData {

  /**
   * The pixels of one remainder along one dimension.
   *
   * @param first the first of them in dx
   * @param count how many there are
   * @param taps the taps of the window that they meet
   * @param tapOffsets where pixel t meets each tap in the padded dy, less t
   * @param pad of dy at its start, negative to crop
   */
  private record Phase(int first, int count, int[] taps, int[] tapOffsets, int pad) {

    static Phase of(int remainder, int size, int stride, int pad, int taps, int dilation) {
      int first = Math.floorMod(remainder - pad, stride);
      int count = first < size ? (size - 1 - first) / stride + 1 : 0;
      int[] met =
          IntStream.range(0, taps).filter(tap -> tap * dilation % stride == remainder).toArray();
      int reach = met.length == 0 ? 0 : met[met.length - 1] * dilation / stride;
      int[] offsets = IntStream.of(met).map(tap -> reach - tap * dilation / stride).toArray();
      return new Phase(first, count, met, offsets, reach - (first + pad) / stride);
    }
  }

  private final ColumnProduct[] products;

  ImplicitGemmBackwardData(ConvShape shape) {
    super(shape, ConvAlgorithm.IMPLICIT_GEMM);
    Window w = shape.window();
    List<ColumnProduct> products = new ArrayList<>();
    // Of more remainders than pixels some have none.
    for (int i = 0; i < Math.min(w.strideHeight(), shape.height()); i++) {
      int row = (i + w.padTop()) % w.strideHeight();
      Phase rows =
          Phase.of(
              row, shape.height(), w.strideHeight(), w.padTop(), w.height(), w.dilationHeight());
      for (int j = 0; j < Math.min(w.strideWidth(), shape.width()); j++) {
        int column = (j + w.padLeft()) % w.strideWidth();
        Phase columns =
            Phase.of(
                column, shape.width(), w.strideWidth(), w.padLeft(), w.width(), w.dilationWidth());
        if (rows.count > 0 && columns.count > 0) {
          products.add(product(rows, columns));
        }
      }
    }
    this.products = products.toArray(ColumnProduct[]::new);
  }

  /** Multiplications, those with padding included. */
  static long cost(ConvShape shape) {
    Window window = shape.window();
    int tile = RegisterTile.ROWS;
    long rows = (long) (shape.channelsPerGroup() + tile - 1) / tile * tile * shape.groups();
    long depth = (long) shape.filtersPerGroup() * window.height() * window.width();
    // Each tap is met by one phase in each direction, so by one pixel in stride × stride.
    long pixels = (long) shape.height() * shape.width();
    long phases = (long) window.strideHeight() * window.strideWidth();
    return shape.batch() * rows * depth * pixels / phases;
  }

  private ColumnProduct product(Phase rows, Phase columns) {
    Window window = shape.window();
    boolean whole = window.strideHeight() == 1 && window.strideWidth() == 1;
    int[] taps =
        IntStream.of(rows.taps)
            .flatMap(r -> IntStream.of(columns.taps).map(s -> r * window.width() + s))
            .toArray();
    return new ColumnProduct(
        new ImageColumns(
            shape.filtersPerGroup(),
            shape.outHeight(),
            shape.outWidth(),
            rows.pad,
            columns.pad,
            1,
            1,
            rows.tapOffsets,
            columns.tapOffsets,
            rows.count,
            columns.count),
        new ColumnProduct.WeightOrder(
            shape.filtersPerGroup() * shape.weightsPerFilter(),
            window.height() * window.width(),
            shape.weightsPerFilter(),
            taps),
        new ColumnProduct.Target(
            shape.height() * shape.width(),
            rows.first * shape.width() + columns.first,
            window.strideHeight() * shape.width(),
            window.strideWidth(),
            whole ? rows.count * columns.count : columns.count),
        shape.batch(),
        shape.groups(),
        shape.channelsPerGroup(),
        shape.filters() * shape.outHeight() * shape.outWidth(),
        null);
  }

  @Override
  public int workspace(int threads) {
    int most = 0;
    for (ColumnProduct product : products) {
      most = Math.max(most, product.workspace(threads));
    }
    return most;
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
    for (ColumnProduct product : products) {
      product.run(team, workspace, dy, dyOffset, weights, weightsOffset, null, 0, dx, dxOffset);
    }
  }
}
