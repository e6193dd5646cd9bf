package io.alexnet.kernels.simd;

import io.alexnet.kernels.ConvAlgorithm;
import io.alexnet.kernels.ConvCost;
import io.alexnet.kernels.ConvPass;
import io.alexnet.kernels.ConvShape;
import io.alexnet.kernels.Convolution;
import io.alexnet.kernels.Kernels;
import io.alexnet.kernels.PreparedWeights;

/**
 * Knows the algorithms of convolution: chooses one for a shape and a pass, and makes it. The choice
 * depends on the shape and the width of the vectors alone, so that a training gives the same bits
 * on all machines of that width; what an algorithm needs of workspace the kernel itself says.
 */
final class ConvPlanner {

  /** Share of the peak that the implicit matrix product reaches. */
  private static final double IMPLICIT_GEMM_PEAK = 0.85;

  private ConvPlanner() {}

  static ConvAlgorithm choose(ConvShape shape, ConvPass pass) {
    // A tile is for many filters: one a group would waste all lanes but one, four times slower.
    boolean oneFilterAGroup = shape.groups() > 1 && shape.filtersPerGroup() == 1;
    if (oneFilterAGroup && pass == ConvPass.BACKWARD_WEIGHTS) {
      return ConvAlgorithm.LOOPS;
    }
    return WinogradCover.fits(shape)
            && WinogradCover.cheapest(shape, pass).cost() < implicitGemmCost(shape, pass)
        ? ConvAlgorithm.WINOGRAD
        : ConvAlgorithm.IMPLICIT_GEMM;
  }

  static boolean supports(ConvShape shape, ConvAlgorithm algorithm) {
    return algorithm != ConvAlgorithm.WINOGRAD || WinogradCover.fits(shape);
  }

  static ConvCost cost(ConvShape shape, ConvPass pass, ConvAlgorithm algorithm) {
    long direct = shape.flops() / 2;
    return switch (algorithm) {
      case AUTO -> cost(shape, pass, choose(shape, pass));
      case LOOPS -> new ConvCost(direct, direct);
      case IMPLICIT_GEMM -> new ConvCost(direct, implicitGemmCost(shape, pass));
      case WINOGRAD -> {
        WinogradCover cover = cover(shape, pass);
        yield new ConvCost(cover.multiplyAdds(shape), cover.cost());
      }
    };
  }

  /** In multiply-adds of whole vectors. */
  private static double implicitGemmCost(ConvShape shape, ConvPass pass) {
    boolean mirrored = pass == ConvPass.BACKWARD_DATA;
    int channels = mirrored ? shape.filtersPerGroup() : shape.channelsPerGroup();
    int rows = mirrored ? shape.channelsPerGroup() : shape.filtersPerGroup();
    int pixels = mirrored ? shape.height() * shape.width() : shape.outHeight() * shape.outWidth();
    // A pixel of dx meets the taps of its phase only, one in stride × stride.
    double phases =
        mirrored ? (double) shape.window().strideHeight() * shape.window().strideWidth() : 1;
    double tileRows = Math.ceil((double) rows / RegisterTile.ROWS) * RegisterTile.ROWS;
    double columns = Math.ceil((double) shape.batch() * pixels / phases / RegisterTile.LANES);
    double taps = (double) shape.window().height() * shape.window().width();
    return shape.groups() * tileRows * columns * channels * taps / IMPLICIT_GEMM_PEAK;
  }

  /**
   * @param pass {@link ConvPass#FORWARD} or {@link ConvPass#INFERENCE}
   * @param prepared null unless the pass is inference
   */
  static Convolution.Forward forward(
      ConvShape shape, ConvPass pass, ConvAlgorithm algorithm, PreparedWeights prepared) {
    return switch (algorithm) {
      case AUTO -> forward(shape, pass, choose(shape, pass), prepared);
      case LOOPS -> Kernels.scalar().convolutionForward(shape, algorithm);
      case IMPLICIT_GEMM -> new ImplicitGemmForward(shape, prepared);
      case WINOGRAD -> {
        WinogradCover cover = cover(shape, pass);
        yield new WinogradForward(shape, cover.down(), cover.across(), prepared);
      }
    };
  }

  static Convolution.BackwardData backwardData(ConvShape shape, ConvAlgorithm algorithm) {
    return switch (algorithm) {
      case AUTO -> backwardData(shape, choose(shape, ConvPass.BACKWARD_DATA));
      case LOOPS -> Kernels.scalar().convolutionBackwardData(shape, algorithm);
      case IMPLICIT_GEMM ->
          ScatterBackwardData.cost(shape) < ImplicitGemmBackwardData.cost(shape)
              ? new ScatterBackwardData(shape)
              : new ImplicitGemmBackwardData(shape);
      case WINOGRAD -> {
        WinogradCover cover = cover(shape, ConvPass.BACKWARD_DATA);
        yield new WinogradBackwardData(shape, cover.down(), cover.across());
      }
    };
  }

  static Convolution.BackwardWeights backwardWeights(ConvShape shape, ConvAlgorithm algorithm) {
    return switch (algorithm) {
      case AUTO -> backwardWeights(shape, choose(shape, ConvPass.BACKWARD_WEIGHTS));
      case LOOPS -> Kernels.scalar().convolutionBackwardWeights(shape, algorithm);
      case IMPLICIT_GEMM -> new ImplicitGemmBackwardWeights(shape);
      case WINOGRAD -> {
        WinogradCover cover = cover(shape, ConvPass.BACKWARD_WEIGHTS);
        yield new WinogradBackwardWeights(shape, cover.down(), cover.across());
      }
    };
  }

  private static WinogradCover cover(ConvShape shape, ConvPass pass) {
    if (!WinogradCover.fits(shape)) {
      throw new IllegalArgumentException(
          "convolution: Winograd's algorithm is for windows of 3 to 5 taps with stride and"
              + " dilation 1 on images of up to half a megapixel, not for "
              + shape);
    }
    return WinogradCover.cheapest(shape, pass);
  }
}
