package io.alexnet.kernels.simd;

import io.alexnet.kernels.ActivationFunction;
import io.alexnet.kernels.ConvAlgorithm;
import io.alexnet.kernels.ConvShape;
import io.alexnet.kernels.Kernel;
import io.alexnet.kernels.Kernels;
import io.alexnet.kernels.LrnShape;
import io.alexnet.kernels.PoolShape;
import io.alexnet.kernels.ThreadTeam;
import io.alexnet.kernels.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Has C2 compile what a first training step of AlexNet would spend seconds in: until then each
 * vector operation is a call that allocates its result, a hundred times slower.
 *
 * <p>The register tiles come first, because C2 takes longest for them. They run so often, and each
 * time so briefly, that they are compiled as a whole and not once more for a loop under way. Then
 * come whole kernels on small shapes, with AlexNet's windows.
 */
final class WarmUp {

  /** Terms of a tile. */
  private static final int TERMS = 24;

  /** Calls after which HotSpot has C2 compile a method with such loops (Tier4CompileThreshold). */
  private static final int TILES = 800;

  /** Runs of each kernel, for the same. */
  private static final int RUNS = 60;

  private static final int CHANNELS = RegisterTile.LANES;

  /** Columns of a full tile and of one with a single vector. */
  private static final int FILTERS = RegisterTile.COLUMNS + RegisterTile.LANES;

  private final Kernels kernels = SimdKernels.INSTANCE;
  private final ThreadTeam team;
  private final float[] from = new float[1 << 16];
  private final float[] to = new float[1 << 16];
  private final int[] indices = new int[1 << 14];
  private final List<Runnable> steps = new ArrayList<>();
  private float[] workspace = {};

  private WarmUp(ThreadTeam team) {
    this.team = team;
    convolution(3, 43, new Window(11, 11, 4, 4, 0, 0, 0, 0, 1, 1));
    convolution(CHANNELS, 13, new Window(3, 3, 1, 1, 1, 1, 1, 1, 1, 1));
    convolution(CHANNELS, 27, new Window(5, 5, 1, 1, 2, 2, 2, 2, 1, 1));
    elementwise(CHANNELS * 27 * 27);
    normalisation();
    pooling();
    loss();
  }

  /** Returns early if {@code enough} says so. */
  static void run(BooleanSupplier enough) {
    try (ThreadTeam alone = new ThreadTeam(1)) {
      WarmUp warmUp = new WarmUp(alone);
      for (int call = 0; call < TILES && !enough.getAsBoolean(); call++) {
        warmUp.tiles();
      }
      for (Runnable step : warmUp.steps) {
        for (int run = 0; run < RUNS && !enough.getAsBoolean(); run++) {
          step.run();
        }
      }
    }
  }

  private void tiles() {
    int columns = RegisterTile.COLUMNS;
    float[] zeros = RegisterTile.ZEROS;
    RegisterTile.multiply(
        RegisterTile.VECTORS,
        TERMS,
        from,
        0,
        RegisterTile.ROWS,
        from,
        0,
        zeros,
        0,
        0,
        to,
        0,
        columns);
    BlockTile.multiply(RegisterTile.VECTORS, TERMS, from, 0, from, 0, zeros, 0, 0, to, 0, columns);
    int wide = RowTile.COLUMNS;
    RowTile.multiply(
        RowTile.VECTORS,
        RowTile.ROWS,
        TERMS,
        from,
        0,
        TERMS,
        from,
        0,
        wide,
        zeros,
        0,
        0,
        to,
        0,
        wide);
    RowTile.multiplyAndPack(
        TERMS, from, 0, TERMS, from, 0, RowTile.PACKED, to, 0, zeros, 0, 0, to, 0, RowTile.PACKED);
  }

  private void reserve(Kernel... some) {
    for (Kernel kernel : some) {
      int floats = kernel.workspace(team.size());
      if (workspace.length < floats) {
        workspace = new float[floats];
      }
    }
  }

  private void convolution(int channels, int size, Window window) {
    ConvShape shape = new ConvShape(1, channels, size, size, FILTERS, window, 1);
    ConvAlgorithm algorithm =
        WinogradCover.fits(shape) ? ConvAlgorithm.WINOGRAD : ConvAlgorithm.IMPLICIT_GEMM;
    var forward = kernels.convolutionForward(shape, algorithm);
    var weights = kernels.convolutionBackwardWeights(shape, algorithm);
    reserve(forward, weights);
    steps.add(() -> forward.run(team, workspace, from, 0, from, 0, from, 0, to, 0));
    steps.add(() -> weights.run(team, workspace, from, 0, from, 0, to, 0, to, 0, false));
    if (algorithm == ConvAlgorithm.WINOGRAD) {
      var data = kernels.convolutionBackwardData(shape, algorithm);
      reserve(data);
      steps.add(() -> data.run(team, workspace, from, 0, from, 0, to, 0));
    }
  }

  private void elementwise(int length) {
    var forward = kernels.activationForward(ActivationFunction.RELU, 0, length);
    var backward = kernels.activationBackward(ActivationFunction.RELU, 0, length);
    var dropout = kernels.dropout(length, 0.5f);
    var update = kernels.sgd(length);
    float[] velocity = new float[length];
    steps.add(() -> forward.run(team, from, 0, to, 0));
    steps.add(() -> backward.run(team, from, 0, from, 0, to, 0));
    steps.add(() -> dropout.run(team, 1, from, 0, to, 0));
    steps.add(() -> update.run(team, to, 0, from, 0, velocity, 0, 0, 0, 1, false));
  }

  private void normalisation() {
    LrnShape shape = new LrnShape(1, CHANNELS, 27 * 27, 5, 1e-4f, 0.75f, 2);
    var forward = kernels.lrnForward(shape);
    var backward = kernels.lrnBackward(shape);
    steps.add(() -> forward.run(team, from, 0, to, 0));
    steps.add(() -> backward.run(team, from, 0, from, 0, to, 0));
  }

  private void pooling() {
    Window window = new Window(3, 3, 2, 2, 0, 0, 0, 0, 1, 1);
    PoolShape shape = new PoolShape(1, CHANNELS, 27, 27, window, false, false);
    var forward = kernels.maxPoolForward(shape);
    var backward = kernels.maxPoolBackward(shape);
    steps.add(() -> forward.run(team, from, 0, to, 0, indices));
    steps.add(() -> backward.run(team, from, 0, indices, to, 0));
  }

  private void loss() {
    int batch = 16;
    int classes = 1000;
    var crossEntropy = kernels.softmaxCrossEntropy(batch, classes);
    int[] labels = new int[batch];
    float[] losses = new float[batch];
    steps.add(() -> crossEntropy.run(team, from, 0, labels, 0, 1, losses, to, 0));
  }
}
