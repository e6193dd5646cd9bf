package io.alexnet.data.source;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.data.image.Image;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class ShapesTest {

  @Test
  void anImageDependsOnSeedAndIndexAlone() {
    Shapes few = Shapes.of(10, 40, 3);
    Shapes many = Shapes.of(1000, 40, 3);
    for (int i = 9; i >= 0; i--) {
      assertArrayEquals(few.image(i).pixels(), many.image(i).pixels());
      assertEquals(i % 8, many.label(i));
    }
    assertFalse(Arrays.equals(few.image(0).pixels(), few.image(8).pixels()));
    assertFalse(Arrays.equals(few.image(0).pixels(), Shapes.of(10, 40, 4).image(0).pixels()));
  }

  /** The same bits on every machine: what a seed means must not change from release to release. */
  @Test
  void theSeedsMeaningIsFixed() throws NoSuchAlgorithmException {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    Shapes shapes = Shapes.of(16, 48, 1);
    for (int i = 0; i < shapes.size(); i++) {
      digest.update(shapes.image(i).pixels());
    }
    assertEquals("e227dbf3e4aff5ae", HexFormat.of().formatHex(digest.digest()).substring(0, 16));
  }

  /** The picture is the same at any size, so the figure covers the same share of it. */
  @Test
  void sizeChangesOnlyTheResolution() {
    for (int i = 0; i < 8; i++) {
      double[] small = meanColour(Shapes.of(8, 40, 5).image(i));
      double[] large = meanColour(Shapes.of(8, 160, 5).image(i));
      assertArrayEquals(large, small, 2.5);
    }
  }

  private static double[] meanColour(Image image) {
    double[] mean = new double[3];
    for (int i = 0; i < image.pixels().length; i++) {
      mean[i % 3] += (image.pixels()[i] & 0xFF) * 3.0 / image.pixels().length;
    }
    return mean;
  }

  @Test
  void coloursDoNotGiveTheClassAway() {
    Shapes shapes = Shapes.of(1600, 12, 2);
    double[][] means = new double[8][3];
    for (int i = 0; i < shapes.size(); i++) {
      double[] mean = meanColour(shapes.image(i));
      for (int c = 0; c < 3; c++) {
        means[shapes.label(i)][c] += mean[c] / 200;
      }
    }
    for (double[] mean : means) {
      // An image's mean has a deviation of about 60; of 200 images, 4.
      assertArrayEquals(new double[] {127.5, 127.5, 127.5}, mean, 17);
    }
  }

  @Test
  void optionsOutOfRangeAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> Shapes.of(0, 32, 1));
    assertThrows(IllegalArgumentException.class, () -> Shapes.of(1, 7, 1));
    assertThrows(IndexOutOfBoundsException.class, () -> Shapes.of(5, 32, 1).label(5));
    assertTrue(Shapes.of(1, 8, 1).image(0).width() == 8);
  }
}
