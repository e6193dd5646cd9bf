package io.alexnet.examples.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ActivationSheetTest {

  /** How many pixels have each colour. */
  private static Map<Integer, Integer> colors(Tensor output) {
    BufferedImage sheet = ActivationSheet.draw("layer", output);
    Map<Integer, Integer> colors = new TreeMap<>();
    for (int y = 0; y < sheet.getHeight(); y++) {
      for (int x = 0; x < sheet.getWidth(); x++) {
        colors.merge(sheet.getRGB(x, y) & 0xffffff, 1, Integer::sum);
      }
    }
    return colors;
  }

  @Test
  void blackIsZeroWhereNothingIsNegative() {
    Map<Integer, Integer> colors = colors(Tensor.of(new float[] {0, 0.5f, 1, 0}, 1, 2, 2));
    assertEquals(2 * 16 * 16, colors.get(0x000000), "two squares of 16 pixels a side");
    assertTrue(colors.get(0x808080) >= 16 * 16);
  }

  @Test
  void greyIsZeroWhereValuesAreNegative() {
    Map<Integer, Integer> colors = colors(Tensor.of(new float[] {-2, 0, 1, 0}, 1, 2, 2));
    assertTrue(colors.get(0x808080) >= 2 * 16 * 16);
    assertEquals(16 * 16, colors.getOrDefault(0x000000, 0));
  }

  @Test
  void whatIsNotFiniteIsMagentaAndScalesNothing() {
    float[] values = {Float.NaN, Float.POSITIVE_INFINITY, 1, 0};
    Map<Integer, Integer> colors = colors(Tensor.of(values, 4));
    assertEquals(2 * 16 * 16, colors.get(0xff00ff));
    assertTrue(colors.containsKey(0x000000));
  }

  @Test
  void aDeadLayerIsBlack() {
    assertTrue(colors(Tensor.zeros(6, 4, 4)).get(0x000000) >= 6 * 16);
  }

  @Test
  void largeMapsAreDrawnWhole() {
    BufferedImage sheet = ActivationSheet.draw("conv1", Tensor.zeros(64, 224, 224));
    assertTrue(sheet.getWidth() >= 8 * 224, "a pixel at least for each value");
  }

  @Test
  void aBatchIsRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> ActivationSheet.draw("conv1", Tensor.zeros(1, 2, 3, 4)));
  }
}
