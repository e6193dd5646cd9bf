package io.alexnet.kernels.simd;

import io.alexnet.kernels.scalar.ScalarParameterUpdate;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** The optimisers' formulas by vectors; the rest of a piece goes to the scalar twin. */
final class SimdParameterUpdate {

  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  private SimdParameterUpdate() {}

  static final class Sgd extends ScalarParameterUpdate.Sgd {

    Sgd(int length) {
      super(length);
    }

    @Override
    protected void apply(int from, int to) {
      int bound = from + SPECIES.loopBound(to - from);
      if (nesterov) {
        nesterov(from, bound);
      } else {
        heavyBall(from, bound);
      }
      super.apply(bound, to);
    }

    /** One loop for both forms would add 0·step to the weight, and that is NaN for an infinity. */
    private void heavyBall(int from, int to) {
      FloatVector m = FloatVector.broadcast(SPECIES, momentum);
      FloatVector gradientRate = FloatVector.broadcast(SPECIES, rate * gradientScale);
      FloatVector decayRate = FloatVector.broadcast(SPECIES, rate * weightDecay);
      for (int i = from; i < to; i += SPECIES.length()) {
        FloatVector w = FloatVector.fromArray(SPECIES, weights, weightsOffset + i);
        FloatVector g = FloatVector.fromArray(SPECIES, gradient, gradientOffset + i);
        FloatVector step = g.mul(gradientRate).add(w.mul(decayRate));
        FloatVector v = FloatVector.fromArray(SPECIES, velocity, i).fma(m, step);
        v.intoArray(velocity, i);
        w.sub(v).intoArray(weights, weightsOffset + i);
      }
    }

    private void nesterov(int from, int to) {
      FloatVector m = FloatVector.broadcast(SPECIES, momentum);
      FloatVector minusM = FloatVector.broadcast(SPECIES, -momentum);
      FloatVector gradientRate = FloatVector.broadcast(SPECIES, rate * gradientScale);
      FloatVector decayRate = FloatVector.broadcast(SPECIES, rate * weightDecay);
      for (int i = from; i < to; i += SPECIES.length()) {
        FloatVector w = FloatVector.fromArray(SPECIES, weights, weightsOffset + i);
        FloatVector g = FloatVector.fromArray(SPECIES, gradient, gradientOffset + i);
        FloatVector step = g.mul(gradientRate).add(w.mul(decayRate));
        FloatVector v = FloatVector.fromArray(SPECIES, velocity, i).fma(m, step);
        v.intoArray(velocity, i);
        v.fma(minusM, w.sub(step)).intoArray(weights, weightsOffset + i);
      }
    }
  }

  static final class Adam extends ScalarParameterUpdate.Adam {

    Adam(int length) {
      super(length);
    }

    @Override
    protected void apply(int from, int to) {
      int bound = from + SPECIES.loopBound(to - from);
      update(from, bound);
      super.apply(bound, to);
    }

    private void update(int from, int to) {
      FloatVector keepFirst = FloatVector.broadcast(SPECIES, beta1);
      FloatVector keepSecond = FloatVector.broadcast(SPECIES, beta2);
      FloatVector coupled = FloatVector.broadcast(SPECIES, coupledDecay);
      FloatVector decoupled = FloatVector.broadcast(SPECIES, -decoupledDecay);
      FloatVector minusRate = FloatVector.broadcast(SPECIES, -rate * firstCorrection);
      for (int i = from; i < to; i += SPECIES.length()) {
        FloatVector w = FloatVector.fromArray(SPECIES, weights, weightsOffset + i);
        FloatVector g =
            FloatVector.fromArray(SPECIES, gradient, gradientOffset + i)
                .mul(gradientScale)
                .add(w.mul(coupled));
        FloatVector m =
            FloatVector.fromArray(SPECIES, firstMoment, i).mul(keepFirst).add(g.mul(1 - beta1));
        FloatVector v =
            FloatVector.fromArray(SPECIES, secondMoment, i)
                .mul(keepSecond)
                .add(g.mul(1 - beta2).mul(g));
        m.intoArray(firstMoment, i);
        v.intoArray(secondMoment, i);
        FloatVector step = m.mul(minusRate).div(v.mul(secondCorrection).sqrt().add(epsilon));
        w.fma(decoupled, w).add(step).intoArray(weights, weightsOffset + i);
      }
    }
  }
}
