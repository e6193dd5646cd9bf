package io.alexnet.loss;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.kernels.Kernels;
import io.alexnet.kernels.ThreadTeam;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class LossTest {

  private static final int BATCH = 5;
  private static final int CLASSES = 7;

  private final ThreadTeam team = new ThreadTeam(1);

  static Stream<Loss> losses() {
    return Stream.of(
        new SoftmaxCrossEntropy(),
        new SoftmaxCrossEntropy(0.1f),
        new MeanSquaredError(),
        new MultiClassHinge(),
        new MultiClassHinge(2.5f));
  }

  private Loss.Bound bind(Loss loss, int batch, int classes) {
    return loss.bind(Kernels.scalar(), team, batch, classes);
  }

  private static Tensor logits(Random random) {
    float[] array = new float[3 + BATCH * CLASSES]; // a view, to see that offsets are heeded
    for (int i = 0; i < array.length; i++) {
      array[i] = (float) (2 * random.nextGaussian());
    }
    return Tensor.of(array, 3, Shape.of(BATCH, CLASSES));
  }

  private static int[] labels(Random random) {
    return random.ints(BATCH, 0, CLASSES).toArray();
  }

  /**
   * Central differences with h = 2⁻⁷ on a loss that is summed in double from float logits: the
   * quotient is good to about 1e-4 for the smooth losses; a hinge within h of its corner is
   * skipped.
   */
  @ParameterizedTest
  @MethodSource("losses")
  void gradientIsTheSlopeOfTheLoss(Loss loss) {
    Random random = new Random(7);
    Tensor logits = logits(random);
    int[] labels = labels(random);
    Loss.Bound bound = bind(loss, BATCH, CLASSES);
    Tensor gradient = Tensor.of(new float[2 + BATCH * CLASSES], 2, Shape.of(BATCH, CLASSES));
    float scale = 0.25f;
    double sum = bound.compute(logits, labels, scale, gradient);
    assertEquals(sum, bound.compute(logits, labels, scale, null));
    float h = 1f / 128;
    int compared = 0;
    for (int i = 0; i < logits.size(); i++) {
      float x = logits.array()[3 + i];
      logits.array()[3 + i] = x + h;
      double up = bound.compute(logits, labels, scale, null);
      logits.array()[3 + i] = x - h;
      double down = bound.compute(logits, labels, scale, null);
      logits.array()[3 + i] = x;
      boolean corner = loss instanceof MultiClassHinge && Math.abs(up + down - 2 * sum) > 1e-6;
      if (!corner) {
        assertEquals(scale * (up - down) / (2 * h), gradient.array()[2 + i], 2e-4, "logit " + i);
        compared++;
      }
    }
    assertTrue(compared > BATCH * CLASSES * 9 / 10, compared + " compared");
    assertEquals(0, gradient.array()[0] + gradient.array()[1]);
  }

  @Test
  void crossEntropyOfEvenLogitsIsTheLogarithmOfTheClasses() {
    double sum =
        bind(new SoftmaxCrossEntropy(), BATCH, CLASSES)
            .compute(Tensor.zeros(BATCH, CLASSES), new int[BATCH], 1, null);
    assertEquals(BATCH * Math.log(CLASSES), sum, 1e-5);
  }

  @Test
  void squaredErrorByHand() {
    Tensor gradient = Tensor.zeros(1, 4);
    double loss =
        bind(new MeanSquaredError(), 1, 4)
            .compute(Tensor.of(new float[] {1, 3, 0, -1}, 1, 4), new int[] {1}, 1, gradient);
    assertEquals((1 + 4 + 0 + 1) / 4.0, loss, 1e-7);
    assertArrayEquals(new float[] {0.5f, 1, 0, -0.5f}, gradient.toArray(), 1e-7f);
  }

  @Test
  void hingeByHand() {
    Tensor gradient = Tensor.zeros(1, 4);
    double loss =
        bind(new MultiClassHinge(), 1, 4)
            .compute(Tensor.of(new float[] {2, 0.5f, 1, 3}, 1, 4), new int[] {0}, 1, gradient);
    assertEquals(2 / 4.0, loss, 1e-7, "only the last class violates; the third is on the hinge");
    assertArrayEquals(new float[] {-0.25f, 0, 0, 0.25f}, gradient.toArray(), 1e-7f);
  }

  /** So that a diverging training cannot pass for a good one. */
  @ParameterizedTest
  @MethodSource("losses")
  void aNanLogitGivesANanLoss(Loss loss) {
    for (int c = 0; c < 3; c++) {
      Tensor logits = Tensor.of(new float[] {5, 0, 0}, 1, 3);
      logits.set(Float.NaN, 0, c);
      double value = bind(loss, 1, 3).compute(logits, new int[] {0}, 1, Tensor.zeros(1, 3));
      assertTrue(Double.isNaN(value), loss + " with class " + c + ": " + value);
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, -0.1f, 1})
  void refusesSmoothingOutOfRange(float smoothing) {
    assertThrows(IllegalArgumentException.class, () -> new SoftmaxCrossEntropy(smoothing));
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, 0, -1, Float.POSITIVE_INFINITY})
  void refusesAMarginOutOfRange(float margin) {
    assertThrows(IllegalArgumentException.class, () -> new MultiClassHinge(margin));
  }

  @ParameterizedTest
  @MethodSource("losses")
  void aLabelThatIsNoClassIsRefused(Loss loss) {
    Class<? extends RuntimeException> refusal =
        loss instanceof SoftmaxCrossEntropy
            ? IllegalArgumentException.class
            : IndexOutOfBoundsException.class;
    for (int label : new int[] {-1, 3}) {
      assertThrows(
          refusal,
          () -> bind(loss, 3, 3).compute(Tensor.zeros(3, 3), new int[] {0, label, 0}, 1, null));
    }
  }
}
