package io.alexnet.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.batch.Batch;
import io.alexnet.batch.BatchSource;
import io.alexnet.graph.Network;
import io.alexnet.loss.Loss;
import io.alexnet.loss.MeanSquaredError;
import io.alexnet.loss.MultiClassHinge;
import io.alexnet.loss.SoftmaxCrossEntropy;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Training on mixtures of examples: two labels for each, and a share. */
class MixupTest {

  private static final int BATCH = 5;
  private static final int CLASSES = Nets.CLASSES;

  private static Examples examples() {
    return new Examples(Nets.IMAGE, 50, 16, CLASSES, 5);
  }

  /** The same images, each said to be a mixture with one of the next class. */
  static BatchSource mixedWithNextClass(BatchSource source, float share) {
    return new ForwardingSource(source) {
      @Override
      Batch next(Batches batches, int taken) {
        Batch batch = super.next(batches, taken);
        if (batch == null) {
          return null;
        }
        int classes = classNames().size();
        int[] partners = batch.labels().clone();
        for (int n = 0; n < partners.length; n++) {
          partners[n] = (partners[n] + 1) % classes;
        }
        return new Batch(batch.images(), batch.labels(), partners, share);
      }
    };
  }

  @Test
  void theGradientIsThatOfTheMixedLoss() {
    Random random = new Random(6); // no hinge within a step of its kink
    Tensor logits = Tensor.zeros(Shape.of(BATCH, CLASSES));
    for (int i = 0; i < logits.size(); i++) {
      logits.array()[i] = (float) random.nextGaussian();
    }
    int[] labels = {0, 1, 2, 3, 4};
    int[] partners = {4, 1, 0, 5, 2};
    float scale = 1f / BATCH;
    float share = 0.3f;
    Batch batch = new Batch(Tensor.zeros(Nets.IMAGE.prepend(BATCH)), labels, partners, share);
    List<Loss> losses =
        List.of(
            new SoftmaxCrossEntropy(),
            new SoftmaxCrossEntropy(0.1f),
            new MeanSquaredError(),
            new MultiClassHinge());
    try (Network network = Nets.dense(CLASSES)) {
      for (Loss loss : losses) {
        BoundLosses.Entry bound = new BoundLosses(network, loss).forBatch(BATCH);
        double value = bound.compute(logits, batch, scale);
        float[] gradient = bound.dLogits().toArray();
        double own = bound.loss().compute(logits, labels, 1, null);
        double partner = bound.loss().compute(logits, partners, 1, null);
        assertEquals(share * own + (1 - share) * partner, value, 1e-6 * value, loss.toString());
        float step = 1e-2f;
        for (int i = 0; i < logits.size(); i++) {
          float x = logits.array()[i];
          logits.array()[i] = x + step;
          double above = bound.compute(logits, batch, scale);
          logits.array()[i] = x - step;
          double below = bound.compute(logits, batch, scale);
          logits.array()[i] = x;
          assertEquals(scale * (above - below) / (2 * step), gradient[i], 2e-5, loss + " at " + i);
        }
      }
    }
  }

  private static List<float[]> weightsAfterTraining(BatchSource source) {
    try (Network network = Nets.alexNet(2, 7)) {
      Trainer.of(network).fit(source, null, 2);
      return network.state().values().stream().map(Tensor::toArray).toList();
    }
  }

  @Test
  void aShareOfOneIsPlainTrainingToTheBit() {
    List<float[]> plain = weightsAfterTraining(examples());
    List<float[]> mixed = weightsAfterTraining(mixedWithNextClass(examples(), 1));
    List<float[]> halves = weightsAfterTraining(mixedWithNextClass(examples(), 0.5f));
    for (int i = 0; i < plain.size(); i++) {
      assertArrayEquals(plain.get(i), mixed.get(i));
    }
    assertTrue(!Arrays.equals(plain.get(0), halves.get(0)), "a partner's share counts");
  }

  @Test
  void aShareOfNothingIsTrainingOnThePartners() {
    Examples nextClass = examples();
    for (int i = 0; i < nextClass.size(); i++) {
      nextClass.label(i, (nextClass.label(i) + 1) % CLASSES);
    }
    List<float[]> plain = weightsAfterTraining(nextClass);
    List<float[]> mixed = weightsAfterTraining(mixedWithNextClass(examples(), 0));
    for (int i = 0; i < plain.size(); i++) {
      assertArrayEquals(plain.get(i), mixed.get(i), 1e-6f);
    }
  }

  /** A step without a rate leaves the weights alone: what is right depends on the labels only. */
  @Test
  void top1GoesByTheLargerShare() {
    double[] top1 = new double[2];
    float[] shares = {0.6f, 0.4f};
    double[] plain = new double[2];
    for (int i = 0; i < 2; i++) {
      Examples labelled = examples();
      if (i == 1) {
        for (int k = 0; k < labelled.size(); k++) {
          labelled.label(k, (labelled.label(k) + 1) % CLASSES);
        }
      }
      plain[i] = top1WithoutLearning(labelled);
      top1[i] = top1WithoutLearning(mixedWithNextClass(examples(), shares[i]));
    }
    assertArrayEquals(plain, top1);
    assertTrue(top1[0] != top1[1], "the two labels are not right equally often");
  }

  private static double top1WithoutLearning(BatchSource source) {
    try (Network network = Nets.dense(CLASSES)) {
      return Trainer.of(network)
          .learningRate((step, epoch) -> 0)
          .fit(source, null, 1)
          .epochs()
          .get(0)
          .trainTop1();
    }
  }

  @Test
  void partnersLabelsAreCheckedToo() {
    BatchSource source =
        new ForwardingSource(examples()) {
          @Override
          Batch next(Batches batches, int taken) {
            Batch batch = super.next(batches, taken);
            int[] partners = new int[batch.size()];
            partners[0] = CLASSES;
            return new Batch(batch.images(), batch.labels(), partners, 0.5f);
          }
        };
    try (Network network = Nets.dense(CLASSES)) {
      String message =
          assertThrows(
                  IllegalArgumentException.class, () -> Trainer.of(network).fit(source, null, 1))
              .getMessage();
      assertTrue(message.contains("a label of 6"), message);
    }
    Tensor images = Tensor.zeros(Nets.IMAGE.prepend(2));
    int[] two = new int[2];
    assertThrows(IllegalArgumentException.class, () -> new Batch(images, two, new int[1], 0.5f));
    assertThrows(IllegalArgumentException.class, () -> new Batch(images, two, two, 1.5f));
    assertThrows(IllegalArgumentException.class, () -> new Batch(images, new int[3]));
  }
}
