package io.alexnet.examples.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.awt.image.BufferedImage;
import org.junit.jupiter.api.Test;

class FilterSheetTest {

  private static final int WHITE = 0xffffff;
  private static final int GREY = 0x808080;

  private static int rgb(BufferedImage sheet, int x, int y) {
    return sheet.getRGB(x, y) & 0xffffff;
  }

  @Test
  void threeChannelsAreTheColoursOfOneTile() {
    Tensor weights = Tensor.zeros(2, 3, 1, 2);
    weights.set(0.5f, 0, 0, 0, 0);
    weights.set(-0.5f, 0, 1, 0, 0);
    weights.set(0.25f, 0, 2, 0, 1);
    BufferedImage sheet = FilterSheet.draw(weights, 3);
    assertEquals(1 + 2 * (2 * 3 + 1), sheet.getWidth());
    assertEquals(1 + 3 + 1, sheet.getHeight());
    for (int y = 1; y < 4; y++) {
      assertEquals(0xff0080, rgb(sheet, 1, y));
      assertEquals(0xff0080, rgb(sheet, 3, y));
      assertEquals(0x8080bf, rgb(sheet, 4, y), "half of the filter's largest magnitude");
      assertEquals(WHITE, rgb(sheet, 7, y), "the gap");
      assertEquals(GREY, rgb(sheet, 8, y), "a filter of zeros");
    }
    assertEquals(WHITE, rgb(sheet, 1, 0));
    assertEquals(WHITE, rgb(sheet, 1, 4));
  }

  @Test
  void everyFilterHasItsOwnScale() {
    Tensor weights = Tensor.of(new float[] {100, 0.001f}, 2, 1, 1, 1);
    BufferedImage sheet = FilterSheet.draw(weights, 1);
    assertEquals(WHITE, rgb(sheet, 1, 1));
    assertEquals(WHITE, rgb(sheet, 3, 1));
  }

  @Test
  void otherChannelCountsAreARowOfGreyTilesForEachFilter() {
    Tensor weights = Tensor.of(new float[] {1, -1, 0, 0.5f}, 2, 2, 1, 1);
    BufferedImage sheet = FilterSheet.draw(weights, 1);
    assertEquals(5, sheet.getWidth());
    assertEquals(5, sheet.getHeight());
    assertEquals(0xffffff, rgb(sheet, 1, 1));
    assertEquals(0x000000, rgb(sheet, 3, 1));
    assertEquals(GREY, rgb(sheet, 1, 3));
    assertEquals(0xffffff, rgb(sheet, 3, 3));
  }

  @Test
  void weightsOfADivergedTrainingAreMagenta() {
    Tensor weights = Tensor.of(new float[] {Float.NaN, Float.NEGATIVE_INFINITY, -2}, 1, 1, 1, 3);
    BufferedImage sheet = FilterSheet.draw(weights, 1);
    assertEquals(0xff00ff, rgb(sheet, 1, 1));
    assertEquals(0xff00ff, rgb(sheet, 2, 1));
    assertEquals(0, rgb(sheet, 3, 1));
  }

  @Test
  void readsTheTensorFromItsOffset() {
    Tensor second = Tensor.of(new float[] {5, 5, 1, -1}, 2, 1, 1, 2).slice(1, 2);
    BufferedImage sheet = FilterSheet.draw(second, 1);
    assertEquals(0xffffff, rgb(sheet, 1, 1));
    assertEquals(0x000000, rgb(sheet, 2, 1));
  }

  @Test
  void thePapersFirstLayerIsAFullGrid() {
    BufferedImage sheet = FilterSheet.draw(Tensor.zeros(96, 3, 11, 11), 4);
    assertEquals(1 + 12 * 45, sheet.getWidth());
    assertEquals(1 + 8 * 45, sheet.getHeight());
  }

  @Test
  void theMagnificationFitsTheSheetIntoASide() {
    assertEquals(4, FilterSheet.magnificationWithin(Shape.of(96, 3, 11, 11), 1 + 12 * 45));
    assertEquals(3, FilterSheet.magnificationWithin(Shape.of(96, 3, 11, 11), 12 * 45));
    assertEquals(1, FilterSheet.magnificationWithin(Shape.of(96, 3, 11, 11), 10));
  }

  @Test
  void refusesWhatIsNotFiltersAndWhatIsTooLarge() {
    String rank =
        assertThrows(IllegalArgumentException.class, () -> FilterSheet.draw(Tensor.zeros(4, 4), 1))
            .getMessage();
    assertTrue(rank.contains("4×4"), rank);
    assertThrows(
        IllegalArgumentException.class, () -> FilterSheet.draw(Tensor.zeros(1, 1, 1, 1), 0));
    String size =
        assertThrows(
                IllegalArgumentException.class,
                () -> FilterSheet.draw(Tensor.zeros(64, 3, 11, 11), 1000))
            .getMessage();
    assertTrue(size.contains("million pixels"), size);
    // Whose product is negative in 64 bits.
    Tensor conv1 = Tensor.zeros(96, 3, 11, 11);
    for (int magnification : new int[] {300_000_000, 1_000_000_000}) {
      String product =
          assertThrows(IllegalArgumentException.class, () -> FilterSheet.draw(conv1, magnification))
              .getMessage();
      assertTrue(product.contains("million pixels"), product);
    }
  }
}
