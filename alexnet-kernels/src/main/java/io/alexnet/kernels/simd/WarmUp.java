package io.alexnet.kernels.simd;

import io.alexnet.kernels.ActivationFunction;
import io.alexnet.kernels.ConvAlgorithm;
import io.alexnet.kernels.ConvShape;
import io.alexnet.kernels.DenseShape;
import io.alexnet.kernels.Kernel;
import io.alexnet.kernels.Kernels;
import io.alexnet.kernels.LrnShape;
import io.alexnet.kernels.PoolShape;
import io.alexnet.kernels.ThreadTeam;
import io.alexnet.kernels.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Has C2 compile what a first training step of AlexNet would spend seconds in: until then each
 * vector operation is a call that allocates its result, a hundred times slower.
 *
 * <p>Each kernel has its turn for as long as C2 needs for it. Where methods wait for C2 in a row,
 * HotSpot asks for more calls of each before it lets them join (Tier4LoadFeedback), and for the
 * first hundreds in the interpreter shapes must be small. The register tiles come first, because
 * they take longest and are part of most others.
 */
final class WarmUp {

  /** Terms of a tile. */
  private static final int TERMS = 4;

  /** Nanoseconds that each kernel has at least. */
  private static final long SLOT = 100_000_000;

  /** Runs of each at least: 200 calls of a method until C1 has compiled it, then 600 for C2. */
  private static final int RUNS = 200;

  /** Nanoseconds that a kernel runs before it leaves its processor to C2 for as long. */
  private static final long TURN = 1_000_000;

  private static final int CHANNELS = RegisterTile.LANES;

  /** Columns of a full tile and of one with a single vector. */
  private static final int FILTERS = RegisterTile.COLUMNS + RegisterTile.LANES;

  private final Kernels kernels = SimdKernels.INSTANCE;
  private final ThreadTeam team;
  private final List<Runnable> steps = new ArrayList<>();
  private float[] workspace = {};

  /** What all kernels read, and where they write: each as long as the longest of their arrays. */
  private float[] from = {};

  private float[] to = {};

  private WarmUp(ThreadTeam team) {
    this.team = team;
    tiles();
    panels();
    convolution(3, 43, Window.square(11).stride(4));
    convolution(CHANNELS, 13, Window.square(3).padding(1));
    convolution(CHANNELS, 27, Window.square(5).padding(2));
    dense(4 * RegisterTile.LANES, RegisterTile.LANES, 12);
    pooling();
    elementwise(RegisterTile.LANES);
    normalisation();
    loss();
  }

  static void run() {
    try (ThreadTeam alone = new ThreadTeam(1)) {
      new WarmUp(alone).steps.forEach(WarmUp::run);
    }
  }

  private static void run(Runnable step) {
    long end = System.nanoTime() + SLOT;
    for (int runs = 0; runs < RUNS || System.nanoTime() < end; ) {
      long turn = System.nanoTime() + TURN;
      do {
        step.run();
        runs++;
      } while (System.nanoTime() < turn);
      LockSupport.parkNanos(TURN);
    }
  }

  private void tiles() {
    float[] zeros = RegisterTile.ZEROS;
    int vectors = RegisterTile.VECTORS;
    int rows = RegisterTile.ROWS;
    int columns = RegisterTile.COLUMNS;
    lengthen(rows * columns, BlockTile.blocks(TERMS), TERMS * columns);
    steps.add(
        () ->
            RegisterTile.multiply(
                vectors, TERMS, from, 0, rows, from, 0, zeros, 0, 0, to, 0, columns));
    steps.add(
        () -> BlockTile.multiply(vectors, TERMS, from, 0, from, 0, zeros, 0, 0, to, 0, columns));
    for (int wide : new int[] {RowTile.VECTORS, RowTile.VECTORS_OF_SIX_ROWS}) {
      int height = RowTile.height(wide);
      int pitch = wide * RegisterTile.LANES;
      lengthen(height * pitch, height * TERMS, TERMS * pitch);
      steps.add(
          () ->
              RowTile.multiply(
                  height, wide, height, TERMS, from, 0, TERMS, from, 0, pitch, zeros, 0, 0, to, 0,
                  pitch));
    }
  }

  /** Some widths are copied a few times a step, which C2 would take hundreds of steps to notice. */
  private void panels() {
    lengthen(TERMS * RowTile.VECTORS * RegisterTile.LANES);
    steps.add(
        () -> {
          for (int vectors = 1; vectors <= RowTile.VECTORS; vectors++) {
            int columns = vectors * RegisterTile.LANES;
            Panels.cut(from, 0, columns, TERMS, columns, to, 0, columns);
          }
        });
  }

  /** For arrays of these lengths. */
  private void lengthen(int... lengths) {
    for (int length : lengths) {
      if (from.length < length) {
        from = new float[length];
        to = new float[length];
      }
    }
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
    lengthen(
        channels * size * size,
        FILTERS * shape.weightsPerFilter(),
        FILTERS * shape.outHeight() * shape.outWidth());
    steps.add(() -> forward.run(team, workspace, from, 0, from, 0, from, 0, to, 0));
    steps.add(() -> weights.run(team, workspace, from, 0, from, 0, to, 0, to, 0, false));
    if (algorithm == ConvAlgorithm.WINOGRAD) {
      var data = kernels.convolutionBackwardData(shape, algorithm);
      reserve(data);
      steps.add(() -> data.run(team, workspace, from, 0, from, 0, to, 0));
    }
  }

  private void dense(int batch, int inputs, int outputs) {
    DenseShape shape = new DenseShape(batch, inputs, outputs);
    var forward = kernels.denseForward(shape);
    var data = kernels.denseBackwardData(shape);
    var weights = kernels.denseBackwardWeights(shape);
    reserve(forward, data, weights);
    lengthen(batch * inputs, outputs * inputs, batch * outputs);
    steps.add(() -> forward.run(team, workspace, from, 0, from, 0, from, 0, to, 0));
    steps.add(() -> data.run(team, workspace, from, 0, from, 0, to, 0));
    steps.add(() -> weights.run(team, workspace, from, 0, from, 0, to, 0, to, 0, false));
  }

  private void elementwise(int length) {
    var forward = kernels.activationForward(ActivationFunction.RELU, 0, length);
    var backward = kernels.activationBackward(ActivationFunction.RELU, 0, length);
    var dropout = kernels.dropout(length, 0.5f);
    var update = kernels.sgd(length);
    float[] velocity = new float[length];
    lengthen(length);
    steps.add(() -> forward.run(team, from, 0, to, 0));
    steps.add(() -> backward.run(team, from, 0, from, 0, to, 0));
    steps.add(() -> dropout.run(team, 1, from, 0, to, 0));
    steps.add(() -> update.run(team, to, 0, from, 0, velocity, 0, 0, 0, 1, false));
  }

  private void normalisation() {
    LrnShape shape = new LrnShape(1, CHANNELS, 2 * RegisterTile.LANES + 3, 5, 1e-4f, 0.75f, 2);
    lengthen(CHANNELS * shape.pixels());
    var forward = kernels.lrnForward(shape);
    var backward = kernels.lrnBackward(shape);
    steps.add(() -> forward.run(team, from, 0, to, 0));
    steps.add(() -> backward.run(team, from, 0, from, 0, to, 0));
  }

  private void pooling() {
    Window window = Window.square(3).stride(2);
    PoolShape shape = new PoolShape(1, 2, 7, 2 * RegisterTile.LANES + 3, window, false, false);
    var forward = kernels.maxPoolForward(shape);
    var backward = kernels.maxPoolBackward(shape);
    int[] indices = new int[shape.channels() * shape.outHeight() * shape.outWidth()];
    lengthen(shape.channels() * shape.height() * shape.width());
    steps.add(() -> forward.run(team, from, 0, to, 0, indices));
    steps.add(() -> backward.run(team, from, 0, indices, to, 0));
  }

  private void loss() {
    int batch = 16;
    int classes = 1000;
    var crossEntropy = kernels.softmaxCrossEntropy(batch, classes);
    int[] labels = new int[batch];
    lengthen(batch * classes);
    float[] losses = new float[batch];
    steps.add(() -> crossEntropy.run(team, from, 0, labels, 0, 1, losses, to, 0));
  }
}
