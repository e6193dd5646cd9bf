package io.alexnet.kernels.simd;

import static jdk.incubator.vector.VectorOperators.LE;
import static jdk.incubator.vector.VectorOperators.NE;

import io.alexnet.kernels.PoolShape;
import io.alexnet.kernels.scalar.ScalarMaxPooling;
import io.alexnet.kernels.scalar.WorkerScratch;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Max pooling with a lane for each column where a window may begin. With a stride over one most
 * lanes are thrown away; contiguous loads are still many times cheaper than gathering every
 * stride-th column. The backward pass has no twin: it is a scatter, which loses gradients where
 * windows overlap and lanes collide, and takes 2.3 times as long as scalar code on JDK 17 with
 * AVX-512 even where they do not (2×2 windows, stride 2).
 */
final class SimdMaxPooling extends ScalarMaxPooling.Forward {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  private final int stride;
  private final int windowWidth;

  /** Offsets of a window's places from its first, row by row. */
  private final int[] taps;

  /** Outputs from ≤ ox &lt; to have windows that no edge cuts; the first begins at column begin. */
  private final int from;

  private final int to;
  private final int begin;

  /** Columns from the first such window's begin to the last one's. */
  private final int span;

  private final WorkerScratch scratch;

  SimdMaxPooling(PoolShape shape) {
    super(shape);
    var window = shape.window();
    stride = window.strideWidth();
    windowWidth = window.width();
    taps = new int[window.height() * window.width()];
    for (int t = 0; t < taps.length; t++) {
      taps[t] =
          t / window.width() * window.dilationHeight() * shape.width()
              + t % window.width() * window.dilationWidth();
    }
    from = Math.min((window.padLeft() + stride - 1) / stride, columns.outputs());
    int lastBegin = shape.width() - window.extentWidth();
    int whole = Math.floorDiv(lastBegin + window.padLeft(), stride) + 1;
    to = Math.max(from, Math.min(whole, columns.outputs()));
    begin = from * stride - window.padLeft();
    span = (to - from - 1) * stride + 1;
    scratch = new WorkerScratch(2 * Math.max(0, span + LANES));
  }

  @Override
  protected void plane(int plane, int worker) {
    float[] maxima = scratch.of(worker);
    for (int oy = 0; oy < rows.outputs(); oy++) {
      windows(plane, oy, 0, from);
      windows(plane, oy, vectorWindows(plane, oy, maxima), columns.outputs());
    }
  }

  /** Outputs from {@link #from} on of row oy; returns where it stopped. */
  private int vectorWindows(int plane, int oy, float[] maxima) {
    int first = rows.first(oy) * width + begin;
    int tapCount = (rows.end(oy) - rows.first(oy) + rows.step() - 1) / rows.step() * windowWidth;
    int in = xOffset + plane * planeSize + first;
    int reach = taps[tapCount - 1] + LANES;
    // Lanes beyond the row read what follows it, which need not exist after the last row of all.
    int end = Math.min(span, x.length - in - reach + 1);
    int steps = end <= 0 ? 0 : (end + LANES - 1) / LANES;
    slidingMaxima(x, in, steps, taps, tapCount, maxima);
    int outputs = Math.min(to - from, (steps * LANES + stride - 1) / stride);
    int out = (plane * rows.outputs() + oy) * columns.outputs() + from;
    for (int i = 0; i < outputs; i++) {
      y[yOffset + out + i] = maxima[i * stride];
    }
    if (argmax != null) {
      int offsets = maxima.length / 2;
      for (int i = 0; i < outputs; i++) {
        argmax[out + i] =
            first + i * stride + Float.floatToRawIntBits(maxima[offsets + i * stride]);
      }
    }
    return from + outputs;
  }

  /**
   * For every column the maximum of the window that begins there, and in the second half of {@code
   * maxima} its offset from that begin: ints in the bits of floats, as one mask type for both
   * blends spares the conversion of masks, which JDK 17 does not do in registers. The taps are one
   * list as well for JDK 17's sake, which boxes vectors that live through two nested loops.
   */
  private static void slidingMaxima(
      float[] x, int in, int steps, int[] taps, int tapCount, float[] maxima) {
    int offsets = maxima.length / 2;
    for (int i = 0; i < steps * LANES; i += LANES) {
      FloatVector max = FloatVector.fromArray(SPECIES, x, in + i);
      FloatVector winner = FloatVector.zero(SPECIES);
      for (int t = 1; t < tapCount; t++) {
        FloatVector value = FloatVector.fromArray(SPECIES, x, in + i + taps[t]);
        // Not "takes where value > max": a NaN must win, and the first one must stay.
        VectorMask<Float> stays = value.compare(LE, max).or(max.compare(NE, max));
        max = value.blend(max, stays);
        winner = FloatVector.broadcast(SPECIES, Float.intBitsToFloat(taps[t])).blend(winner, stays);
      }
      max.intoArray(maxima, i);
      winner.intoArray(maxima, offsets + i);
    }
  }
}
