package io.alexnet.kernels.simd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.kernels.ConvAlgorithm;
import io.alexnet.kernels.ConvPass;
import io.alexnet.kernels.ConvShape;
import io.alexnet.kernels.Kernels;
import io.alexnet.kernels.ThreadTeam;
import io.alexnet.kernels.Window;
import io.alexnet.kernels.simd.ConvolutionErrors.Data;
import io.alexnet.kernels.simd.ConvolutionErrors.Errors;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The errors that {@code docs/convolution.md} promises.
 *
 * <p>Each bound is about twice the largest error seen with these shapes and data, so it holds for
 * other numbers of lanes, which sum in another order. A transform's constant that is wrong by a
 * ten-thousandth breaks it.
 */
class ConvolutionErrorTest {

  /** What no choice of the planner may exceed on the data of a training, of the rms value. */
  private static final double AUTO_BOUND = 5e-5;

  /**
   * Of an output's own Σ|a·b|, by the algorithms that add up its terms and nothing else. A float's
   * rounding is 6·10⁻⁸, and where one term outweighs all others the sum shows two of them.
   */
  private static final double DIRECT_BOUND_OF_TERMS = 2.5e-7;

  /** Of the rms value, whatever the data. */
  private static double bound(ConvAlgorithm algorithm, ConvPass pass) {
    return switch (algorithm) {
      // The loops over all pixels sum in double: what is left is the rounding of the result.
      case LOOPS -> pass == ConvPass.BACKWARD_WEIGHTS ? 6e-8 : 1.2e-6;
      case IMPLICIT_GEMM -> 1.5e-6;
      case WINOGRAD -> 8e-6;
      case AUTO -> AUTO_BOUND;
    };
  }

  /** Every window and every number of points, with enough images for tiles as long as can be. */
  static List<ConvShape> shapes() {
    List<ConvShape> shapes = new ArrayList<>();
    for (int size = 3; size <= 5; size++) {
      Window window = Window.of(4, 3).padding(2, 1, 1, 1);
      shapes.add(new ConvShape(8, 20, size, size + 1, 20, window, 1));
    }
    for (int size = 3; size <= 4; size++) {
      shapes.add(new ConvShape(8, 20, size, size, 20, Window.square(5).padding(2), 1));
    }
    // Last, when the small ones have warmed the kernels up.
    shapes.add(new ConvShape(2, 64, 13, 13, 64, Window.square(3).padding(1), 2));
    shapes.add(new ConvShape(1, 24, 27, 27, 24, Window.square(5).padding(2), 1));
    return shapes;
  }

  /** AlexNet's own numbers of channels, for which the planner takes Winograd's algorithm. */
  static List<ConvShape> alexNetShapes() {
    return List.of(
        new ConvShape(2, 96, 27, 27, 256, Window.square(5).padding(2), 2),
        new ConvShape(8, 384, 13, 13, 384, Window.square(3).padding(1), 2));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void errorsStayWithinTheirBounds(ConvShape shape) {
    try (ThreadTeam team = new ThreadTeam(2)) {
      for (ConvPass pass : ConvPass.values()) {
        for (Data data : Data.values()) {
          ConvolutionErrors errors = new ConvolutionErrors(shape, pass, data, 71);
          for (ConvAlgorithm algorithm :
              List.of(ConvAlgorithm.LOOPS, ConvAlgorithm.IMPLICIT_GEMM, ConvAlgorithm.WINOGRAD)) {
            Errors of = errors.of(Kernels.simd(), algorithm, team);
            String what = algorithm + ", " + pass + ", " + data.text + ", " + shape;
            atMost(bound(algorithm, pass), of.ofValues(), what + ", of the rms value");
            if (algorithm != ConvAlgorithm.WINOGRAD) {
              atMost(DIRECT_BOUND_OF_TERMS, of.ofTerms(), what + ", of its own terms");
            }
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource({"shapes", "alexNetShapes"})
  void theChoiceIsPreciseEnoughToTrainWith(ConvShape shape) {
    try (ThreadTeam team = new ThreadTeam(2)) {
      for (ConvPass pass : ConvPass.values()) {
        for (Data data : List.of(Data.GAUSSIAN, Data.SPARSE)) {
          Errors of =
              new ConvolutionErrors(shape, pass, data, 72)
                  .of(Kernels.simd(), ConvAlgorithm.AUTO, team);
          atMost(AUTO_BOUND, of.ofValues(), pass + ", " + data.text + ", " + shape);
        }
      }
    }
  }

  /** Otherwise the bounds above would guard less than they seem to. */
  @ParameterizedTest
  @EnumSource(ConvPass.class)
  void theShapesTakeTilesOfEverySize(ConvPass pass) {
    Set<String> seen = new TreeSet<>();
    for (ConvShape shape : shapes()) {
      WinogradCover cover = WinogradCover.cheapest(shape, pass);
      for (WinogradTiles tiles : List.of(cover.down(), cover.across())) {
        for (int tile = 0; tile < tiles.tiles(); tile++) {
          seen.add(tiles.taps() + " taps " + tiles.points(tile) + " points");
        }
      }
    }
    Set<String> all = new TreeSet<>();
    for (int taps = 3; taps <= 5; taps++) {
      for (int points = Math.max(taps + 2, 6); points <= 8; points++) {
        all.add(taps + " taps " + points + " points");
      }
    }
    assertEquals(all, seen);
  }

  @Test
  void alexNetsShapesTakeWinogradsAlgorithm() {
    for (ConvShape shape : alexNetShapes()) {
      for (ConvPass pass : ConvPass.values()) {
        assertEquals(ConvAlgorithm.WINOGRAD, Kernels.simd().plan(shape, pass), pass + " " + shape);
      }
    }
  }

  private static void atMost(double bound, double error, String what) {
    assertTrue(error <= bound, () -> "error %.2g above %.2g: %s".formatted(error, bound, what));
  }
}
