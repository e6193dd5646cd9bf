package io.alexnet.init;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class InitializerTest {

  private static final int COUNT = 200_000;
  private static final int FAN_IN = 50;
  private static final int FAN_OUT = 150;

  private static float[] drawn(Initializer initializer) {
    Tensor tensor = Tensor.zeros(COUNT);
    initializer.fill(tensor, FAN_IN, FAN_OUT, Initializer.stream(1, "test"));
    return tensor.array();
  }

  static Stream<Arguments> distributions() {
    double infinite = Double.POSITIVE_INFINITY;
    return Stream.of(
        arguments("gaussian", Initializer.gaussian(0.01f), 0.01, infinite),
        arguments("glorotNormal", Initializer.glorotNormal(), Math.sqrt(2 / 200.0), infinite),
        arguments("heNormal", Initializer.heNormal(), Math.sqrt(2 / 50.0), infinite),
        arguments(
            "glorotUniform",
            Initializer.glorotUniform(),
            Math.sqrt(2 / 200.0),
            Math.sqrt(6 / 200.0)),
        arguments("heUniform", Initializer.heUniform(), Math.sqrt(2 / 50.0), Math.sqrt(6 / 50.0)),
        arguments(
            "fanInUniform", Initializer.fanInUniform(), Math.sqrt(1 / 150.0), Math.sqrt(1 / 50.0)),
        arguments(
            "fan out",
            new VarianceScaling(3, VarianceScaling.Fan.OUT, VarianceScaling.Distribution.NORMAL),
            Math.sqrt(3 / 150.0),
            infinite));
  }

  private static Arguments arguments(
      String name, Initializer initializer, double deviation, double bound) {
    return Arguments.of(Named.of(name, initializer), deviation, bound);
  }

  @ParameterizedTest
  @MethodSource("distributions")
  void meanDeviationAndBoundAreRight(Initializer initializer, double deviation, double bound) {
    float[] values = drawn(initializer);
    double sum = 0;
    double squares = 0;
    double largest = 0;
    for (float v : values) {
      sum += v;
      squares += (double) v * v;
      largest = Math.max(largest, Math.abs(v));
    }
    // Five standard errors: of a mean σ/√n, of a deviation at most σ/√(2n).
    assertEquals(0, sum / COUNT, 5 * deviation / Math.sqrt(COUNT));
    assertEquals(deviation, Math.sqrt(squares / COUNT), 5 * deviation / Math.sqrt(2.0 * COUNT));
    if (Double.isInfinite(bound)) {
      assertTrue(largest > 3.5 * deviation, "the tails of a normal are there");
    } else {
      assertTrue(largest <= bound * 1.000001 && largest > 0.999 * bound);
    }
  }

  @Test
  void constantsAreConstant() {
    assertArrayEquals(new float[COUNT], drawn(Initializer.zeros()));
    float[] expected = new float[COUNT];
    Arrays.fill(expected, 0.1f);
    assertArrayEquals(expected, drawn(Initializer.constant(0.1f)));
  }

  @Test
  void onlyTheTensorsOwnElementsAreSet() {
    float[] array = new float[7];
    Tensor middle = Tensor.of(array, 2, Shape.of(3));
    for (Initializer each : new Initializer[] {Initializer.gaussian(1), Initializer.heNormal()}) {
      each.fill(middle, 1, 1, Initializer.stream(1, "test"));
      assertArrayEquals(new float[] {0, 0}, Arrays.copyOfRange(array, 0, 2));
      assertArrayEquals(new float[] {0, 0}, Arrays.copyOfRange(array, 5, 7));
      assertTrue(array[2] != 0 && array[3] != 0 && array[4] != 0);
    }
  }

  @Test
  void streamsDifferBySeedAndName() {
    long drawn = Initializer.stream(1, "conv1.weight").nextLong();
    assertEquals(drawn, Initializer.stream(1, "conv1.weight").nextLong());
    assertTrue(drawn != Initializer.stream(2, "conv1.weight").nextLong());
    assertTrue(drawn != Initializer.stream(1, "conv2.weight").nextLong());
  }

  @Test
  void theSameNumbersOnEveryJdk() {
    var random = Initializer.stream(42, "conv1.weight");
    assertEquals(6882684544073721742L, random.nextLong());
    assertEquals(-0.7508570939848933, random.nextGaussian());
    assertEquals(0.7098119688826809, random.nextGaussian());
    assertEquals(0.07404983720378189, random.nextDouble());
  }

  @Test
  void nonsenseIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> Initializer.gaussian(0));
    assertThrows(IllegalArgumentException.class, () -> Initializer.gaussian(Float.NaN));
    assertThrows(IllegalArgumentException.class, () -> Initializer.constant(Float.NaN));
    assertThrows(
        IllegalArgumentException.class,
        () -> new VarianceScaling(-1, VarianceScaling.Fan.IN, VarianceScaling.Distribution.NORMAL));
  }
}
