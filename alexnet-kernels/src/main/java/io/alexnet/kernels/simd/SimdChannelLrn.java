package io.alexnet.kernels.simd;

import io.alexnet.kernels.ChannelLrn;
import io.alexnet.kernels.LrnShape;
import io.alexnet.kernels.ThreadTeam;
import io.alexnet.kernels.scalar.WorkerScratch;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Local response normalisation of any window and β, with a lane for each pixel; only powers of
 * another β than ¾ are scalar. {@link SimdFiveChannelLrn} has AlexNet's. The last vector of an
 * image overlaps the one before it where the pixels are no multiple of the lanes.
 */
final class SimdChannelLrn {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  private SimdChannelLrn() {}

  static boolean supports(LrnShape shape) {
    return shape.pixels() >= LANES;
  }

  /** Turns window sums into 1/s = 1/(k + α/n·sum), and writes s^−β from {@code powers} on. */
  static void powers(LrnShape shape, float[] sums, int length, int powers) {
    float weight = shape.alpha() / shape.size();
    if (shape.beta() == 0.75f) {
      threeQuarterPowers(weight, shape.k(), sums, length, powers);
    } else {
      anyPowers(weight, shape.k(), -shape.beta(), sums, length, powers);
    }
  }

  /** AlexNet's β: with q = 1/√s, s^−¾ is q·√q, many times cheaper than exp and log. */
  private static void threeQuarterPowers(
      float weight, float k, float[] sums, int length, int powers) {
    FloatVector weights = FloatVector.broadcast(SPECIES, weight);
    FloatVector ks = FloatVector.broadcast(SPECIES, k);
    for (int i = 0; i < length; i += LANES) {
      FloatVector scale = FloatVector.fromArray(SPECIES, sums, i).fma(weights, ks);
      FloatVector q = FloatVector.broadcast(SPECIES, 1f).div(scale.sqrt());
      q.mul(q).intoArray(sums, i);
      q.mul(q.sqrt()).intoArray(sums, powers + i);
    }
  }

  /**
   * Not by vectors: exp and log of them together are more nodes than C2 inlines (18,000), in two
   * loops as well once it inlines both, and JDK 17 then boxes every vector of the rest.
   */
  private static void anyPowers(
      float weight, float k, float exponent, float[] sums, int length, int powers) {
    for (int i = 0; i < length; i++) {
      float scale = Math.fma(sums[i], weight, k);
      sums[i] = 1 / scale;
      sums[powers + i] = (float) Math.pow(scale, exponent);
    }
  }

  /** Cuts each image into pieces of neighbouring vectors, at least two of them if there are two. */
  private abstract static class VectorTask implements ThreadTeam.Task {
    private static final int VECTORS_PER_PIECE = 8;

    final LrnShape shape;
    final int channels;
    final int pixels;

    /** Vectors through all channels, with the zeros that the window meets before and after. */
    final int paddedLength;

    private final int vectors;
    private final int piecesPerImage;

    VectorTask(LrnShape shape) {
      this.shape = shape;
      channels = shape.channels();
      pixels = shape.pixels();
      paddedLength = (channels + shape.size() - 1) * LANES;
      vectors = Rounding.ceilDiv(pixels, LANES);
      piecesPerImage = Math.max(1, vectors / VECTORS_PER_PIECE);
    }

    final void runVectors(ThreadTeam team) {
      team.run(shape.batch() * piecesPerImage, this);
    }

    @Override
    public final void run(int piece, int worker) {
      int image = piece / piecesPerImage;
      int part = piece % piecesPerImage;
      vectors(
          image * channels * pixels,
          (int) ((long) part * vectors / piecesPerImage),
          (int) ((part + 1L) * vectors / piecesPerImage),
          worker);
    }

    /** Vectors from ≤ v &lt; to of the image at {@code image}. */
    abstract void vectors(int image, int from, int to, int worker);

    /** Where vector v begins in its plane. */
    final int pixel(int v) {
      return Math.min(v * LANES, pixels - LANES);
    }

    /** Writes x² of the vector at {@code in} between the zeros, then turns it into window sums. */
    final void squareSums(float[] x, int in, float[] padded) {
      int at = shape.size() / 2 * LANES;
      for (int c = 0; c < channels; c++) {
        FloatVector value = FloatVector.fromArray(SPECIES, x, in + c * pixels);
        value.mul(value).intoArray(padded, at + c * LANES);
      }
      windowSums(padded, 0);
    }

    /**
     * Replaces the vectors of all channels by their sums over each channel's window, which then
     * begin at {@code at}: the sum of channel c stands where its window began.
     */
    final void windowSums(float[] padded, int at) {
      Arrays.fill(padded, at, at + shape.size() / 2 * LANES, 0f); // the sums of the run before
      int end = at + channels * LANES;
      sums(padded, at, end, shape.size() * LANES);
    }
  }

  private static void sums(float[] padded, int from, int to, int window) {
    for (int i = from; i < to; i += LANES) {
      FloatVector sum = FloatVector.fromArray(SPECIES, padded, i);
      for (int j = i + LANES; j < i + window; j += LANES) {
        sum = sum.add(FloatVector.fromArray(SPECIES, padded, j));
      }
      sum.intoArray(padded, i);
    }
  }

  static final class Forward extends VectorTask implements ChannelLrn.Forward {
    private final WorkerScratch scratch;

    private float[] x;
    private int xOffset;
    private float[] y;
    private int yOffset;

    Forward(LrnShape shape) {
      super(shape);
      scratch = new WorkerScratch(paddedLength + channels * LANES);
    }

    @Override
    public void run(ThreadTeam team, float[] x, int xOffset, float[] y, int yOffset) {
      this.x = x;
      this.xOffset = xOffset;
      this.y = y;
      this.yOffset = yOffset;
      runVectors(team);
    }

    @Override
    void vectors(int image, int from, int to, int worker) {
      float[] sums = scratch.of(worker);
      for (int v = from; v < to; v++) {
        int start = image + pixel(v);
        squareSums(x, xOffset + start, sums);
        powers(shape, sums, channels * LANES, paddedLength);
        normalise(xOffset + start, yOffset + start, sums);
      }
    }

    private void normalise(int in, int out, float[] sums) {
      for (int c = 0; c < channels; c++) {
        FloatVector.fromArray(SPECIES, x, in + c * pixels)
            .mul(FloatVector.fromArray(SPECIES, sums, paddedLength + c * LANES))
            .intoArray(y, out + c * pixels);
      }
    }
  }

  /** Reads run one vector ahead of writes, so that the overlapping ones may replace their input. */
  static final class Backward extends VectorTask implements ChannelLrn.Backward {
    private final WorkerScratch scratch;

    private float[] x;
    private int xOffset;
    private float[] dy;
    private int dyOffset;
    private float[] dx;
    private int dxOffset;

    Backward(LrnShape shape) {
      super(shape);
      scratch = new WorkerScratch(3 * paddedLength + 2 * channels * LANES);
    }

    @Override
    public void run(
        ThreadTeam team,
        float[] x,
        int xOffset,
        float[] dy,
        int dyOffset,
        float[] dx,
        int dxOffset) {
      this.x = x;
      this.xOffset = xOffset;
      this.dy = dy;
      this.dyOffset = dyOffset;
      this.dx = dx;
      this.dxOffset = dxOffset;
      runVectors(team);
    }

    @Override
    void vectors(int image, int from, int to, int worker) {
      float[] scratch = this.scratch.of(worker);
      terms(image + pixel(from), scratch, from % 2);
      for (int v = from; v < to; v++) {
        if (v + 1 < to) {
          terms(image + pixel(v + 1), scratch, (v + 1) % 2);
        }
        gradients(image + pixel(v), scratch, v % 2);
      }
    }

    /** Where dy_c·x_c·s_c^(−β−1) stands, after the squares; zeros before and after as well. */
    private int crossTerms(int slot) {
      return (1 + slot) * paddedLength;
    }

    /** Where dy_c·s_c^−β stands. */
    private int directTerms(int slot) {
      return 3 * paddedLength + slot * channels * LANES;
    }

    private void terms(int start, float[] scratch, int slot) {
      squareSums(x, xOffset + start, scratch);
      int direct = directTerms(slot);
      powers(shape, scratch, channels * LANES, direct);
      multiply(start, scratch, direct, crossTerms(slot) + shape.size() / 2 * LANES);
    }

    private void multiply(int start, float[] scratch, int direct, int cross) {
      for (int c = 0; c < channels; c++) {
        int i = start + c * pixels;
        FloatVector term =
            FloatVector.fromArray(SPECIES, dy, dyOffset + i)
                .mul(FloatVector.fromArray(SPECIES, scratch, direct + c * LANES));
        term.intoArray(scratch, direct + c * LANES);
        term.mul(FloatVector.fromArray(SPECIES, x, xOffset + i))
            .mul(FloatVector.fromArray(SPECIES, scratch, c * LANES))
            .intoArray(scratch, cross + c * LANES);
      }
    }

    private void gradients(int start, float[] scratch, int slot) {
      FloatVector weight =
          FloatVector.broadcast(SPECIES, -2 * shape.alpha() * shape.beta() / shape.size());
      int direct = directTerms(slot);
      int cross = crossTerms(slot);
      windowSums(scratch, cross);
      for (int c = 0; c < channels; c++) {
        int i = start + c * pixels;
        FloatVector.fromArray(SPECIES, scratch, cross + c * LANES)
            .mul(FloatVector.fromArray(SPECIES, x, xOffset + i))
            .fma(weight, FloatVector.fromArray(SPECIES, scratch, direct + c * LANES))
            .intoArray(dx, dxOffset + i);
      }
    }
  }
}
