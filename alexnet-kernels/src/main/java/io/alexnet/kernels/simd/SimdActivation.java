package io.alexnet.kernels.simd;

import static jdk.incubator.vector.VectorOperators.GT;

import io.alexnet.kernels.ActivationFunction;
import io.alexnet.kernels.scalar.ScalarActivation;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** The activation functions by vectors; the rest of a piece goes to the scalar twin. */
final class SimdActivation {

  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  private SimdActivation() {}

  static final class Forward extends ScalarActivation.Forward {

    Forward(ActivationFunction function, float slope, int length) {
      super(function, slope, length);
    }

    @Override
    protected void apply(int from, int to) {
      int bound = from + SPECIES.loopBound(to - from);
      switch (function) {
        case RELU -> relu(x, xOffset, y, yOffset, from, bound);
        case LEAKY_RELU -> leakyRelu(slope, x, xOffset, y, yOffset, from, bound);
        case TANH -> VectorMath.tanh(x, xOffset, y, yOffset, from, bound);
        case SIGMOID -> VectorMath.sigmoid(x, xOffset, y, yOffset, from, bound);
      }
      super.apply(bound, to);
    }

    private static void relu(float[] x, int xOffset, float[] y, int yOffset, int from, int to) {
      for (int i = from; i < to; i += SPECIES.length()) {
        FloatVector.fromArray(SPECIES, x, xOffset + i).max(0f).intoArray(y, yOffset + i);
      }
    }

    /** max(x, slope·x), as the slope is at most 1. */
    private static void leakyRelu(
        float slope, float[] x, int xOffset, float[] y, int yOffset, int from, int to) {
      for (int i = from; i < to; i += SPECIES.length()) {
        FloatVector a = FloatVector.fromArray(SPECIES, x, xOffset + i);
        a.max(a.mul(slope)).intoArray(y, yOffset + i);
      }
    }
  }

  static final class Backward extends ScalarActivation.Backward {

    Backward(ActivationFunction function, float slope, int length) {
      super(function, slope, length);
    }

    @Override
    protected void apply(int from, int to) {
      int bound = from + SPECIES.loopBound(to - from);
      switch (function) {
        case RELU -> relu(y, yOffset, dy, dyOffset, dx, dxOffset, from, bound);
        case LEAKY_RELU -> leakyRelu(slope, y, yOffset, dy, dyOffset, dx, dxOffset, from, bound);
        case TANH -> tanh(y, yOffset, dy, dyOffset, dx, dxOffset, from, bound);
        case SIGMOID -> sigmoid(y, yOffset, dy, dyOffset, dx, dxOffset, from, bound);
      }
      super.apply(bound, to);
    }

    private static void relu(
        float[] y,
        int yOffset,
        float[] dy,
        int dyOffset,
        float[] dx,
        int dxOffset,
        int from,
        int to) {
      for (int i = from; i < to; i += SPECIES.length()) {
        FloatVector a = FloatVector.fromArray(SPECIES, y, yOffset + i);
        FloatVector d = FloatVector.fromArray(SPECIES, dy, dyOffset + i);
        FloatVector.zero(SPECIES).blend(d, a.compare(GT, 0f)).intoArray(dx, dxOffset + i);
      }
    }

    private static void leakyRelu(
        float slope,
        float[] y,
        int yOffset,
        float[] dy,
        int dyOffset,
        float[] dx,
        int dxOffset,
        int from,
        int to) {
      for (int i = from; i < to; i += SPECIES.length()) {
        FloatVector a = FloatVector.fromArray(SPECIES, y, yOffset + i);
        FloatVector d = FloatVector.fromArray(SPECIES, dy, dyOffset + i);
        d.mul(slope).blend(d, a.compare(GT, 0f)).intoArray(dx, dxOffset + i);
      }
    }

    private static void tanh(
        float[] y,
        int yOffset,
        float[] dy,
        int dyOffset,
        float[] dx,
        int dxOffset,
        int from,
        int to) {
      for (int i = from; i < to; i += SPECIES.length()) {
        FloatVector a = FloatVector.fromArray(SPECIES, y, yOffset + i);
        FloatVector d = FloatVector.fromArray(SPECIES, dy, dyOffset + i);
        d.mul(FloatVector.broadcast(SPECIES, 1f).sub(a.mul(a))).intoArray(dx, dxOffset + i);
      }
    }

    private static void sigmoid(
        float[] y,
        int yOffset,
        float[] dy,
        int dyOffset,
        float[] dx,
        int dxOffset,
        int from,
        int to) {
      for (int i = from; i < to; i += SPECIES.length()) {
        FloatVector a = FloatVector.fromArray(SPECIES, y, yOffset + i);
        FloatVector d = FloatVector.fromArray(SPECIES, dy, dyOffset + i);
        d.mul(a.mul(FloatVector.broadcast(SPECIES, 1f).sub(a))).intoArray(dx, dxOffset + i);
      }
    }
  }
}
