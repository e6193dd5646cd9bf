package io.alexnet.data.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class AugmentTest {

  private static final int DRAWS = 2000;

  private static Distortion draw(Augment augment, int index) {
    return augment.draw(1, 0, index, 10, 6, 3);
  }

  @Test
  void withoutAugmentationItIsTheCentre() {
    Distortion centre = draw(Augment.none(), 5);
    assertEquals(2, centre.source().left());
    assertEquals(2, centre.source().top());
    assertFalse(centre.mirror());
    assertArrayEquals(new float[] {1, 0, 0, 0, 1, 0, 0, 0, 1}, centre.mix());
    assertArrayEquals(new float[3], centre.offsets());
  }

  @Test
  void cropsReachEveryPlaceAndStayInside() {
    Set<Integer> places = new HashSet<>();
    for (int i = 0; i < DRAWS; i++) {
      Distortion d = draw(Augment.none().randomCrop(), i);
      assertTrue(
          d.source().left() >= 0
              && d.source().left() <= 4
              && d.source().top() >= 0
              && d.source().top() <= 4);
      places.add(d.source().left() * 5 + d.source().top());
    }
    assertEquals(25, places.size());
  }

  @Test
  void aShiftReachesItsShareOfTheImageToEitherSide() {
    Set<Integer> lefts = new HashSet<>();
    for (int i = 0; i < DRAWS; i++) {
      lefts.add(draw(Augment.none().shift(0.5), i).source().left());
    }
    assertEquals(Set.of(-1, 0, 1, 2, 3, 4, 5), lefts);
  }

  @Test
  void everySecondImageIsMirrored() {
    int mirrored = 0;
    for (int i = 0; i < DRAWS; i++) {
      mirrored += draw(Augment.none().mirror(), i).mirror() ? 1 : 0;
    }
    assertEquals(DRAWS / 2.0, mirrored, 5 * Math.sqrt(DRAWS / 4.0));
  }

  @Test
  void contrastTurnsAboutMiddleGreyAndBrightnessAdds() {
    float least = 1;
    float most = 1;
    float darkest = 0;
    float brightest = 0;
    for (int i = 0; i < DRAWS; i++) {
      Distortion d = draw(Augment.none().contrast(0.2), i);
      assertEquals(0.5f, d.mix()[0] * 0.5f + d.offsets()[0], 1e-6f);
      least = Math.min(least, d.mix()[0]);
      most = Math.max(most, d.mix()[0]);
      float offset = draw(Augment.none().brightness(0.1), i).offsets()[2];
      assertTrue(Math.abs(offset) <= 0.1f);
      darkest = Math.min(darkest, offset);
      brightest = Math.max(brightest, offset);
    }
    assertEquals(0.8f, least, 0.01f);
    assertEquals(1.2f, most, 0.01f);
    assertEquals(-0.1f, darkest, 0.02f);
    assertEquals(0.1f, brightest, 0.02f);
  }

  @Test
  void colourNoiseVariesAlongThePrincipalColours() {
    PrincipalColors colors = PrincipalColors.IMAGENET;
    double[] squares = new double[3];
    for (int i = 0; i < DRAWS; i++) {
      float[] offsets = draw(Augment.none().colorNoise(0.1, colors), i).offsets();
      for (int k = 0; k < 3; k++) {
        double along = 0;
        for (int c = 0; c < 3; c++) {
          along += offsets[c] * colors.direction(k, c);
        }
        squares[k] += along * along;
      }
    }
    for (int k = 0; k < 3; k++) {
      double expected = 0.1 * colors.deviation(k);
      // A deviation is estimated to 1/√(2n); the published directions are rounded, so the smallest
      // takes a little of the largest.
      assertEquals(expected, Math.sqrt(squares[k] / DRAWS), expected * 5 / Math.sqrt(2.0 * DRAWS));
    }
    assertEquals(1, Augment.paper().draw(1, 0, 0, 10, 6, 1).offsets().length);
  }

  @Test
  void thePapersNoiseTakesTheColoursItIsGiven() {
    double[][] onlyGreen = {{0, 0, 0}, {0, 1, 0}, {0, 0, 0}};
    float[] offsets = draw(Augment.paper(PrincipalColors.ofCovariance(onlyGreen)), 1).offsets();
    assertEquals(0, offsets[0]);
    assertTrue(offsets[1] != 0);
    assertEquals(0, offsets[2]);
  }

  @Test
  void seedEpochAndIndexDecide() {
    Augment augment = Augment.paper().shift(0.3).brightness(0.2).contrast(0.2);
    Distortion one = augment.draw(1, 2, 3, 256, 227, 3);
    assertArrayEquals(one.offsets(), augment.draw(1, 2, 3, 256, 227, 3).offsets());
    for (long[] other : new long[][] {{0, 2, 3}, {1, 1, 3}, {1, 2, 4}}) {
      Distortion d = augment.draw(other[0], (int) other[1], (int) other[2], 256, 227, 3);
      assertFalse(one.mix()[0] == d.mix()[0]);
    }
  }

  /** Each change is kept by all that come after it. */
  @Test
  void theOrderOfTheChangesDoesNotMatter() {
    List<UnaryOperator<Augment>> changes =
        List.of(
            Augment::randomCrop,
            Augment::mirror,
            a -> a.shift(0.3),
            a -> a.brightness(0.2),
            a -> a.contrast(0.2),
            a -> a.saturation(0.3),
            a -> a.hue(0.2),
            a -> a.colorNoise(0.1, PrincipalColors.IMAGENET),
            a -> a.cutout(0.5),
            a -> a.mixup(0.7));
    Augment forwards = Augment.none();
    Augment backwards = Augment.none();
    for (int i = 0; i < changes.size(); i++) {
      forwards = changes.get(i).apply(forwards);
      backwards = changes.get(changes.size() - 1 - i).apply(backwards);
    }
    for (int index = 0; index < 20; index++) {
      Distortion f = draw(forwards, index);
      Distortion b = draw(backwards, index);
      assertEquals(f.source(), b.source());
      assertEquals(f.mirror(), b.mirror());
      assertArrayEquals(f.mix(), b.mix());
      assertArrayEquals(f.offsets(), b.offsets());
      assertEquals(f.cutout(), b.cutout());
      assertEquals(forwards.drawShare(1, 2, index), backwards.drawShare(1, 2, index));
    }
    Augment resized = Augment.none().resizedCrop(0.2, 0.3, 1, 1).mirror().cutout(0.1);
    int width = draw(resized, 0).source().width();
    assertTrue(width >= 4 && width <= 6, width + "");
  }

  @Test
  void limitsOutOfRangeAreRefused() {
    Augment none = Augment.none();
    assertThrows(IllegalArgumentException.class, () -> none.shift(1));
    assertThrows(IllegalArgumentException.class, () -> none.brightness(-0.1));
    assertThrows(IllegalArgumentException.class, () -> none.contrast(Double.NaN));
    assertThrows(
        IllegalArgumentException.class, () -> none.colorNoise(-1, PrincipalColors.IMAGENET));
    assertThrows(IllegalArgumentException.class, () -> none.saturation(1.5));
    assertThrows(IllegalArgumentException.class, () -> none.hue(0.6));
    assertThrows(IllegalArgumentException.class, () -> none.cutout(-0.1));
    assertThrows(IllegalArgumentException.class, () -> none.mixup(Double.POSITIVE_INFINITY));
    assertThrows(IllegalArgumentException.class, () -> none.resizedCrop(0, 1, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> none.resizedCrop(0.5, 0.4, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> none.resizedCrop(0.5, 1, 0, 1));
    assertThrows(IllegalArgumentException.class, () -> none.resizedCrop(0.5, 1, 1, Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> none.randomCrop().resizedCrop());
    assertThrows(IllegalArgumentException.class, () -> none.resizedCrop().shift(0.1));
  }
}
