package io.alexnet.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class TensorTest {

  private final Tensor tensor = Tensor.zeros(2, 3);

  private static void assertRefused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }

  @Test
  void whatDoesNotFitIsRefusedAndTheShapesAreNamed() {
    assertRefused("cannot view 2×3 as 7", () -> tensor.reshape(7));
    assertRefused("cannot copy 5 into 2×3", () -> tensor.copyFrom(Tensor.zeros(5)));
    float[] array = new float[6];
    for (int offset : new int[] {-1, 1, Integer.MAX_VALUE}) {
      assertRefused(
          "2×3 at " + offset + " does not fit into an array of 6",
          () -> Tensor.of(array, offset, Shape.of(2, 3)));
    }
  }

  @Test
  void entriesAndIndicesThatAreNotThereAreRefused() {
    assertRefused("no entries 1 to 1 in 2×3", () -> tensor.slice(1, 1));
    assertRefused("no entries -1 to 1 in 2×3", () -> tensor.slice(-1, 1));
    assertRefused("no entries 1 to 3 in 2×3", () -> tensor.slice(1, 3));
    assertThrows(IllegalArgumentException.class, () -> Tensor.zeros().slice(0, 1));
    assertRefused("1 indices into 2×3", () -> tensor.get(1));
    assertRefused("3 indices into 2×3", () -> tensor.set(4, 1, 2, 0));
    assertThrows(IndexOutOfBoundsException.class, () -> tensor.get(0, 3));
    assertThrows(IndexOutOfBoundsException.class, () -> tensor.get(0, -1));
  }

  @Test
  void aScalarHasNoDimensionToDrop() {
    assertEquals(Shape.of(3), Shape.of(2, 3).dropFirst());
    assertEquals(Shape.of(), Shape.of(2).dropFirst());
    assertThrows(IllegalStateException.class, () -> Shape.of().dropFirst());
  }
}
