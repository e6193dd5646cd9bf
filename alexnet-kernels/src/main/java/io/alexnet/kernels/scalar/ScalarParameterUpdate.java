package io.alexnet.kernels.scalar;

import io.alexnet.kernels.ParameterUpdate;
import io.alexnet.kernels.ThreadTeam;

/** The optimisers' formulas, one element after the other. The SIMD twins extend these classes. */
public final class ScalarParameterUpdate {

  private ScalarParameterUpdate() {}

  public static class Sgd implements ParameterUpdate.Sgd, ThreadTeam.Task {

    private final Pieces pieces;
    protected float[] weights;
    protected int weightsOffset;
    protected float[] gradient;
    protected int gradientOffset;
    protected float[] velocity;
    protected float rate;
    protected float momentum;
    protected float weightDecay;
    protected float gradientScale;
    protected boolean nesterov;

    public Sgd(int length) {
      pieces = Pieces.ofElements(length);
    }

    @Override
    public final void run(
        ThreadTeam team,
        float[] weights,
        int weightsOffset,
        float[] gradient,
        int gradientOffset,
        float[] velocity,
        float rate,
        float momentum,
        float weightDecay,
        float gradientScale,
        boolean nesterov) {
      this.weights = weights;
      this.weightsOffset = weightsOffset;
      this.gradient = gradient;
      this.gradientOffset = gradientOffset;
      this.velocity = velocity;
      this.rate = rate;
      this.momentum = momentum;
      this.weightDecay = weightDecay;
      this.gradientScale = gradientScale;
      this.nesterov = nesterov;
      team.run(pieces.count(), this);
    }

    @Override
    public final void run(int piece, int worker) {
      apply(pieces.from(piece), pieces.to(piece));
    }

    /** Elements from ≤ i &lt; to. */
    protected void apply(int from, int to) {
      for (int i = from; i < to; i++) {
        float w = weights[weightsOffset + i];
        float step = rate * (gradientScale * gradient[gradientOffset + i] + weightDecay * w);
        float v = momentum * velocity[i] + step;
        velocity[i] = v;
        weights[weightsOffset + i] = w - (nesterov ? momentum * v + step : v);
      }
    }
  }

  public static class Adam implements ParameterUpdate.Adam, ThreadTeam.Task {

    private final Pieces pieces;
    protected float[] weights;
    protected int weightsOffset;
    protected float[] gradient;
    protected int gradientOffset;
    protected float[] firstMoment;
    protected float[] secondMoment;
    protected float rate;
    protected float beta1;
    protected float beta2;
    protected float epsilon;
    protected float gradientScale;

    /** Decay that goes into the gradient, and decay that comes off the weight: one of them is 0. */
    protected float coupledDecay;

    protected float decoupledDecay;

    /** 1/(1 − β₁ᵗ) and 1/(1 − β₂ᵗ). */
    protected float firstCorrection;

    protected float secondCorrection;

    public Adam(int length) {
      pieces = Pieces.ofElements(length);
    }

    @Override
    public final void run(
        ThreadTeam team,
        float[] weights,
        int weightsOffset,
        float[] gradient,
        int gradientOffset,
        float[] firstMoment,
        float[] secondMoment,
        long step,
        float rate,
        float beta1,
        float beta2,
        float epsilon,
        float weightDecay,
        float gradientScale,
        boolean decoupled) {
      if (step < 1) {
        throw new IllegalArgumentException("Adam: steps count from 1, not " + step);
      }
      this.weights = weights;
      this.weightsOffset = weightsOffset;
      this.gradient = gradient;
      this.gradientOffset = gradientOffset;
      this.firstMoment = firstMoment;
      this.secondMoment = secondMoment;
      this.rate = rate;
      this.beta1 = beta1;
      this.beta2 = beta2;
      this.epsilon = epsilon;
      this.gradientScale = gradientScale;
      coupledDecay = decoupled ? 0 : weightDecay;
      decoupledDecay = decoupled ? rate * weightDecay : 0;
      firstCorrection = (float) (1 / (1 - Math.pow(beta1, step)));
      secondCorrection = (float) (1 / (1 - Math.pow(beta2, step)));
      team.run(pieces.count(), this);
    }

    @Override
    public final void run(int piece, int worker) {
      apply(pieces.from(piece), pieces.to(piece));
    }

    /** Elements from ≤ i &lt; to. */
    protected void apply(int from, int to) {
      for (int i = from; i < to; i++) {
        float w = weights[weightsOffset + i];
        float g = gradientScale * gradient[gradientOffset + i] + coupledDecay * w;
        float m = beta1 * firstMoment[i] + (1 - beta1) * g;
        float v = beta2 * secondMoment[i] + (1 - beta2) * g * g;
        firstMoment[i] = m;
        secondMoment[i] = v;
        float step =
            rate * (firstCorrection * m) / ((float) Math.sqrt(secondCorrection * v) + epsilon);
        weights[weightsOffset + i] = w - decoupledDecay * w - step;
      }
    }
  }
}
