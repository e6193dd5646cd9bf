package io.alexnet.kernels.simd;

import io.alexnet.kernels.ChannelLrn;
import io.alexnet.kernels.LrnShape;
import io.alexnet.kernels.ThreadTeam;
import io.alexnet.kernels.scalar.WorkerScratch;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * AlexNet's local response normalisation, over five channels and with β = ¾, with a lane for each
 * pixel: the window slides over the channels in registers, so that each number is read once and
 * nothing is written but the result. The last pixels of an image, less than a vector, are done with
 * some before them, or go through scratch space.
 *
 * <p>With q = 1/√s, s^−¾ is q·√q, many times cheaper than exp and log.
 */
final class SimdFiveChannelLrn {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  /** What stands beyond the first and the last channel. */
  private static final float[] ZEROS = new float[LANES];

  private SimdFiveChannelLrn() {}

  static boolean supports(LrnShape shape) {
    return shape.size() == 5 && shape.beta() == 0.75f && shape.pixels() >= LANES;
  }

  /** Cuts each image into pieces of neighbouring vectors. */
  private abstract static class VectorTask implements ThreadTeam.Task {
    private static final int VECTORS_PER_PIECE = 8;

    final LrnShape shape;
    final int channels;
    final int pixels;
    private final int piecesPerImage;

    VectorTask(LrnShape shape) {
      this.shape = shape;
      channels = shape.channels();
      pixels = shape.pixels();
      piecesPerImage = Math.max(1, pixels / LANES / VECTORS_PER_PIECE);
    }

    final void runVectors(ThreadTeam team) {
      team.run(shape.batch() * piecesPerImage, this);
    }

    @Override
    public final void run(int piece, int worker) {
      int image = piece / piecesPerImage * channels * pixels;
      int part = piece % piecesPerImage;
      int vectors = Rounding.ceilDiv(pixels, LANES);
      int from = (int) ((long) part * vectors / piecesPerImage);
      int to = (int) ((part + 1L) * vectors / piecesPerImage);
      for (int v = from; v < to; v++) {
        vector(image, v * LANES, worker);
      }
    }

    /** Through all channels, for the vector from {@code pixel} on, of which the last is partial. */
    abstract void vector(int image, int pixel, int worker);
  }

  static final class Forward extends VectorTask implements ChannelLrn.Forward {
    private float[] x;
    private int xOffset;
    private float[] y;
    private int yOffset;

    Forward(LrnShape shape) {
      super(shape);
    }

    @Override
    public void run(ThreadTeam team, float[] x, int xOffset, float[] y, int yOffset) {
      this.x = x;
      this.xOffset = xOffset;
      this.y = y;
      this.yOffset = yOffset;
      runVectors(team);
    }

    /**
     * The last vector goes over some pixels twice, to the same result. A second call of normalise
     * for them would have C2 inline both, and then box vectors.
     */
    @Override
    void vector(int image, int pixel, int worker) {
      int start = image + Math.min(pixel, pixels - LANES);
      normalise(shape, x, xOffset + start, y, yOffset + start, pixels);
    }
  }

  /**
   * @param step from a channel to the next
   */
  private static void normalise(LrnShape shape, float[] x, int in, float[] y, int out, int step) {
    FloatVector weight = FloatVector.broadcast(SPECIES, shape.alpha() / shape.size());
    FloatVector k = FloatVector.broadcast(SPECIES, shape.k());
    int channels = shape.channels();
    // Numbered by their place in the window: 2 is the channel that is normalised.
    FloatVector square0 = FloatVector.zero(SPECIES);
    FloatVector square1 = FloatVector.zero(SPECIES);
    FloatVector x2 = FloatVector.fromArray(SPECIES, x, in);
    FloatVector square2 = x2.mul(x2);
    boolean second = channels > 1;
    FloatVector x3 = FloatVector.fromArray(SPECIES, second ? x : ZEROS, second ? in + step : 0);
    FloatVector square3 = x3.mul(x3);
    for (int c = 0; c < channels; c++) {
      boolean inside = c + 2 < channels;
      FloatVector x4 =
          FloatVector.fromArray(SPECIES, inside ? x : ZEROS, inside ? in + (c + 2) * step : 0);
      FloatVector square4 = x4.mul(x4);
      FloatVector q =
          FloatVector.broadcast(SPECIES, 1f)
              .div(
                  square0
                      .add(square1)
                      .add(square2)
                      .add(square3)
                      .add(square4)
                      .fma(weight, k)
                      .sqrt());
      x2.mul(q.mul(q.sqrt())).intoArray(y, out + c * step);
      square0 = square1;
      square1 = square2;
      square2 = square3;
      square3 = square4;
      x2 = x3;
      x3 = x4;
    }
  }

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
      scratch = new WorkerScratch(2 * channels * LANES);
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
    void vector(int image, int pixel, int worker) {
      int start = image + pixel;
      if (pixel + LANES <= pixels) {
        gradient(shape, x, xOffset + start, dy, dyOffset + start, dx, dxOffset + start, pixels);
      } else {
        rest(start, pixels - pixel, worker);
      }
    }

    /** By way of scratch space: dx may be dy, so that no pixel can be gone over twice. */
    private void rest(int start, int count, int worker) {
      float[] scratch = this.scratch.of(worker);
      int dyRest = channels * LANES;
      copy(x, xOffset + start, pixels, scratch, 0, LANES, count);
      copy(dy, dyOffset + start, pixels, scratch, dyRest, LANES, count);
      gradient(shape, scratch, 0, scratch, dyRest, scratch, dyRest, LANES);
      copy(scratch, dyRest, LANES, dx, dxOffset + start, pixels, count);
    }

    /** So many pixels of every channel; in scratch space channels are a vector apart. */
    private void copy(
        float[] from, int in, int inStep, float[] to, int out, int outStep, int count) {
      for (int c = 0; c < channels; c++) {
        System.arraycopy(from, in + c * inStep, to, out + c * outStep, count);
      }
    }
  }

  /**
   * With direct_c = dy_c·s_c^−β and cross_c = direct_c·x_c/s_c, dx_c = direct_c − 2αβ/n · x_c · Σ
   * cross over the window of c, so that the terms run two channels ahead of the results.
   *
   * @param step from a channel to the next
   */
  private static void gradient(
      LrnShape shape, float[] x, int xAt, float[] dy, int dyAt, float[] dx, int dxAt, int step) {
    FloatVector weight = FloatVector.broadcast(SPECIES, shape.alpha() / shape.size());
    FloatVector k = FloatVector.broadcast(SPECIES, shape.k());
    FloatVector crossWeight =
        FloatVector.broadcast(SPECIES, -2 * shape.alpha() * shape.beta() / shape.size());
    int channels = shape.channels();
    // Numbered by their place in the window of the channel that the terms are of, which is 2.
    FloatVector x0 = FloatVector.zero(SPECIES);
    FloatVector x1 = FloatVector.zero(SPECIES);
    FloatVector x2 = FloatVector.fromArray(SPECIES, x, xAt);
    boolean second = channels > 1;
    FloatVector x3 = FloatVector.fromArray(SPECIES, second ? x : ZEROS, second ? xAt + step : 0);
    FloatVector square0 = FloatVector.zero(SPECIES);
    FloatVector square1 = FloatVector.zero(SPECIES);
    FloatVector square2 = x2.mul(x2);
    FloatVector square3 = x3.mul(x3);
    FloatVector direct0 = FloatVector.zero(SPECIES);
    FloatVector direct1 = FloatVector.zero(SPECIES);
    // Of the window of channel c − 2, whose result is due: its last is that of c itself.
    FloatVector cross0 = FloatVector.zero(SPECIES);
    FloatVector cross1 = FloatVector.zero(SPECIES);
    FloatVector cross2 = FloatVector.zero(SPECIES);
    FloatVector cross3 = FloatVector.zero(SPECIES);
    for (int c = 0; c < channels + 2; c++) {
      boolean inside = c + 2 < channels;
      FloatVector x4 =
          FloatVector.fromArray(SPECIES, inside ? x : ZEROS, inside ? xAt + (c + 2) * step : 0);
      FloatVector square4 = x4.mul(x4);
      FloatVector q =
          FloatVector.broadcast(SPECIES, 1f)
              .div(
                  square0
                      .add(square1)
                      .add(square2)
                      .add(square3)
                      .add(square4)
                      .fma(weight, k)
                      .sqrt());
      boolean term = c < channels;
      FloatVector direct2 =
          FloatVector.fromArray(SPECIES, term ? dy : ZEROS, term ? dyAt + c * step : 0)
              .mul(q.mul(q.sqrt()));
      FloatVector cross4 = direct2.mul(x2).mul(q.mul(q));
      // No result is due of the first two terms: what they leave is written over. A branch around
      // it would have C2 box all the vectors.
      cross0
          .add(cross1)
          .add(cross2)
          .add(cross3)
          .add(cross4)
          .mul(x0)
          .fma(crossWeight, direct0)
          .intoArray(dx, dxAt + Math.max(0, c - 2) * step);
      x0 = x1;
      x1 = x2;
      x2 = x3;
      x3 = x4;
      square0 = square1;
      square1 = square2;
      square2 = square3;
      square3 = square4;
      direct0 = direct1;
      direct1 = direct2;
      cross0 = cross1;
      cross1 = cross2;
      cross2 = cross3;
      cross3 = cross4;
    }
  }
}
