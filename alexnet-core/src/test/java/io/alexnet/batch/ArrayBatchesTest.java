package io.alexnet.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ArrayBatchesTest {

  private static final int[] LABELS = {0, 2, 1, 0, 2, 1, 0};

  /** Image i is filled with i. */
  private static Tensor images() {
    Tensor x = Tensor.zeros(LABELS.length, 1, 2, 2);
    for (int i = 0; i < x.size(); i++) {
      x.array()[i] = i / 4;
    }
    return x;
  }

  /** The images of an epoch in order, each checked against its label. */
  private static List<Integer> epoch(BatchSource source, int epoch, int firstBatch) {
    List<Integer> seen = new ArrayList<>();
    try (BatchSource.Batches batches = source.open(epoch, firstBatch)) {
      for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
        assertEquals(Shape.of(batch.size(), 1, 2, 2), batch.images().shape());
        for (int n = 0; n < batch.size(); n++) {
          int image = (int) batch.images().get(n, 0, 1, 1);
          assertEquals(LABELS[image], batch.labels()[n]);
          seen.add(image);
        }
      }
      assertNull(batches.next());
    }
    return seen;
  }

  @Test
  void givesEveryExampleOnceInOrder() {
    ArrayBatches source = ArrayBatches.of(images(), LABELS).batchSize(3);
    assertEquals(3, source.batches());
    assertEquals(Shape.of(1, 2, 2), source.imageShape());
    assertEquals(List.of("0", "1", "2"), source.classNames());
    assertEquals(List.of(0, 1, 2, 3, 4, 5, 6), epoch(source, 0, 0));
    assertEquals(List.of(6), epoch(source, 4, 2));
    assertEquals(7, epoch(source.batchSize(100), 0, 0).size());
  }

  @Test
  void aBatchMayBeLargerThanAll() {
    ArrayBatches source = ArrayBatches.of(images(), LABELS).batchSize(Integer.MAX_VALUE);
    assertEquals(1, source.batches());
    assertEquals(LABELS.length, source.lastBatchSize());
    assertEquals(List.of(0, 1, 2, 3, 4, 5, 6), epoch(source, 0, 0));
  }

  @Test
  void seedAndEpochDecideTheOrder() {
    ArrayBatches source = ArrayBatches.of(images(), LABELS).batchSize(3).shuffle(1);
    List<Integer> first = epoch(source, 0, 0);
    assertEquals(first, epoch(source, 0, 0));
    assertEquals(first.subList(3, 7), epoch(source, 0, 1));
    assertNotEquals(first, epoch(source, 1, 0));
    assertNotEquals(first, epoch(source.shuffle(2), 0, 0));
    assertEquals(7, new TreeSet<>(first).size());
  }

  @Test
  void labelsMayComeAsNumPyHasThem() {
    Tensor column = Tensor.of(new float[] {0, 2, 1, 0, 2, 1, 0}, 7, 1);
    assertEquals(List.of(0, 1, 2, 3, 4, 5, 6), epoch(ArrayBatches.of(images(), column), 0, 0));
    assertEquals(
        "label 1 is 0.5, not a whole number",
        refused(() -> ArrayBatches.of(images(), Tensor.of(new float[] {0, 0.5f}, 2))));
    assertEquals(
        "y must be a label for each example, not 7×3",
        refused(() -> ArrayBatches.of(images(), Tensor.zeros(7, 3))));
    assertEquals(
        "y must be a label for each example, not ",
        refused(() -> ArrayBatches.of(images(), Tensor.zeros())));
  }

  @Test
  void whatDoesNotFitIsRefused() {
    assertEquals(
        "x must be of 2 examples, as there are labels, not of shape 7×1×2×2",
        refused(() -> ArrayBatches.of(images(), new int[2])));
    assertEquals(
        "labels must be from 0 on, not -1",
        refused(() -> ArrayBatches.of(images(), new int[] {0, 0, -1, 0, 0, 0, 0})));
    for (int label : new int[] {1 << 20, 1_600_000_000, Integer.MAX_VALUE}) {
      assertEquals(
          "there can be at most 1048576 classes, not " + (label + 1L),
          refused(() -> ArrayBatches.of(images(), new int[] {0, 0, 0, label, 0, 0, 0})));
    }
    for (float label : new float[] {1e20f, 1L << 31, Float.POSITIVE_INFINITY}) {
      assertEquals(
          "there can be at most 1048576 classes, not 2147483648",
          refused(() -> ArrayBatches.of(Tensor.zeros(1, 2), Tensor.of(new float[] {label}, 1))));
    }
    ArrayBatches source = ArrayBatches.of(images(), LABELS);
    assertEquals(
        "there can be at most 1048576 classes, not 2147483647",
        refused(() -> source.classes(Integer.MAX_VALUE)));
    assertEquals("label 2 is none of the 2 classes", refused(() -> source.classes(2)));
    assertEquals(List.of("0", "1", "2", "3"), source.classes(4).classNames());
    assertEquals("batch size must be at least 1, not 0", refused(() -> source.batchSize(0)));
  }

  private static String refused(Runnable mistake) {
    return assertThrows(IllegalArgumentException.class, mistake::run).getMessage();
  }

  @Test
  void theFingerprintIsOfContentsLabelsAndOrder() {
    int size = 70_000; // floats, more than are hashed at a time
    float[] values = new float[3 * size];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    ArrayBatches batches = ArrayBatches.of(Tensor.of(values, 3, size), new int[] {0, 1, 1});
    String fingerprint = batches.fingerprint();
    assertTrue(fingerprint.matches("[0-9a-f]{32}"), fingerprint);
    float[] shifted = new float[values.length + 5];
    System.arraycopy(values, 0, shifted, 5, values.length);
    Tensor view = Tensor.of(shifted, 5, Shape.of(3, size));
    assertEquals(fingerprint, ArrayBatches.of(view, new int[] {0, 1, 1}).fingerprint());
    assertNotEquals(fingerprint, ArrayBatches.of(view, new int[] {0, 1, 0}).fingerprint());
    assertNotEquals(fingerprint, batches.shuffle(0).fingerprint());
    assertNotEquals(batches.shuffle(1).fingerprint(), batches.shuffle(0).fingerprint());
    for (int i : new int[] {0, 16_384, values.length - 1}) {
      values[i] += 0.5f;
      assertNotEquals(fingerprint, batches.fingerprint(), "element " + i);
      values[i] = i;
    }
    assertEquals(fingerprint, batches.fingerprint());
  }

  @Test
  void saysWhatIsWrongWithTheArrays() {
    var thrown =
        assertThrows(
            IllegalArgumentException.class, () -> ArrayBatches.of(Tensor.zeros(7), LABELS));
    assertTrue(thrown.getMessage().contains("features or pixels"), thrown.getMessage());
    ArrayBatches source = ArrayBatches.of(images(), LABELS).batchSize(3);
    assertThrows(IndexOutOfBoundsException.class, () -> source.open(0, -1));
    assertThrows(IndexOutOfBoundsException.class, () -> source.open(0, 4));
    assertEquals(List.of(), epoch(source, 0, 3));
  }

  @Test
  void aFingerprintThatWasTakenStays() {
    Fingerprint fingerprint = new Fingerprint().add(1).add("a").add(new float[] {2}, 0, 1);
    String text = fingerprint.text();
    assertEquals(text, fingerprint.text());
    assertThrows(IllegalStateException.class, () -> fingerprint.add(1));
    assertThrows(IllegalStateException.class, () -> fingerprint.add("a"));
    assertThrows(IllegalStateException.class, () -> fingerprint.add(new float[1], 0, 1));
    assertEquals(text, new Fingerprint().add(1).add("a").add(new float[] {2}, 0, 1).text());
  }
}
