package io.alexnet.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.layer.Buffer;
import io.alexnet.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StorageTest {

  private static Storage storage(int size, int born, int dies) {
    Storage storage = new Storage();
    storage.add(new Buffer(Shape.of(size)), born, dies);
    return storage;
  }

  @Test
  void aChainInInferenceTakesTwoSlots() {
    // Each buffer is written at its step and read at the next.
    List<Storage> chain =
        List.of(storage(50, 1, 2), storage(40, 2, 3), storage(30, 3, 4), storage(20, 4, 5));
    assertEquals(List.of(50, 40), Storage.assignSlots(chain));
    assertEquals(chain.get(0).slot(), chain.get(2).slot());
    assertEquals(chain.get(1).slot(), chain.get(3).slot());
  }

  @Test
  void theSmallestFreeSlotIsTaken() {
    Storage large = storage(100, 1, 2);
    Storage medium = storage(60, 1, 2);
    Storage late = storage(50, 3, 4);
    assertEquals(List.of(100, 60), Storage.assignSlots(List.of(late, large, medium)));
    assertEquals(medium.slot(), late.slot());
  }

  @Test
  void aSlotIsLargeEnoughAndNeverTakenTwiceAtATime() {
    Random random = new Random(5);
    for (int round = 0; round < 50; round++) {
      List<int[]> spans = new ArrayList<>();
      List<Storage> storages = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        int born = random.nextInt(60);
        int[] span = {1 + random.nextInt(1000), born, born + random.nextInt(15)};
        spans.add(span);
        storages.add(storage(span[0], span[1], span[2]));
      }
      List<Integer> slots = Storage.assignSlots(storages);
      for (int i = 0; i < spans.size(); i++) {
        int[] a = spans.get(i);
        assertTrue(slots.get(storages.get(i).slot()) >= a[0]);
        for (int j = 0; j < i; j++) {
          int[] b = spans.get(j);
          boolean meet = a[1] <= b[2] && b[1] <= a[2];
          assertTrue(!meet || storages.get(i).slot() != storages.get(j).slot());
        }
      }
    }
  }
}
