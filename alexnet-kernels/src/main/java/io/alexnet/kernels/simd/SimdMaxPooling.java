package io.alexnet.kernels.simd;

import static jdk.incubator.vector.VectorOperators.LE;
import static jdk.incubator.vector.VectorOperators.NE;

import io.alexnet.kernels.PoolShape;
import io.alexnet.kernels.scalar.ScalarMaxPooling;
import io.alexnet.kernels.scalar.WorkerScratch;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Max pooling with a lane for each window of a row. First the whole plane is copied, its floats
 * sorted by their place modulo the stride, so that a tap of neighbouring windows is a stretch of
 * neighbouring floats. The backward pass has no twin: it is a scatter, which loses gradients where
 * windows overlap and lanes collide, and takes 2.3 times as long as scalar code on JDK 17 with
 * AVX-512 even where they do not (2×2 windows, stride 2).
 */
final class SimdMaxPooling extends ScalarMaxPooling.Forward {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  /** The even lanes, twice; and the odd ones. */
  private static final VectorShuffle<Float> EVEN =
      VectorShuffle.fromOp(SPECIES, lane -> 2 * lane % LANES);

  private static final VectorShuffle<Float> ODD =
      VectorShuffle.fromOp(SPECIES, lane -> 2 * lane % LANES + 1);

  private static final VectorMask<Float> UPPER_HALF =
      VectorMask.fromLong(SPECIES, -1L << LANES / 2 & -1L >>> 64 - LANES);

  private final int stride;
  private final int taps;
  private final int tapsAcross;

  /** Outputs from ≤ ox &lt; to have windows that no edge cuts at its side. */
  private final int from;

  private final int to;

  /** Vectors that they take, in a row. */
  private final int steps;

  /** Floats for one remainder in the copy of a plane. */
  private final int pitch;

  /** Where the taps of row oy's output {@link #from} lie in the copy, [oy][tap]. */
  private final int[] sources;

  /** How far each tap lies behind the first in the plane: ints in the bits of floats. */
  private final float[] offsets;

  /** How far the windows of a row lie behind the first of them. */
  private final int[] begins;

  private final WorkerScratch scratch;

  SimdMaxPooling(PoolShape shape) {
    super(shape);
    var window = shape.window();
    stride = window.strideWidth();
    tapsAcross = window.width();
    taps = window.height() * tapsAcross;
    from = Math.min(Rounding.ceilDiv(window.padLeft(), stride), columns.outputs());
    int lastBegin = shape.width() - window.extentWidth();
    int whole = Math.floorDiv(lastBegin + window.padLeft(), stride) + 1;
    to = Math.max(from, Math.min(whole, columns.outputs()));
    steps = Rounding.ceilDiv(to - from, LANES);
    pitch = Rounding.ceilDiv(planeSize, stride) + LANES;
    int column = from * stride - window.padLeft();
    sources = new int[rows.outputs() * taps];
    offsets = new float[taps];
    for (int t = 0; t < taps; t++) {
      int offset =
          t / tapsAcross * window.dilationHeight() * width
              + t % tapsAcross * window.dilationWidth();
      offsets[t] = Float.intBitsToFloat(offset);
      for (int oy = 0; oy < rows.outputs(); oy++) {
        int place = rows.first(oy) * width + column + offset;
        sources[oy * taps + t] = place % stride * pitch + place / stride;
      }
    }
    begins = new int[steps * LANES];
    for (int i = 0; i < begins.length; i++) {
      begins[i] = column + i * stride;
    }
    scratch = new WorkerScratch(2 * steps * LANES + stride * pitch);
  }

  @Override
  protected void plane(int plane, int worker) {
    if (steps == 0) {
      super.plane(plane, worker);
      return;
    }
    float[] copy = scratch.of(worker);
    sort(xOffset + plane * planeSize, copy);
    int out = plane * rows.outputs() * columns.outputs();
    int end = out + rows.outputs() * columns.outputs();
    for (int oy = 0; oy < rows.outputs(); oy++, out += columns.outputs()) {
      vectorWindows(oy, out + from, end, copy);
      windows(plane, oy, 0, from);
      windows(plane, oy, to, columns.outputs());
    }
  }

  /** Copies a plane: the floats of each remainder modulo the stride one after the other. */
  private void sort(int in, float[] copy) {
    if (stride == 1) {
      System.arraycopy(x, in, copy, 0, planeSize);
      return;
    }
    int sorted = stride == 2 ? sortPairs(x, in, planeSize / 2, copy, pitch) : 0;
    for (int remainder = 0; remainder < stride; remainder++) {
      int at = remainder * pitch;
      for (int place = sorted * stride + remainder, i = sorted; place < planeSize; i++) {
        copy[at + i] = x[in + place];
        place += stride;
      }
    }
  }

  /** Sorts whole vectors of floats at even and odd places; returns how many of each. */
  private static int sortPairs(float[] x, int in, int pairs, float[] copy, int pitch) {
    int whole = SPECIES.loopBound(pairs);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector lower = FloatVector.fromArray(SPECIES, x, in + 2 * i);
      FloatVector upper = FloatVector.fromArray(SPECIES, x, in + 2 * i + LANES);
      lower.rearrange(EVEN).blend(upper.rearrange(EVEN), UPPER_HALF).intoArray(copy, i);
      lower.rearrange(ODD).blend(upper.rearrange(ODD), UPPER_HALF).intoArray(copy, pitch + i);
    }
    return whole;
  }

  /**
   * Outputs from {@link #from} on of row oy. Those of the last vector that are none belong to the
   * rows that come after it, which write them anew.
   *
   * @param out the first of them
   * @param end of the plane's outputs
   */
  private void vectorWindows(int oy, int out, int end, float[] copy) {
    int count = (rows.end(oy) - rows.first(oy) + rows.step() - 1) / rows.step() * tapsAcross;
    int winners = stride * pitch;
    int begin = rows.first(oy) * width;
    if (out + steps * LANES <= end) {
      maxima(copy, sources, oy * taps, count, offsets, steps, y, yOffset + out, copy, winners);
      if (argmax != null) {
        places(copy, winners, begins, begin, steps, argmax, out);
      }
      return;
    }
    int maxima = winners + steps * LANES;
    maxima(copy, sources, oy * taps, count, offsets, steps, copy, maxima, copy, winners);
    System.arraycopy(copy, maxima, y, yOffset + out, to - from);
    if (argmax != null) {
      for (int i = 0; i < to - from; i++) {
        argmax[out + i] = begin + begins[i] + Float.floatToRawIntBits(copy[winners + i]);
      }
    }
  }

  /**
   * The maximum of each window and its offset: ints in the bits of floats, as one mask type for
   * both blends spares the conversion of masks, which JDK 17 does not do in registers. The taps are
   * one list as well for JDK 17's sake, which boxes vectors that live through two nested loops.
   */
  private static void maxima(
      float[] copy,
      int[] sources,
      int first,
      int taps,
      float[] offsets,
      int steps,
      float[] maxima,
      int maximaOffset,
      float[] winners,
      int winnersOffset) {
    for (int i = 0; i < steps * LANES; i += LANES) {
      FloatVector max = FloatVector.fromArray(SPECIES, copy, sources[first] + i);
      FloatVector winner = FloatVector.zero(SPECIES);
      for (int t = 1; t < taps; t++) {
        FloatVector value = FloatVector.fromArray(SPECIES, copy, sources[first + t] + i);
        // Not "takes where value > max": a NaN must win, and the first one must stay.
        VectorMask<Float> stays = value.compare(LE, max).or(max.compare(NE, max));
        max = value.blend(max, stays);
        winner = FloatVector.broadcast(SPECIES, offsets[t]).blend(winner, stays);
      }
      max.intoArray(maxima, maximaOffset + i);
      winner.intoArray(winners, winnersOffset + i);
    }
  }

  /** places[i] = begin + begins[i] + winners[i] */
  private static void places(
      float[] winners,
      int winnersOffset,
      int[] begins,
      int begin,
      int steps,
      int[] places,
      int placesOffset) {
    for (int i = 0; i < steps * LANES; i += LANES) {
      FloatVector.fromArray(SPECIES, winners, winnersOffset + i)
          .reinterpretAsInts()
          .add(IntVector.fromArray(IntVector.SPECIES_PREFERRED, begins, i))
          .add(begin)
          .intoArray(places, placesOffset + i);
    }
  }
}
