package io.alexnet.kernels.simd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.kernels.ConvShape;
import io.alexnet.kernels.Convolution;
import io.alexnet.kernels.ThreadTeam;
import io.alexnet.kernels.Window;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ImplicitGemmBackwardWeightsTest {

  static List<ConvShape> shapes() {
    int lanes = RegisterTile.LANES;
    return List.of(
        new ConvShape(2, 3, 23, 19, 7, Window.square(3).padding(1), 1),
        // Channels side by side, in more than one block.
        new ConvShape(1, 4 * lanes, 17, 13, 9, Window.square(3).padding(1), 1),
        // Rows that no window meets, and windows that meet no row.
        new ConvShape(2, 4, 30, 31, 6, Window.square(2).stride(5).padding(3, 0, 4, 1), 2),
        new ConvShape(1, 2, 21, 20, 3, Window.square(3).dilation(4).padding(2), 1),
        // Several images in a sum, of few filters and of so many that all images are one part.
        new ConvShape(67, 2, 9, 8, 3, Window.square(2).stride(2), 1),
        new ConvShape(7, 1, 12, 11, 2100, Window.square(3).stride(2), 1));
  }

  /** However little of the images is copied at a time. */
  @ParameterizedTest
  @MethodSource("shapes")
  void stretchesOfImagesGiveTheSameBitsAsWholeOnes(ConvShape shape) {
    Convolution.BackwardWeights whole = new ImplicitGemmBackwardWeights(shape);
    float[] expected = gradient(shape, whole);
    for (int most : new int[] {1, 500, 1000, 3000}) {
      var cut = new ImplicitGemmBackwardWeights(shape, most);
      assertTrue(cut.workspace(8) <= whole.workspace(8));
      assertArrayEquals(expected, gradient(shape, cut), () -> "copies of " + most);
    }
  }

  /** Of the weights, and behind them of the bias. */
  private static float[] gradient(ConvShape shape, Convolution.BackwardWeights kernel) {
    Random random = new Random(1);
    float[] x = gaussian(random, shape.batch() * shape.channels() * shape.height() * shape.width());
    float[] dy =
        gaussian(random, shape.batch() * shape.filters() * shape.outHeight() * shape.outWidth());
    int weights = shape.filters() * shape.weightsPerFilter();
    float[] gradient = new float[weights + shape.filters()];
    try (ThreadTeam team = new ThreadTeam(2)) {
      float[] workspace = new float[kernel.workspace(2)];
      Arrays.fill(workspace, Float.NaN);
      kernel.run(team, workspace, x, 0, dy, 0, gradient, 0, gradient, weights, false);
    }
    return gradient;
  }

  private static float[] gaussian(Random random, int length) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
