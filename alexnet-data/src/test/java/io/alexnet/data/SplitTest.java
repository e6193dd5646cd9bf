package io.alexnet.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SplitTest {

  private static Set<String> names(Dataset dataset) {
    return IntStream.range(0, dataset.size())
        .mapToObj(dataset::name)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void eachClassIsDividedInTheSameProportion() {
    Dataset colours = new Colours(101, 1, 1); // 51 even, 50 odd
    Split split = colours.split(0.8, 3);
    assertEquals(81, split.train().size());
    assertEquals(20, split.validation().size());
    long odd = IntStream.range(0, 20).filter(i -> split.validation().label(i) == 1).count();
    assertEquals(10, odd);
    Set<String> all = names(split.train());
    all.addAll(names(split.validation()));
    assertEquals(names(colours), all);
  }

  @Test
  void theSeedDecides() {
    Dataset colours = new Colours(100, 1, 1);
    assertEquals(names(colours.split(0.5, 3).train()), names(colours.split(0.5, 3).train()));
    assertNotEquals(names(colours.split(0.5, 3).train()), names(colours.split(0.5, 4).train()));
  }

  @Test
  void smallClassesAreOnBothSidesIfTheyCan() {
    Split split = new Colours(4, 1, 1).split(0.99, 1);
    assertEquals(2, split.train().size());
    assertEquals(2, split.validation().size());
    assertEquals(1, new Colours(3, 1, 1).split(0.99, 1).validation().size());
    assertThrows(IllegalArgumentException.class, () -> new Colours(2, 1, 1).split(0.5, 1));
  }

  @Test
  void someClassesGetLabelsOfTheirOwn() {
    Dataset colours = new Colours(10, 2, 3);
    Dataset odd = colours.ofClasses(1);
    assertEquals(5, odd.size());
    assertEquals(List.of(colours.classNames().get(1)), odd.classNames());
    for (int i = 0; i < odd.size(); i++) {
      assertEquals(0, odd.label(i));
      assertEquals(colours.name(2 * i + 1), odd.name(i));
      assertArrayEquals(colours.image(2 * i + 1).pixels(), odd.image(i).pixels());
    }
    Dataset turned = colours.ofClasses(1, 0);
    assertEquals(10, turned.size());
    assertEquals(
        List.of(colours.classNames().get(1), colours.classNames().get(0)), turned.classNames());
    assertEquals(1, turned.label(0));
    assertThrows(IllegalArgumentException.class, () -> colours.ofClasses(0, 0));
    assertThrows(IllegalArgumentException.class, () -> colours.ofClasses());
    assertThrows(IndexOutOfBoundsException.class, () -> colours.ofClasses(2));
  }

  @Test
  void sharesOutOfRangeAreRefused() {
    for (double share : new double[] {0, 1, -0.5, Double.NaN}) {
      assertThrows(IllegalArgumentException.class, () -> new Colours(9, 1, 1).split(share, 1));
    }
  }
}
