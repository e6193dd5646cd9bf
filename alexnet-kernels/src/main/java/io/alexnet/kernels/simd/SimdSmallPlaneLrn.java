package io.alexnet.kernels.simd;

import io.alexnet.kernels.ChannelLrn;
import io.alexnet.kernels.LrnShape;
import io.alexnet.kernels.ThreadTeam;
import io.alexnet.kernels.scalar.WorkerScratch;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Local response normalisation of planes smaller than a vector, with a lane for each element of an
 * image, whose neighbours in its window are whole planes away. Each piece is one image, copied to
 * scratch space, where zeros make up its last vector and the ends of its windows.
 */
final class SimdSmallPlaneLrn {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  private SimdSmallPlaneLrn() {}

  /** The scratch space begins with the window sums, the powers and x, each of length floats. */
  private abstract static class ImageTask implements ThreadTeam.Task {
    final LrnShape shape;
    final int imageSize;

    /** The image in whole vectors. */
    final int length;

    /** Zeros before and after an image: planes that only windows reach. */
    final int margin;

    final int paddedLength;

    ImageTask(LrnShape shape) {
      this.shape = shape;
      imageSize = shape.channels() * shape.pixels();
      length = Rounding.roundUp(imageSize, LANES);
      margin = shape.size() / 2 * shape.pixels();
      paddedLength = length + 2 * margin;
    }

    /** Copies x, puts its squares to {@code padded}, and from their sums makes 1/s and s^−β. */
    final void powers(float[] x, int in, float[] scratch, int padded) {
      System.arraycopy(x, in, scratch, 2 * length, imageSize);
      squares(scratch, padded + margin);
      windowSums(scratch, padded);
      SimdChannelLrn.powers(shape, scratch, length, length);
    }

    private void squares(float[] scratch, int out) {
      for (int i = 0; i < length; i += LANES) {
        FloatVector value = FloatVector.fromArray(SPECIES, scratch, 2 * length + i);
        value.mul(value).intoArray(scratch, out + i);
      }
    }

    final void windowSums(float[] scratch, int padded) {
      for (int i = 0; i < length; i += LANES) {
        windowSum(scratch, padded + i, shape.size() * shape.pixels(), shape.pixels(), i);
      }
    }

    private static void windowSum(float[] scratch, int from, int window, int step, int out) {
      FloatVector sum = FloatVector.zero(SPECIES);
      for (int i = from; i < from + window; i += step) {
        sum = sum.add(FloatVector.fromArray(SPECIES, scratch, i));
      }
      sum.intoArray(scratch, out);
    }
  }

  static final class Forward extends ImageTask implements ChannelLrn.Forward {
    private final WorkerScratch scratch = new WorkerScratch(3 * length + paddedLength);

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
      team.run(shape.batch(), this);
    }

    @Override
    public void run(int image, int worker) {
      float[] scratch = this.scratch.of(worker);
      powers(x, xOffset + image * imageSize, scratch, 3 * length);
      normalise(scratch);
      System.arraycopy(scratch, length, y, yOffset + image * imageSize, imageSize);
    }

    private void normalise(float[] scratch) {
      for (int i = length; i < 2 * length; i += LANES) {
        FloatVector.fromArray(SPECIES, scratch, i)
            .mul(FloatVector.fromArray(SPECIES, scratch, length + i))
            .intoArray(scratch, i);
      }
    }
  }

  static final class Backward extends ImageTask implements ChannelLrn.Backward {
    private final WorkerScratch scratch = new WorkerScratch(4 * length + 2 * paddedLength);

    private float[] x;
    private int xOffset;
    private float[] dy;
    private int dyOffset;
    private float[] dx;
    private int dxOffset;

    Backward(LrnShape shape) {
      super(shape);
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
      team.run(shape.batch(), this);
    }

    @Override
    public void run(int image, int worker) {
      float[] scratch = this.scratch.of(worker);
      int start = image * imageSize;
      powers(x, xOffset + start, scratch, 4 * length);
      System.arraycopy(dy, dyOffset + start, scratch, 3 * length, imageSize);
      int crossTerms = 4 * length + paddedLength;
      terms(scratch, crossTerms + margin);
      windowSums(scratch, crossTerms);
      gradients(scratch);
      System.arraycopy(scratch, length, dx, dxOffset + start, imageSize);
    }

    /** dy_c·s_c^−β in place of the powers, and dy_c·x_c·s_c^(−β−1). */
    private void terms(float[] scratch, int crossTerms) {
      for (int i = 0; i < length; i += LANES) {
        FloatVector direct =
            FloatVector.fromArray(SPECIES, scratch, length + i)
                .mul(FloatVector.fromArray(SPECIES, scratch, 3 * length + i));
        direct.intoArray(scratch, length + i);
        direct
            .mul(FloatVector.fromArray(SPECIES, scratch, 2 * length + i))
            .mul(FloatVector.fromArray(SPECIES, scratch, i))
            .intoArray(scratch, crossTerms + i);
      }
    }

    private void gradients(float[] scratch) {
      FloatVector weight =
          FloatVector.broadcast(SPECIES, -2 * shape.alpha() * shape.beta() / shape.size());
      for (int i = 0; i < length; i += LANES) {
        FloatVector.fromArray(SPECIES, scratch, i)
            .mul(FloatVector.fromArray(SPECIES, scratch, 2 * length + i))
            .fma(weight, FloatVector.fromArray(SPECIES, scratch, length + i))
            .intoArray(scratch, length + i);
      }
    }
  }
}
