package io.alexnet.graph;

import io.alexnet.kernels.ConvAlgorithm;
import io.alexnet.kernels.ConvShape;
import io.alexnet.kernels.Convolution;
import io.alexnet.kernels.Kernels;
import io.alexnet.kernels.ThreadTeam;
import io.alexnet.layer.ConvolutionChoice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.ToIntFunction;

/** Measures which algorithm is the fastest for each pass of each convolution, on this machine. */
final class ConvolutionTuner {

  private static final int RUNS = 5;

  // Before the compiler is through with a kernel, its time says nothing.
  private static final int WARM_UP_RUNS = 3;
  private static final long WARM_UP_NANOS = 300_000_000;

  private final Kernels kernels;
  private final ThreadTeam team;

  // As long as the largest convolution needs.
  private final float[] x;
  private final float[] y;
  private final float[] weights;
  private final float[] bias;
  private float[] workspace = new float[0];

  private ConvolutionTuner(
      List<PlannedConvolution> convolutions, Kernels kernels, ThreadTeam team) {
    this.kernels = kernels;
    this.team = team;
    x = new float[most(convolutions, s -> s.batch() * s.channels() * s.height() * s.width())];
    y = new float[most(convolutions, s -> s.batch() * s.filters() * s.outHeight() * s.outWidth())];
    weights = new float[most(convolutions, s -> s.filters() * s.weightsPerFilter())];
    bias = new float[most(convolutions, ConvShape::filters)];
  }

  private static int most(List<PlannedConvolution> convolutions, ToIntFunction<ConvShape> size) {
    return convolutions.stream().map(PlannedConvolution::shape).mapToInt(size).max().orElse(0);
  }

  static ConvolutionChoice tune(
      List<PlannedConvolution> convolutions, Kernels kernels, ThreadTeam team) {
    ConvolutionTuner tuner = new ConvolutionTuner(convolutions, kernels, team);
    Map<String, ConvAlgorithm> fastest = new LinkedHashMap<>();
    for (PlannedConvolution convolution : convolutions) {
      fastest.put(
          ConvolutionChoice.key(convolution.layer(), convolution.pass()),
          tuner.fastest(convolution));
    }
    return ConvolutionChoice.tuned(fastest);
  }

  private ConvAlgorithm fastest(PlannedConvolution convolution) {
    List<ConvAlgorithm> candidates = candidates(convolution);
    if (candidates.size() == 1) {
      return candidates.get(0);
    }
    List<Runnable> runs = new ArrayList<>();
    for (ConvAlgorithm candidate : candidates) {
      runs.add(prepare(convolution, candidate));
    }
    // Anew for each: what the pass before wrote is by orders of magnitude larger.
    fill(x);
    fill(y);
    fill(weights);
    runs.forEach(ConvolutionTuner::warmUp);
    long[][] nanos = new long[runs.size()][RUNS];
    for (int r = 0; r < RUNS; r++) {
      for (int c = 0; c < nanos.length; c++) { // by turns: what slows the machine slows all
        nanos[c][r] = time(runs.get(c));
      }
    }
    int best = 0;
    for (int c = 0; c < nanos.length; c++) {
      Arrays.sort(nanos[c]);
      if (nanos[c][RUNS / 2] < nanos[best][RUNS / 2]) {
        best = c;
      }
    }
    return candidates.get(best);
  }

  /** The planner's choice first: it wins a draw. */
  private List<ConvAlgorithm> candidates(PlannedConvolution convolution) {
    List<ConvAlgorithm> candidates = new ArrayList<>();
    candidates.add(kernels.plan(convolution.shape(), convolution.pass()));
    for (ConvAlgorithm fast : List.of(ConvAlgorithm.IMPLICIT_GEMM, ConvAlgorithm.WINOGRAD)) {
      if (!candidates.contains(fast) && kernels.supports(convolution.shape(), fast)) {
        candidates.add(fast);
      }
    }
    return candidates;
  }

  private Runnable prepare(PlannedConvolution convolution, ConvAlgorithm algorithm) {
    ConvShape shape = convolution.shape();
    switch (convolution.pass()) {
      case FORWARD -> {
        Convolution.Forward kernel = kernels.convolutionForward(shape, algorithm);
        reserve(kernel);
        return () -> kernel.run(team, workspace, x, 0, weights, 0, bias, 0, y, 0);
      }
      case BACKWARD_DATA -> {
        Convolution.BackwardData kernel = kernels.convolutionBackwardData(shape, algorithm);
        reserve(kernel);
        return () -> kernel.run(team, workspace, y, 0, weights, 0, x, 0);
      }
      case BACKWARD_WEIGHTS -> {
        Convolution.BackwardWeights kernel = kernels.convolutionBackwardWeights(shape, algorithm);
        reserve(kernel);
        return () -> kernel.run(team, workspace, x, 0, y, 0, weights, 0, bias, 0, false);
      }
    }
    throw new AssertionError(convolution.pass());
  }

  private void reserve(Convolution.Pass kernel) {
    int needed = kernel.workspace(team.size());
    if (workspace.length < needed) {
      workspace = new float[needed];
    }
  }

  private static void fill(float[] values) {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble() - 0.5f;
    }
  }

  private static void warmUp(Runnable run) {
    long start = System.nanoTime();
    for (int r = 0; r < WARM_UP_RUNS || System.nanoTime() - start < WARM_UP_NANOS; r++) {
      run.run();
    }
  }

  private static long time(Runnable run) {
    long start = System.nanoTime();
    run.run();
    return System.nanoTime() - start;
  }
}
