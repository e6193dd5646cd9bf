package io.alexnet.kernels.scalar;

import io.alexnet.kernels.Activation;
import io.alexnet.kernels.ActivationFunction;
import io.alexnet.kernels.ThreadTeam;

/**
 * The activation functions and their derivatives, as the formulas say. The SIMD twins extend these
 * classes and leave them the elements that fill no vector.
 */
public final class ScalarActivation {

  private ScalarActivation() {}

  public static class Forward implements Activation.Forward, ThreadTeam.Task {

    protected final ActivationFunction function;
    protected final float slope;
    private final Pieces pieces;
    protected float[] x;
    protected int xOffset;
    protected float[] y;
    protected int yOffset;

    public Forward(ActivationFunction function, float slope, int length) {
      checkSlope(function, slope);
      this.function = function;
      this.slope = slope;
      pieces = Pieces.ofElements(length);
    }

    @Override
    public final void run(ThreadTeam team, float[] x, int xOffset, float[] y, int yOffset) {
      this.x = x;
      this.xOffset = xOffset;
      this.y = y;
      this.yOffset = yOffset;
      team.run(pieces.count(), this);
    }

    @Override
    public final void run(int piece, int worker) {
      apply(pieces.from(piece), pieces.to(piece));
    }

    /** Elements from ≤ i &lt; to. */
    protected void apply(int from, int to) {
      switch (function) {
        case RELU -> {
          for (int i = from; i < to; i++) {
            y[yOffset + i] = Math.max(0, x[xOffset + i]);
          }
        }
        case LEAKY_RELU -> {
          for (int i = from; i < to; i++) {
            float a = x[xOffset + i];
            y[yOffset + i] = a > 0 ? a : slope * a;
          }
        }
        case TANH -> {
          for (int i = from; i < to; i++) {
            y[yOffset + i] = (float) Math.tanh(x[xOffset + i]);
          }
        }
        case SIGMOID -> {
          for (int i = from; i < to; i++) {
            y[yOffset + i] = (float) (1 / (1 + Math.exp(-x[xOffset + i])));
          }
        }
      }
    }
  }

  public static class Backward implements Activation.Backward, ThreadTeam.Task {

    protected final ActivationFunction function;
    protected final float slope;
    private final Pieces pieces;
    protected float[] y;
    protected int yOffset;
    protected float[] dy;
    protected int dyOffset;
    protected float[] dx;
    protected int dxOffset;

    public Backward(ActivationFunction function, float slope, int length) {
      checkSlope(function, slope);
      this.function = function;
      this.slope = slope;
      pieces = Pieces.ofElements(length);
    }

    @Override
    public final void run(
        ThreadTeam team,
        float[] y,
        int yOffset,
        float[] dy,
        int dyOffset,
        float[] dx,
        int dxOffset) {
      this.y = y;
      this.yOffset = yOffset;
      this.dy = dy;
      this.dyOffset = dyOffset;
      this.dx = dx;
      this.dxOffset = dxOffset;
      team.run(pieces.count(), this);
    }

    @Override
    public final void run(int piece, int worker) {
      apply(pieces.from(piece), pieces.to(piece));
    }

    /** Elements from ≤ i &lt; to. */
    protected void apply(int from, int to) {
      switch (function) {
        case RELU -> {
          for (int i = from; i < to; i++) {
            dx[dxOffset + i] = y[yOffset + i] > 0 ? dy[dyOffset + i] : 0;
          }
        }
        case LEAKY_RELU -> {
          for (int i = from; i < to; i++) {
            float d = dy[dyOffset + i];
            dx[dxOffset + i] = y[yOffset + i] > 0 ? d : slope * d;
          }
        }
        case TANH -> {
          for (int i = from; i < to; i++) {
            float a = y[yOffset + i];
            dx[dxOffset + i] = dy[dyOffset + i] * (1 - a * a);
          }
        }
        case SIGMOID -> {
          for (int i = from; i < to; i++) {
            float a = y[yOffset + i];
            dx[dxOffset + i] = dy[dyOffset + i] * (a * (1 - a));
          }
        }
      }
    }
  }

  private static void checkSlope(ActivationFunction function, float slope) {
    if (function == ActivationFunction.LEAKY_RELU && !(slope > 0 && slope <= 1)) {
      throw new IllegalArgumentException("leaky ReLU: slope must be in (0, 1], not " + slope);
    }
  }
}
