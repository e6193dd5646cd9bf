package io.alexnet.kernels;

import static io.alexnet.kernels.ConvAlgorithm.AUTO;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * All three passes against sums in double that are taken literally from the formula, over shapes
 * chosen to be awkward.
 *
 * <p>Tolerance: a float sum of K products errs by at most K·2⁻²⁴ times the sum of their magnitudes;
 * with random signs the error grows like √K only, and a summation in blocks stays under that. The
 * bound of (4 + √K)·2⁻²⁴·Σ|a·b| is therefore generous to correct code, while one missing or
 * misplaced term is wrong by about Σ|a·b|/K, far above it.
 *
 * <p>Winograd's algorithm mixes a tile's sums before it separates them again, so its error follows
 * the largest Σ|a·b| of all sums; 200·2⁻²⁴ of that is ten times what 8 points in both directions
 * were seen to err.
 */
class ConvolutionTest {

  /** What a run must not touch lies before and behind every array. */
  private static final int MARGIN = 7;

  private static final float CANARY = 12345.678f;

  static List<ConvShape> shapes() {
    List<ConvShape> shapes = new ArrayList<>();
    shapes.add(new ConvShape(1, 1, 1, 1, 1, Window.square(1), 1));
    shapes.add(new ConvShape(2, 3, 5, 7, 4, Window.square(1), 1));
    shapes.add(new ConvShape(2, 4, 7, 5, 6, Window.square(3).padding(1), 2));
    shapes.add(new ConvShape(5, 3, 11, 13, 5, Window.square(3).stride(2), 1));
    shapes.add(new ConvShape(1, 3, 23, 19, 7, Window.square(5).stride(4).padding(2), 1));
    shapes.add(new ConvShape(2, 2, 9, 8, 3, Window.of(2, 3).stride(3).padding(1, 0, 2, 1), 1));
    shapes.add(new ConvShape(2, 6, 10, 9, 6, Window.square(3).padding(1), 6));
    shapes.add(new ConvShape(2, 2, 11, 10, 3, Window.square(3).dilation(2).padding(3), 1));
    shapes.add(new ConvShape(1, 2, 12, 13, 3, new Window(3, 2, 2, 3, 1, 2, 0, 1, 2, 3), 1));
    // The window is the whole image, and more than it.
    shapes.add(new ConvShape(5, 3, 6, 6, 17, Window.square(6), 1));
    shapes.add(new ConvShape(2, 3, 3, 4, 5, Window.of(7, 5).padding(3), 1));
    // Padding beyond the window's reach: whole rows of output that see no image.
    shapes.add(new ConvShape(1, 2, 4, 4, 2, Window.square(2).padding(4), 1));
    shapes.add(new ConvShape(2, 2, 3, 3, 2, Window.square(1).padding(2, 1, 0, 3).stride(2), 1));
    // Pixels between two steps that no window meets.
    shapes.add(new ConvShape(1, 8, 3, 3, 8, Window.square(3).stride(3).dilation(4).padding(4), 1));
    shapes.add(new ConvShape(1, 2, 3, 3, 8, new Window(3, 3, 3, 3, 4, 4, 0, 0, 2, 2), 1));
    // Around a register tile's rows and columns and a block of depth, in each role.
    int lanes = Kernels.simd().lanes();
    for (int edge : new int[] {5, 6, 7, 8, 9, lanes - 1, lanes + 1, 3 * lanes, 3 * lanes + 1}) {
      shapes.add(new ConvShape(1, edge, 4, 5, edge, Window.square(3).padding(1), 1));
      shapes.add(new ConvShape(3, 2, 3, edge, 2, Window.square(2), 1));
    }
    for (int channels : new int[] {255, 256, 257, 521}) {
      shapes.add(new ConvShape(1, channels, 2, 3, 9, Window.square(1), 1));
    }
    // More columns than a piece or a block of depth takes, and images in more than one block.
    shapes.add(new ConvShape(2, 2, 31, 37, 11, Window.square(3).padding(1), 1));
    shapes.add(new ConvShape(29, 1, 7, 7, 3, Window.square(3).padding(1), 1));
    shapes.add(new ConvShape(1, 4, 120, 121, 2, Window.square(1), 2));
    // A part of the images takes several sums of the weights' gradient.
    shapes.add(new ConvShape(35, 1, 18, 18, 3, Window.square(2), 1));
    // More filters than a piece of the weights' gradient has.
    shapes.add(new ConvShape(2, 1, 4, 4, 300, Window.square(3).padding(1), 1));
    // Two images in a piece of the input's gradient that is scattered, and one in the last.
    shapes.add(new ConvShape(35, 1, 5, 5, 120, Window.square(3), 1));
    return shapes;
  }

  /**
   * Shapes that nobody thought of. Every third has few channels and many filters, for which the
   * input gradient takes another path.
   */
  static List<ConvShape> randomShapes() {
    List<ConvShape> shapes = new ArrayList<>();
    SplittableRandom random = new SplittableRandom(17);
    while (shapes.size() < 80) {
      int groups = random.nextInt(1, 4);
      Window window =
          new Window(
              random.nextInt(1, 5),
              random.nextInt(1, 5),
              random.nextInt(1, 5),
              random.nextInt(1, 5),
              random.nextInt(0, 4),
              random.nextInt(0, 4),
              random.nextInt(0, 4),
              random.nextInt(0, 4),
              random.nextInt(1, 4),
              random.nextInt(1, 4));
      int height = random.nextInt(1, 17);
      int width = random.nextInt(1, 17);
      boolean fits =
          height + window.padTop() + window.padBottom() >= window.extentHeight()
              && width + window.padLeft() + window.padRight() >= window.extentWidth();
      boolean manyFilters = shapes.size() % 3 == 0;
      if (fits) {
        shapes.add(
            new ConvShape(
                random.nextInt(1, 6),
                groups * random.nextInt(1, manyFilters ? 4 : 9),
                height,
                width,
                groups * (manyFilters ? random.nextInt(100, 150) : random.nextInt(1, 12)),
                window,
                groups));
      }
    }
    return shapes;
  }

  @ParameterizedTest
  @MethodSource({"shapes", "randomShapes"})
  void scalarMatchesTheFormula(ConvShape shape) {
    check(Kernels.scalar(), ConvAlgorithm.LOOPS, shape);
  }

  @ParameterizedTest
  @MethodSource({"shapes", "randomShapes"})
  void implicitGemmMatchesTheFormula(ConvShape shape) {
    check(Kernels.simd(), ConvAlgorithm.IMPLICIT_GEMM, shape);
  }

  /** Margins, as the other tests have them, would hide what is read behind an array. */
  @ParameterizedTest
  @MethodSource({"shapes", "randomShapes"})
  void implicitGemmNeedsNoMoreThanTheArrays(ConvShape shape) {
    float[] x = new float[shape.batch() * shape.channels() * shape.height() * shape.width()];
    float[] y = new float[shape.batch() * shape.filters() * shape.outHeight() * shape.outWidth()];
    float[] w = new float[shape.filters() * shape.weightsPerFilter()];
    float[] b = new float[shape.filters()];
    ConvAlgorithm gemm = ConvAlgorithm.IMPLICIT_GEMM;
    Convolution.Forward forward = Kernels.simd().convolutionForward(shape, gemm);
    Convolution.BackwardData data = Kernels.simd().convolutionBackwardData(shape, gemm);
    Convolution.BackwardWeights weights = Kernels.simd().convolutionBackwardWeights(shape, gemm);
    try (ThreadTeam team = new ThreadTeam(1)) {
      forward.run(team, new float[forward.workspace(1)], x, 0, w, 0, b, 0, y, 0);
      data.run(team, new float[data.workspace(1)], y, 0, w, 0, x, 0);
      weights.run(team, new float[weights.workspace(1)], x, 0, y, 0, w, 0, b, 0, true);
    }
  }

  @Test
  void aSingleImageTakesScratchSpaceForOne() {
    Window window = Window.square(1);
    ConvShape one = new ConvShape(1, 8, 128, 128, 8, window, 1);
    ConvShape two = new ConvShape(2, 8, 128, 128, 8, window, 1);
    ConvAlgorithm gemm = ConvAlgorithm.IMPLICIT_GEMM;
    int perWorker = 8 * 128; // at least a row
    assertTrue(
        Kernels.simd().convolutionForward(two, gemm).workspace(4)
            >= Kernels.simd().convolutionForward(one, gemm).workspace(4) + 4 * perWorker);
  }

  /** Of small planes several images make one sum, but never more than there are. */
  @Test
  void aSmallBatchTakesScratchSpaceForItsOwnImages() {
    Window window = Window.square(1);
    ConvShape one = new ConvShape(1, 8, 4, 4, 8, window, 1);
    ConvShape many = new ConvShape(512, 8, 4, 4, 8, window, 1);
    ConvAlgorithm gemm = ConvAlgorithm.IMPLICIT_GEMM;
    int image = 8 * 4 * 4;
    assertTrue(
        Kernels.simd().convolutionBackwardWeights(many, gemm).workspace(64)
            >= Kernels.simd().convolutionBackwardWeights(one, gemm).workspace(64)
                + 64 * 16 * image);
  }

  /** What Winograd's algorithm makes of one would be gigabytes, or no int. */
  @Test
  void largeImagesAreLeftToTheMatrixProduct() {
    Window window = Window.square(3).padding(1);
    for (int side : new int[] {1024, 4000}) {
      ConvShape shape = new ConvShape(1, 32, side, side, 32, window, 1);
      assertFalse(Kernels.simd().supports(shape, ConvAlgorithm.WINOGRAD));
      for (ConvPass pass : ConvPass.values()) {
        assertEquals(ConvAlgorithm.IMPLICIT_GEMM, Kernels.simd().plan(shape, pass));
      }
      Kernels.simd().convolutionForward(shape, ConvAlgorithm.AUTO).workspace(128);
      Kernels.simd().convolutionBackwardData(shape, ConvAlgorithm.AUTO).workspace(128);
      Kernels.simd().convolutionBackwardWeights(shape, ConvAlgorithm.AUTO).workspace(128);
    }
    assertTrue(
        Kernels.simd()
            .supports(new ConvShape(1, 128, 512, 512, 128, window, 1), ConvAlgorithm.WINOGRAD));
    assertFalse(
        Kernels.simd()
            .supports(new ConvShape(1, 256, 512, 512, 128, window, 1), ConvAlgorithm.WINOGRAD));
  }

  /** Their planes are small, but what padding makes of them, or a tile's rows, is not. */
  @Test
  void planesThatGrowAreLeftToTheMatrixProduct() {
    for (ConvShape shape :
        List.of(
            new ConvShape(1, 32, 1, 1, 32, Window.square(3).padding(500), 1),
            new ConvShape(1, 16, 1, 200_000, 16, Window.square(3).padding(1), 1))) {
      assertFalse(Kernels.simd().supports(shape, ConvAlgorithm.WINOGRAD), shape.toString());
      Kernels.simd().convolutionForward(shape, ConvAlgorithm.AUTO).workspace(128);
    }
  }

  /** Transformed, the weights would be no int. */
  @Test
  void manyWeightsAreLeftToTheMatrixProduct() {
    Window window = Window.square(3).padding(1);
    ConvShape shape = new ConvShape(64, 8192, 8, 8, 8192, window, 1);
    for (ConvPass pass : ConvPass.values()) {
      assertEquals(ConvAlgorithm.IMPLICIT_GEMM, Kernels.simd().plan(shape, pass));
    }
    Kernels.simd().convolutionForward(shape, ConvAlgorithm.AUTO).workspace(128);
    Kernels.simd().convolutionBackwardData(shape, ConvAlgorithm.AUTO).workspace(128);
    Kernels.simd().convolutionBackwardWeights(shape, ConvAlgorithm.AUTO).workspace(128);
    for (ConvShape usual :
        List.of(
            new ConvShape(64, 2048, 8, 8, 2048, window, 1),
            new ConvShape(64, 4096, 7, 7, 4096, Window.square(5).padding(2), 4096))) {
      assertTrue(Kernels.simd().supports(usual, ConvAlgorithm.WINOGRAD), usual.toString());
    }
  }

  /** A worker copies the rows of a large image that its columns need, not all of it. */
  @Test
  void largeImagesTakeLittleScratchSpace() {
    Window window = Window.square(3).stride(2).padding(1);
    ConvShape shape = new ConvShape(2, 64, 512, 512, 128, window, 1);
    int perWorker = 1_000_000;
    ConvAlgorithm gemm = ConvAlgorithm.IMPLICIT_GEMM;
    assertTrue(Kernels.simd().convolutionForward(shape, gemm).workspace(64) < 64 * perWorker);
    assertTrue(Kernels.simd().convolutionBackwardData(shape, gemm).workspace(64) < 64 * perWorker);
  }

  /** Of the weights' gradient, too: copies of whole images would be no int with 64 workers. */
  @Test
  void theWeightsOfLargeImagesTakeLittleScratchSpace() {
    Window window = Window.square(3).padding(1);
    ConvShape shape = new ConvShape(2, 64, 1024, 1024, 64, window, 1);
    int perWorker = 5_000_000;
    assertTrue(
        Kernels.simd().convolutionBackwardWeights(shape, ConvAlgorithm.IMPLICIT_GEMM).workspace(64)
            < 64 * perWorker);
  }

  /**
   * Of such an image a worker copies a stretch of rows at a time. The scalar twin sums in double; a
   * float sum of n terms of size one, itself of size √n, errs by n·2⁻²⁴ in the typical case, while
   * one row in a wrong place would change it by tens.
   */
  @Test
  void theWeightsOfALargeImageAreThoseOfTheScalarTwin() {
    Window window = Window.of(3, 2).padding(1);
    ConvShape shape = new ConvShape(1, 1, 2100, 2203, 2, window, 1);
    Problem problem = new Problem(shape, 46);
    float[] dBias = Problem.output(shape.filters());
    float[] expectedBias = Problem.output(shape.filters());
    try (ThreadTeam team = new ThreadTeam(2)) {
      float[] dWeights =
          problem.backwardWeights(
              Kernels.simd().convolutionBackwardWeights(shape, ConvAlgorithm.IMPLICIT_GEMM),
              team,
              dBias,
              false);
      float[] expected =
          problem.backwardWeights(
              Kernels.scalar().convolutionBackwardWeights(shape, ConvAlgorithm.LOOPS),
              team,
              expectedBias,
              false);
      float bound = 4 * 0x1p-24f * shape.outHeight() * shape.outWidth();
      assertArrayEquals(expected, dWeights, bound);
      assertArrayEquals(expectedBias, dBias, bound);
    }
  }

  @Test
  void stridesMayBeLongerThanTheImage() {
    for (int stride : new int[] {4, 46_341, 65_536}) {
      Window window = Window.square(2).stride(stride).padding(1);
      check(Kernels.simd(), ConvAlgorithm.IMPLICIT_GEMM, new ConvShape(2, 3, 3, 2, 4, window, 1));
    }
    // One image and channel: two of three take 1.6 GB and five seconds.
    Window longest = Window.square(2).stride(1 << 24).padding(1);
    check(Kernels.simd(), ConvAlgorithm.IMPLICIT_GEMM, new ConvShape(1, 1, 3, 2, 4, longest, 1));
    assertThrows(IllegalArgumentException.class, () -> Window.square(1).stride(1 + (1 << 24)));
  }

  @Test
  void windowsLongerThanAnyImageAreRefused() {
    for (Window window : List.of(Window.square(5), Window.of(1, 5), Window.of(5, 1))) {
      assertThrows(IllegalArgumentException.class, () -> window.dilation(1 << 30));
    }
    Window window = Window.square(5);
    assertThrows(IllegalArgumentException.class, () -> window.padding(0, 0, 1 << 30, 0));
  }

  static List<ConvShape> winogradShapes() {
    List<ConvShape> shapes = new ArrayList<>();
    for (int size = 1; size <= 13; size++) {
      Window window = Window.of(3 + size % 3, 5 - size % 3);
      int height = size + window.height() - 1;
      shapes.add(new ConvShape(2, 3, height, 14 - size + window.width() - 1, 5, window, 1));
    }
    // As large as the input, or far beyond it, or less than nothing in the backward pass.
    shapes.add(new ConvShape(1, 2, 5, 5, 3, Window.square(5), 1));
    shapes.add(new ConvShape(2, 2, 3, 4, 3, Window.square(5).padding(4, 1, 0, 3), 1));
    shapes.add(new ConvShape(1, 2, 4, 4, 2, Window.square(3).padding(5), 1));
    // Around lanes and register tiles, for channels, filters and images.
    int lanes = Kernels.simd().lanes();
    for (int edge : new int[] {5, 6, 7, 8, 9, lanes - 1, lanes + 1, 3 * lanes, 3 * lanes + 1}) {
      shapes.add(new ConvShape(1, edge, 4, 5, edge + 1, Window.square(3).padding(1), 1));
      shapes.add(new ConvShape(edge, 2, 5, 4, 2, Window.square(3).padding(1), 1));
    }
    shapes.add(new ConvShape(3, 34, 13, 13, 66, Window.square(3).padding(1), 2));
    shapes.add(new ConvShape(2, 20, 27, 27, 36, Window.square(5).padding(2), 2));
    // Images in more than one block.
    shapes.add(new ConvShape(601, 1, 13, 13, 1, Window.square(3).padding(1), 1));
    // Planes are interleaved eight at a time: dy's without what lies in the padding, rows that are
    // longer than a stretch one by one, and fewer rows in the last stretch.
    shapes.add(new ConvShape(1, 9, 5, 6, 17, Window.square(3).padding(3), 1));
    shapes.add(new ConvShape(1, 9, 3, 300, 9, Window.square(3).padding(1), 1));
    shapes.add(new ConvShape(1, 9, 20, 30, 9, Window.square(3).padding(1), 1));
    return shapes;
  }

  @ParameterizedTest
  @MethodSource("winogradShapes")
  void winogradMatchesTheFormula(ConvShape shape) {
    check(Kernels.simd(), ConvAlgorithm.WINOGRAD, shape);
  }

  @Test
  void winogradRefusesOtherWindows() {
    for (Window window :
        List.of(
            Window.square(3).stride(2),
            Window.square(3).dilation(2),
            Window.of(3, 2),
            Window.square(6))) {
      ConvShape shape = new ConvShape(1, 2, 9, 9, 2, window, 1);
      assertThrows(
          IllegalArgumentException.class,
          () -> Kernels.simd().convolutionForward(shape, ConvAlgorithm.WINOGRAD));
    }
  }

  /**
   * By every algorithm: what {@code AUTO} chooses for shapes as small as these is never Winograd's.
   */
  @ParameterizedTest
  @MethodSource({"shapes", "winogradShapes"})
  void everyTeamGivesTheSameBits(ConvShape shape) {
    Problem problem = new Problem(shape, 43);
    Kernels simd = Kernels.simd();
    for (ConvAlgorithm algorithm : algorithmsFor(shape)) {
      List<float[]> expected = List.of();
      for (int size = 1; size <= 3; size++) {
        try (ThreadTeam team = new ThreadTeam(size)) {
          float[] dBias = problem.bias.clone();
          List<float[]> results =
              List.of(
                  problem.forward(simd.convolutionForward(shape, algorithm), team, true),
                  problem.forward(
                      simd.convolutionInference(shape, algorithm, new PreparedWeights()),
                      team,
                      true),
                  problem.backwardData(simd.convolutionBackwardData(shape, algorithm), team),
                  problem.backwardWeights(
                      simd.convolutionBackwardWeights(shape, algorithm), team, dBias, true),
                  dBias);
          expected = size == 1 ? results : expected;
          for (int i = 0; i < results.size(); i++) {
            Sample.assertSameBits(
                expected.get(i), results.get(i), algorithm + ", " + size + ", array " + i);
          }
        }
      }
    }
  }

  private static List<ConvAlgorithm> algorithmsFor(ConvShape shape) {
    return Arrays.stream(ConvAlgorithm.values())
        .filter(algorithm -> algorithm != AUTO && Kernels.simd().supports(shape, algorithm))
        .toList();
  }

  @Test
  void aKernelMayServeLargerTeamsThanBefore() {
    Kernels simd = Kernels.simd();
    for (ConvShape shape :
        List.of(
            new ConvShape(3, 4, 13, 13, 9, Window.square(3).padding(1), 1),
            // Its input's gradient is scattered.
            new ConvShape(35, 1, 5, 5, 120, Window.square(3), 1))) {
      Problem problem = new Problem(shape, 44);
      for (ConvAlgorithm algorithm : algorithmsFor(shape)) {
        Convolution.Forward forward = simd.convolutionForward(shape, algorithm);
        Convolution.BackwardData data = simd.convolutionBackwardData(shape, algorithm);
        Convolution.BackwardWeights weights = simd.convolutionBackwardWeights(shape, algorithm);
        for (int size = 1; size <= 4; size++) {
          try (ThreadTeam team = new ThreadTeam(size)) {
            problem.checkForward(forward, team, true);
            problem.checkBackwardData(data, team);
            problem.checkBackwardWeights(weights, team, false);
          }
        }
      }
    }
  }

  @Test
  void theChoiceIsNeverAuto() {
    for (ConvShape shape : shapes()) {
      for (ConvPass pass : ConvPass.values()) {
        assertEquals(ConvAlgorithm.LOOPS, Kernels.scalar().plan(shape, pass));
        assertNotEquals(AUTO, Kernels.simd().plan(shape, pass));
      }
      Kernels simd = Kernels.simd();
      assertEquals(
          simd.plan(shape, ConvPass.FORWARD), simd.convolutionForward(shape, AUTO).algorithm());
      assertEquals(
          simd.plan(shape, ConvPass.INFERENCE),
          simd.convolutionInference(shape, AUTO, new PreparedWeights()).algorithm());
      assertEquals(
          simd.plan(shape, ConvPass.BACKWARD_DATA),
          simd.convolutionBackwardData(shape, AUTO).algorithm());
      assertEquals(
          simd.plan(shape, ConvPass.BACKWARD_WEIGHTS),
          simd.convolutionBackwardWeights(shape, AUTO).algorithm());
    }
  }

  @Test
  void tellsWhatItSupportsAndWhatItCosts() {
    for (Kernels kernels : List.of(Kernels.scalar(), Kernels.simd())) {
      for (ConvShape shape : shapes()) {
        for (ConvAlgorithm algorithm : ConvAlgorithm.values()) {
          boolean made = true;
          try {
            kernels.convolutionForward(shape, algorithm);
          } catch (IllegalArgumentException e) {
            made = false;
          }
          assertEquals(made, kernels.supports(shape, algorithm), algorithm + " of " + shape);
          if (made) {
            for (ConvPass pass : ConvPass.values()) {
              ConvCost cost = kernels.cost(shape, pass, algorithm);
              assertTrue(cost.multiplyAdds() > 0 && cost.time() > 0, cost.toString());
            }
          } else {
            assertThrows(
                IllegalArgumentException.class,
                () -> kernels.cost(shape, ConvPass.FORWARD, algorithm));
          }
        }
      }
    }
  }

  @Test
  void winogradMultipliesByThePointsOfItsTiles() {
    // 13 outputs under 3 taps as 5 + 4 + 4 take 7 + 6 + 6 = 19 points in each direction.
    ConvShape conv4 = new ConvShape(64, 384, 13, 13, 384, Window.square(3).padding(1), 1);
    ConvCost cost = Kernels.simd().cost(conv4, ConvPass.FORWARD, ConvAlgorithm.WINOGRAD);
    assertEquals(64L * 19 * 19 * 384 * 384, cost.multiplyAdds());
    assertEquals(
        64L * 13 * 13 * 9 * 384 * 384,
        Kernels.simd().cost(conv4, ConvPass.FORWARD, ConvAlgorithm.IMPLICIT_GEMM).multiplyAdds());
  }

  /** A tap meets one pixel of dx in stride², as it meets one of y. */
  @Test
  void aStridedInputGradientCostsWhatTheForwardPassDoes() {
    ConvShape shape = new ConvShape(8, 64, 56, 56, 128, Window.square(3).stride(2).padding(1), 1);
    ConvAlgorithm gemm = ConvAlgorithm.IMPLICIT_GEMM;
    double forward = Kernels.simd().cost(shape, ConvPass.FORWARD, gemm).time();
    double data = Kernels.simd().cost(shape, ConvPass.BACKWARD_DATA, gemm).time();
    assertEquals(1, data / forward, 0.3);
  }

  @Test
  void scalarRefusesWhatItLacks() {
    ConvShape shape = shapes().get(0);
    assertThrows(
        IllegalArgumentException.class,
        () -> Kernels.scalar().convolutionForward(shape, ConvAlgorithm.IMPLICIT_GEMM));
  }

  /** All sizes in one JVM: what the JIT makes of one may be inlined into the other's callers. */
  @Test
  void warmRunsAllocateNothing() {
    for (int stride = 1; stride <= 2; stride++) {
      allocatesNothing(ConvAlgorithm.IMPLICIT_GEMM, Window.square(3).stride(stride).padding(1), 13);
    }
    for (int taps = 3; taps <= 5; taps++) {
      for (int size : new int[] {4, 13, 17, 27}) {
        allocatesNothing(ConvAlgorithm.WINOGRAD, Window.square(taps).padding(taps / 2), size);
      }
    }
  }

  private static void allocatesNothing(ConvAlgorithm algorithm, Window window, int size) {
    ConvShape shape = new ConvShape(2, 16, size, size, 50, window, 2);
    Problem p = new Problem(shape, 45);
    Kernels simd = Kernels.simd();
    Convolution.Forward forward = simd.convolutionForward(shape, algorithm);
    Convolution.BackwardData data = simd.convolutionBackwardData(shape, algorithm);
    Convolution.BackwardWeights weights = simd.convolutionBackwardWeights(shape, algorithm);
    try (ThreadTeam team = new ThreadTeam(1)) {
      int length = Math.max(forward.workspace(1), data.workspace(1));
      float[] space = new float[Math.max(length, weights.workspace(1))];
      float[] dw = p.weights.clone();
      float[] db = p.bias.clone();
      long allocated =
          Sample.allocation(
              () -> {
                forward.run(
                    team, space, p.x, MARGIN, p.weights, MARGIN, p.bias, MARGIN, p.dy, MARGIN);
                data.run(team, space, p.dy, MARGIN, p.weights, MARGIN, p.x, MARGIN);
                weights.run(team, space, p.x, MARGIN, p.dy, MARGIN, dw, MARGIN, db, MARGIN, false);
              });
      assertEquals(0, allocated, algorithm + " " + shape);
    }
  }

  private static void check(Kernels kernels, ConvAlgorithm algorithm, ConvShape shape) {
    Problem problem = new Problem(shape, 42);
    try (ThreadTeam team = new ThreadTeam(2)) {
      problem.checkForward(kernels.convolutionForward(shape, algorithm), team, true);
      problem.checkForward(kernels.convolutionForward(shape, algorithm), team, false);
      problem.checkForward(
          kernels.convolutionInference(shape, algorithm, new PreparedWeights()), team, true);
      problem.checkBackwardData(kernels.convolutionBackwardData(shape, algorithm), team);
      problem.checkBackwardWeights(
          kernels.convolutionBackwardWeights(shape, algorithm), team, true);
      problem.checkBackwardWeights(
          kernels.convolutionBackwardWeights(shape, algorithm), team, false);
    }
  }

  /** Random arguments for one shape, each array within a margin, and the passes in double. */
  private static final class Problem {
    final ConvShape shape;
    final int xLength;
    final int yLength;
    final int wLength;
    final float[] x;
    final float[] weights;
    final float[] bias;
    final float[] dy;

    Problem(ConvShape shape, long seed) {
      this.shape = shape;
      xLength = shape.batch() * shape.channels() * shape.height() * shape.width();
      yLength = shape.batch() * shape.filters() * shape.outHeight() * shape.outWidth();
      wLength = shape.filters() * shape.weightsPerFilter();
      SplittableRandom random = new SplittableRandom(seed);
      x = normal(random, xLength);
      weights = normal(random, wLength);
      bias = normal(random, shape.filters());
      dy = normal(random, yLength);
    }

    private static float[] normal(SplittableRandom random, int length) {
      float[] values = output(length);
      for (int i = 0; i < length; i++) {
        values[MARGIN + i] = (float) random.nextGaussian();
      }
      return values;
    }

    /** Canaries around NaN: to be written in full, and not to be read. */
    private static float[] output(int length) {
      float[] values = new float[length + 2 * MARGIN];
      Arrays.fill(values, CANARY);
      Arrays.fill(values, MARGIN, MARGIN + length, Float.NaN);
      return values;
    }

    void checkForward(Convolution.Forward kernel, ThreadTeam team, boolean withBias) {
      Sums expected = new Sums(yLength);
      forEachProduct((i, w, o) -> expected.add(o, weights[MARGIN + w], x[MARGIN + i]));
      if (withBias) {
        int plane = shape.outHeight() * shape.outWidth();
        for (int i = 0; i < yLength; i++) {
          expected.add(i, bias[MARGIN + i / plane % shape.filters()], 1f);
        }
      }
      expected.check("y", forward(kernel, team, withBias), kernel.algorithm());
    }

    float[] forward(Convolution.Forward kernel, ThreadTeam team, boolean withBias) {
      float[] y = output(yLength);
      float[] workspace = workspace(kernel, team);
      kernel.run(
          team, workspace, x, MARGIN, weights, MARGIN, withBias ? bias : null, MARGIN, y, MARGIN);
      return y;
    }

    void checkBackwardData(Convolution.BackwardData kernel, ThreadTeam team) {
      Sums expected = new Sums(xLength);
      forEachProduct((i, w, o) -> expected.add(i, weights[MARGIN + w], dy[MARGIN + o]));
      expected.check("dx", backwardData(kernel, team), kernel.algorithm());
    }

    float[] backwardData(Convolution.BackwardData kernel, ThreadTeam team) {
      float[] dx = output(xLength);
      kernel.run(team, workspace(kernel, team), dy, MARGIN, weights, MARGIN, dx, MARGIN);
      return dx;
    }

    /**
     * With and without the gradient of the bias. Accumulates upon the weights and the bias
     * themselves, for want of other numbers.
     */
    void checkBackwardWeights(
        Convolution.BackwardWeights kernel, ThreadTeam team, boolean accumulate) {
      Sums expected = new Sums(wLength);
      Sums expectedBias = new Sums(shape.filters());
      if (accumulate) {
        for (int i = 0; i < wLength; i++) {
          expected.add(i, weights[MARGIN + i], 1f);
        }
        for (int i = 0; i < shape.filters(); i++) {
          expectedBias.add(i, bias[MARGIN + i], 1f);
        }
      }
      forEachProduct((i, w, o) -> expected.add(w, dy[MARGIN + o], x[MARGIN + i]));
      int plane = shape.outHeight() * shape.outWidth();
      for (int i = 0; i < yLength; i++) {
        expectedBias.add(i / plane % shape.filters(), dy[MARGIN + i], 1f);
      }
      float[] dBias = accumulate ? bias.clone() : output(shape.filters());
      expected.check("dw", backwardWeights(kernel, team, dBias, accumulate), kernel.algorithm());
      expectedBias.check("db", dBias, kernel.algorithm());
      expected.check(
          "dw without db", backwardWeights(kernel, team, null, accumulate), kernel.algorithm());
    }

    float[] backwardWeights(
        Convolution.BackwardWeights kernel, ThreadTeam team, float[] dBias, boolean accumulate) {
      float[] dWeights = accumulate ? weights.clone() : output(wLength);
      float[] workspace = workspace(kernel, team);
      kernel.run(
          team, workspace, x, MARGIN, dy, MARGIN, dWeights, MARGIN, dBias, MARGIN, accumulate);
      return dWeights;
    }

    /**
     * Exactly as much as the kernel says, so that taking more throws; NaN, so that reading shows.
     */
    private static float[] workspace(Kernel kernel, ThreadTeam team) {
      float[] workspace = new float[kernel.workspace(team.size())];
      Arrays.fill(workspace, Float.NaN);
      return workspace;
    }

    private interface Product {
      /** One term of a sum: w·x belongs to y, w·dy to dx and dy·x to dw. */
      void term(int xIndex, int wIndex, int yIndex);
    }

    void forEachProduct(Product product) {
      Window window = shape.window();
      for (int n = 0; n < shape.batch(); n++) {
        for (int f = 0; f < shape.filters(); f++) {
          for (int oh = 0; oh < shape.outHeight(); oh++) {
            for (int ow = 0; ow < shape.outWidth(); ow++) {
              int y = ((n * shape.filters() + f) * shape.outHeight() + oh) * shape.outWidth() + ow;
              for (int c = 0; c < shape.channelsPerGroup(); c++) {
                int channel = f / shape.filtersPerGroup() * shape.channelsPerGroup() + c;
                for (int r = 0; r < window.height(); r++) {
                  int i =
                      oh * window.strideHeight() - window.padTop() + r * window.dilationHeight();
                  for (int s = 0; s < window.width(); s++) {
                    int j =
                        ow * window.strideWidth() - window.padLeft() + s * window.dilationWidth();
                    if (i >= 0 && i < shape.height() && j >= 0 && j < shape.width()) {
                      product.term(
                          ((n * shape.channels() + channel) * shape.height() + i) * shape.width()
                              + j,
                          ((f * shape.channelsPerGroup() + c) * window.height() + r)
                                  * window.width()
                              + s,
                          y);
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
  }

  /** Sums of products in double, with what is needed to bound the error of a float sum. */
  private static final class Sums {
    final double[] sum;
    final double[] magnitude;
    final int[] terms;

    Sums(int length) {
      sum = new double[length];
      magnitude = new double[length];
      terms = new int[length];
    }

    void add(int index, float a, float b) {
      double product = (double) a * b;
      sum[index] += product;
      magnitude[index] += Math.abs(product);
      terms[index]++;
    }

    void check(String name, float[] actual, ConvAlgorithm algorithm) {
      assertEquals(sum.length + 2 * MARGIN, actual.length);
      for (int i = 0; i < MARGIN; i++) {
        assertEquals(CANARY, actual[i], name + " was written before its start");
        assertEquals(CANARY, actual[actual.length - 1 - i], name + " was written behind its end");
      }
      double largest = Arrays.stream(magnitude).max().orElseThrow();
      for (int i = 0; i < sum.length; i++) {
        double bound =
            algorithm == ConvAlgorithm.WINOGRAD
                ? 200 * 0x1p-24 * largest
                : (4 + Math.sqrt(terms[i])) * 0x1p-24 * magnitude[i];
        if (!(Math.abs(actual[MARGIN + i] - sum[i]) <= bound)) {
          fail(
              "%s[%d] is %s, not %s ± %s: %d terms"
                  .formatted(name, i, actual[MARGIN + i], sum[i], bound, terms[i]));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void keepsWeightsForInference(ConvShape shape) {
    Kernels kernels = Kernels.simd();
    for (ConvAlgorithm algorithm : ConvAlgorithm.values()) {
      if (!kernels.supports(shape, algorithm) || algorithm == ConvAlgorithm.LOOPS) {
        continue;
      }
      SplittableRandom random = new SplittableRandom(5);
      float[] x = new float[shape.batch() * shape.channels() * shape.height() * shape.width()];
      float[] weights = new float[shape.filters() * shape.weightsPerFilter()];
      float[] bias = new float[shape.filters()];
      for (float[] array : List.of(x, weights, bias)) {
        for (int i = 0; i < array.length; i++) {
          array[i] = (float) random.nextDouble(-1, 1);
        }
      }
      int outputs = shape.batch() * shape.filters() * shape.outHeight() * shape.outWidth();
      float[] expected = new float[outputs];
      float[] y = new float[outputs];
      try (ThreadTeam team = new ThreadTeam(2)) {
        PreparedWeights prepared = new PreparedWeights();
        Convolution.Forward forward = kernels.convolutionInference(shape, algorithm, prepared);
        float[] workspace = new float[forward.workspace(2)];
        forward.run(team, workspace, x, 0, weights, 0, bias, 0, expected, 0);
        if (forward.algorithm() == ConvAlgorithm.IMPLICIT_GEMM) { // Winograd's tiles may differ
          Convolution.Forward changing = kernels.convolutionForward(shape, forward.algorithm());
          float[] space = new float[changing.workspace(2)];
          changing.run(team, space, x, 0, weights, 0, bias, 0, y, 0);
          assertArrayEquals(y, expected, algorithm + " with weights that may change");
        }
        Arrays.fill(workspace, Float.NaN);
        Arrays.fill(y, Float.NaN);
        Arrays.fill(weights, Float.NaN);
        forward.run(team, workspace, x, 0, weights, 0, bias, 0, y, 0);
        assertArrayEquals(expected, y, algorithm.name());
        Convolution.Forward second = kernels.convolutionInference(shape, algorithm, prepared);
        long bytes = prepared.bytes();
        second.run(team, new float[second.workspace(2)], x, 0, weights, 0, bias, 0, y, 0);
        assertArrayEquals(expected, y, algorithm + " with weights that another kernel prepared");
        assertEquals(bytes, prepared.bytes(), "nothing is prepared twice");
      }
    }
  }
}
