package io.alexnet.data.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.data.image.Distortion.Rectangle;
import io.alexnet.data.random.SplitMix64;
import org.junit.jupiter.api.Test;

/** What each augmentation makes of an image's pixels, as the network is given them. */
class AugmentationPixelsTest {

  private static final int SIDE = 12;
  private static final int SIZE = 8;
  private static final int DRAWS = 400;

  /** The sample at (x, y) is 20 y + x, and 3 more in green: it tells where it is from. */
  private static byte[] places() {
    byte[] pixels = new byte[SIDE * SIDE * 3];
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        for (int c = 0; c < 3; c++) {
          pixels[(y * SIDE + x) * 3 + c] = (byte) (20 * y + x + (c == 1 ? 3 : 0));
        }
      }
    }
    return pixels;
  }

  private static byte[] colour(int red, int green, int blue) {
    byte[] pixels = new byte[SIDE * SIDE * 3];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i % 3 == 0 ? red : i % 3 == 1 ? green : blue);
    }
    return pixels;
  }

  private static float[] crop(Augment augment, int index, byte[] pixels) {
    Distortion distortion = augment.draw(1, 0, index, SIDE, SIZE, 3);
    float[] target = new float[3 * SIZE * SIZE];
    Normalization.unit().write(pixels, SIDE, 3, distortion, SIZE, target, 0, new float[256]);
    return target;
  }

  /** The first pixel. */
  private static float[] rgb(Augment augment, int index, byte[] pixels) {
    float[] crop = crop(augment, index, pixels);
    return new float[] {crop[0], crop[SIZE * SIZE], crop[2 * SIZE * SIZE]};
  }

  private static double luma(float[] rgb) {
    return 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
  }

  /** Green at (x, y) of a crop of {@link #places}, without the three that tell it from red. */
  private static int place(float[] crop, int x, int y) {
    return Math.round(crop[SIZE * SIZE + y * SIZE + x] * 255) - 3;
  }

  @Test
  void aRandomCropIsAPartOfTheImagePixelByPixel() {
    for (int i = 0; i < DRAWS; i++) {
      float[] crop = crop(Augment.none().randomCrop(), i, places());
      int corner = place(crop, 0, 0);
      assertTrue(corner % 20 <= SIDE - SIZE && corner / 20 <= SIDE - SIZE, corner + "");
      for (int y = 0; y < SIZE; y++) {
        for (int x = 0; x < SIZE; x++) {
          assertEquals(corner + 20 * y + x, place(crop, x, y));
          assertEquals((corner + 20 * y + x) / 255f, crop[y * SIZE + x]);
        }
      }
    }
  }

  @Test
  void mirroringTurnsRowsAroundAndKeepsColours() {
    int mirrored = 0;
    for (int i = 0; i < DRAWS; i++) {
      float[] crop = crop(Augment.none().mirror(), i, places());
      boolean turned = place(crop, 0, 0) > place(crop, 1, 0);
      mirrored += turned ? 1 : 0;
      for (int y = 0; y < SIZE; y++) {
        for (int x = 0; x < SIZE; x++) {
          assertEquals(20 * (2 + y) + 2 + (turned ? SIZE - 1 - x : x), place(crop, x, y));
        }
      }
    }
    assertEquals(DRAWS / 2.0, mirrored, 5 * Math.sqrt(DRAWS / 4.0));
  }

  @Test
  void aShiftBeyondTheEdgeRepeatsTheEdge() {
    boolean beyond = false;
    for (int i = 0; i < DRAWS; i++) {
      Augment augment = Augment.none().shift(0.8);
      Rectangle source = augment.draw(1, 0, i, SIDE, SIZE, 3).source();
      float[] crop = crop(augment, i, places());
      for (int y = 0; y < SIZE; y++) {
        for (int x = 0; x < SIZE; x++) {
          int row = Math.max(0, Math.min(SIDE - 1, source.top() + y));
          int column = Math.max(0, Math.min(SIDE - 1, source.left() + x));
          assertEquals(20 * row + column, place(crop, x, y));
          beyond |= source.left() + x >= SIDE + 2;
        }
      }
    }
    assertTrue(beyond, "some shifts show three columns beyond the edge");
  }

  @Test
  void aResizedCropKeepsItsShareOfTheAreaAndItsProportions() {
    Augment augment = Augment.none().resizedCrop(0.2, 0.5, 0.5, 2);
    int side = 200;
    double least = 1;
    double most = 0;
    double sum = 0;
    double logs = 0;
    int wide = 0;
    for (int i = 0; i < DRAWS; i++) {
      Rectangle r = augment.draw(1, 0, i, side, SIZE, 3).source();
      assertTrue(r.left() >= 0 && r.top() >= 0, r + "");
      assertTrue(r.left() + r.width() <= side && r.top() + r.height() <= side, r + "");
      double area = r.width() * r.height() / (double) (side * side);
      double aspect = r.width() / (double) r.height();
      assertTrue(area > 0.195 && area < 0.505 && aspect > 0.49 && aspect < 2.03, r + "");
      least = Math.min(least, area);
      most = Math.max(most, area);
      sum += area;
      logs += Math.log(aspect);
      wide += aspect > Math.sqrt(2) ? 1 : 0;
    }
    assertEquals(0.2, least, 0.01);
    assertEquals(0.5, most, 0.01);
    assertEquals(0.35, sum / DRAWS, 5 * 0.3 / Math.sqrt(12.0 * DRAWS));
    assertEquals(0, logs / DRAWS, 5 * 2 * Math.log(2) / Math.sqrt(12.0 * DRAWS));
    assertEquals(DRAWS / 4.0, wide, 5 * Math.sqrt(DRAWS * 3 / 16.0), "uniform in the logarithm");
  }

  @Test
  void aResizedCropShowsItsRectangleFromEdgeToEdge() {
    int seen = 0;
    for (int i = 0; i < DRAWS; i++) {
      Augment augment = Augment.none().resizedCrop();
      Rectangle r = augment.draw(1, 0, i, SIDE, SIZE, 3).source();
      float[] crop = crop(augment, i, places());
      // The image is linear in x and y, and so is what Resize makes of it between pixel centres,
      // but
      // for rounding; area averages of its steps are off by up to an eighth of a step.
      double tolerance =
          0.51 + (r.height() > SIZE ? 20 / 8.0 : 0) + (r.width() > SIZE ? 1 / 8.0 : 0);
      double row = r.top() + 3.5 * r.height() / SIZE - 0.5;
      for (int x = 0; x < SIZE; x++) {
        double column = r.left() + (x + 0.5) * r.width() / SIZE - 0.5;
        if (between(column, r.left(), r.width()) && between(row, r.top(), r.height())) {
          assertEquals(20 * row + column, place(crop, x, 3), tolerance);
          seen++;
        }
      }
    }
    assertTrue(seen > DRAWS * SIZE / 2, seen + "");
  }

  private static boolean between(double place, int from, int length) {
    return place >= from && place <= from + length - 1;
  }

  @Test
  void aCropOfProportionsThatDoNotFitIsTheLargestAtTheCentre() {
    Augment wide = Augment.none().resizedCrop(1, 1, 2, 2);
    assertEquals(new Rectangle(0, 25, 100, 50), wide.draw(1, 0, 0, 100, SIZE, 3).source());
    Augment high = Augment.none().resizedCrop(1, 1, 0.25, 0.5);
    assertEquals(new Rectangle(25, 0, 50, 100), high.draw(1, 0, 0, 100, SIZE, 3).source());
    Augment whole = Augment.none().resizedCrop(1, 1, 1, 1);
    assertEquals(new Rectangle(0, 0, 100, 100), whole.draw(1, 0, 0, 100, SIZE, 3).source());
  }

  @Test
  void brightnessAddsTheSameToAllSamples() {
    double least = 0;
    double most = 0;
    double sum = 0;
    for (int i = 0; i < DRAWS; i++) {
      float[] changed = rgb(Augment.none().brightness(0.3), i, colour(51, 102, 255));
      float added = changed[0] - 0.2f;
      assertTrue(Math.abs(added) <= 0.3f + 1e-6f);
      assertArrayEquals(new float[] {0.2f + added, 0.4f + added, 1 + added}, changed, 1e-6f);
      least = Math.min(least, added);
      most = Math.max(most, added);
      sum += added;
    }
    assertEquals(-0.3, least, 0.02);
    assertEquals(0.3, most, 0.02);
    assertEquals(0, sum / DRAWS, 5 * 0.6 / Math.sqrt(12.0 * DRAWS));
  }

  @Test
  void contrastLeavesMiddleGreyAndScalesTheDistanceFromIt() {
    float least = 1;
    float most = 1;
    for (int i = 0; i < DRAWS; i++) {
      float[] changed = rgb(Augment.none().contrast(0.4), i, colour(0, 51, 255));
      float gain = (changed[2] - 0.5f) / 0.5f;
      assertTrue(gain >= 0.6f - 1e-6f && gain <= 1.4f + 1e-6f);
      assertEquals(0.5f - 0.5f * gain, changed[0], 1e-6f);
      assertEquals(0.5f - 0.3f * gain, changed[1], 1e-6f);
      least = Math.min(least, gain);
      most = Math.max(most, gain);
    }
    assertEquals(0.6f, least, 0.02f);
    assertEquals(1.4f, most, 0.02f);
  }

  @Test
  void saturationMovesColoursToAndFromTheGreyOfTheirLuma() {
    byte[] pixels = colour(204, 51, 102);
    float[] before = rgb(Augment.none(), 0, pixels);
    double least = 2;
    double most = 0;
    for (int i = 0; i < DRAWS; i++) {
      float[] changed = rgb(Augment.none().saturation(1), i, pixels);
      double factor = (changed[0] - luma(before)) / (before[0] - luma(before));
      for (int c = 0; c < 3; c++) {
        assertEquals(luma(before) + factor * (before[c] - luma(before)), changed[c], 1e-5);
      }
      least = Math.min(least, factor);
      most = Math.max(most, factor);
    }
    assertEquals(0, least, 0.02, "as good as grey");
    assertEquals(2, most, 0.02);
    double[] grey = Chroma.map(0, 0);
    for (int row = 0; row < 3; row++) {
      assertArrayEquals(new double[] {0.299, 0.587, 0.114}, slice(grey, row), 1e-12);
    }
  }

  private static double[] slice(double[] map, int row) {
    return java.util.Arrays.copyOfRange(map, 3 * row, 3 * row + 3);
  }

  @Test
  void halfATurnOfTheHueMakesRedCyanOfTheSameLuma() {
    double[] half = Chroma.map(1, 0.5);
    double[] red = {half[0], half[3], half[6]};
    assertArrayEquals(new double[] {2 * 0.299 - 1, 2 * 0.299, 2 * 0.299}, red, 1e-12);
    assertEquals(0.299, 0.299 * red[0] + 0.587 * red[1] + 0.114 * red[2], 1e-12);
    // The way round is that of the colour circle: from red over yellow to green.
    double[] third = Chroma.map(1, 1 / 3.0);
    assertTrue(third[3] > third[0] && third[3] > third[6], "red has become greenish");
    double[] none = Chroma.map(1, 0);
    assertArrayEquals(new double[] {1, 0, 0, 0, 1, 0, 0, 0, 1}, none, 1e-12);
  }

  @Test
  void hueKeepsLumaSaturationAndGrey() {
    byte[] pixels = colour(200, 60, 120);
    float[] before = rgb(Augment.none(), 0, pixels);
    double farthest = 0;
    for (int i = 0; i < DRAWS; i++) {
      Augment augment = Augment.none().hue(0.1);
      float[] changed = rgb(augment, i, pixels);
      assertEquals(luma(before), luma(changed), 1e-6);
      assertEquals(distanceFromGrey(before), distanceFromGrey(changed), 1e-6);
      farthest = Math.max(farthest, Math.abs(angle(changed) - angle(before)) / (2 * Math.PI));
      assertArrayEquals(
          new float[] {0.6f, 0.6f, 0.6f}, rgb(augment, i, colour(153, 153, 153)), 1e-6f);
    }
    assertEquals(0.1, farthest, 0.002);
    assertTrue(farthest <= 0.1 + 1e-6);
  }

  private static double distanceFromGrey(float[] rgb) {
    return Math.hypot(0.492 * (rgb[2] - luma(rgb)), 0.877 * (rgb[0] - luma(rgb)));
  }

  private static double angle(float[] rgb) {
    return Math.atan2(0.877 * (rgb[0] - luma(rgb)), 0.492 * (rgb[2] - luma(rgb)));
  }

  @Test
  void colourNoiseAddsOneColourToAllPixels() {
    double[][] towardsYellow = {{0.5, 0.5, 0}, {0.5, 0.5, 0}, {0, 0, 0}};
    PrincipalColors colors = PrincipalColors.ofCovariance(towardsYellow);
    Augment augment = Augment.none().colorNoise(0.1, colors);
    double squares = 0;
    for (int i = 0; i < DRAWS; i++) {
      float[] noisy = crop(augment, i, places());
      float[] plain = crop(Augment.none(), i, places());
      float added = noisy[0] - plain[0];
      for (int k = 0; k < noisy.length; k++) {
        assertEquals(k < 2 * SIZE * SIZE ? added : 0, noisy[k] - plain[k], 1e-5f);
      }
      squares += added * added;
    }
    // The deviation along the first component is 1, its direction (1, 1, 0) / √2.
    double expected = 0.1 / Math.sqrt(2);
    assertEquals(expected, Math.sqrt(squares / DRAWS), expected * 5 / Math.sqrt(2.0 * DRAWS));
  }

  @Test
  void allChangesOfColourTogetherAreOneAfterTheOther() {
    PrincipalColors colors = PrincipalColors.IMAGENET;
    Augment all =
        Augment.none()
            .brightness(0.3)
            .contrast(0.3)
            .saturation(0.5)
            .hue(0.2)
            .colorNoise(0.2, colors);
    Augment withoutChroma = Augment.none().brightness(0.3).contrast(0.3).colorNoise(0.2, colors);
    for (int i = 0; i < DRAWS; i++) {
      byte[] pixels = colour(i % 256, 90, 255 - i % 256);
      float[] grey = rgb(withoutChroma, i, colour(0, 0, 0));
      float[] noise = {grey[0] - grey[1], 0, grey[2] - grey[1]};
      float[] first = rgb(withoutChroma, i, pixels);
      // Chroma takes what contrast and brightness gave; the noise comes last, so it is not turned.
      float[] changed = rgb(all, i, pixels);
      float[] changedGrey = rgb(all, i, colour(0, 0, 0));
      assertArrayEquals(grey, changedGrey, 1e-5f);
      double[] without = new double[3];
      double[] with = new double[3];
      for (int c = 0; c < 3; c++) {
        without[c] = first[c] - noise[c];
        with[c] = changed[c] - noise[c];
      }
      assertEquals(luma(without), luma(with), 1e-5);
    }
    float[] one = rgb(all, 1, colour(200, 10, 10));
    assertNotEquals(one[0], rgb(withoutChroma, 1, colour(200, 10, 10))[0], 1e-3f);
  }

  private static double luma(double[] rgb) {
    return 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
  }

  @Test
  void greyImagesKeepTheirOneChannel() {
    Augment all = Augment.paper().saturation(1).hue(0.5).brightness(0.2).contrast(0.2);
    Distortion d = all.draw(1, 0, 3, SIDE, SIZE, 1);
    assertEquals(1, d.mix().length);
    assertEquals(1, d.offsets().length);
    assertEquals(
        Augment.paper().brightness(0.2).contrast(0.2).draw(1, 0, 3, SIDE, SIZE, 1).mix()[0],
        d.mix()[0]);
  }

  @Test
  void cutoutSetsASquareToZeroAfterNormalisationClippedAtTheEdges() {
    Normalization mean =
        Normalization.perChannel(new float[] {0.5f, 0.4f, 0.3f}, new float[] {0.2f, 0.2f, 0.2f});
    byte[] white = colour(255, 255, 255);
    Augment augment = Augment.none().cutout(0.5); // 4 of 8
    int[] covered = new int[SIZE * SIZE];
    boolean whole = false;
    boolean clipped = false;
    for (int i = 0; i < DRAWS; i++) {
      Distortion d = augment.draw(1, 0, i, SIDE, SIZE, 3);
      float[] target = new float[3 * SIZE * SIZE];
      mean.write(white, SIDE, 3, d, SIZE, target, 0, new float[256]);
      Rectangle hole = d.cutout();
      assertTrue(hole.width() >= 2 && hole.width() <= 4 && hole.height() >= 2, hole + "");
      whole |= hole.width() == 4 && hole.height() == 4;
      clipped |= hole.width() < 4;
      for (int k = 0; k < target.length; k++) {
        int x = k % SIZE;
        int y = k / SIZE % SIZE;
        boolean in =
            x >= hole.left()
                && x < hole.left() + hole.width()
                && y >= hole.top()
                && y < hole.top() + hole.height();
        assertEquals(in, target[k] == 0, "at (" + x + ", " + y + ")");
        covered[k % (SIZE * SIZE)] += in && k < SIZE * SIZE ? 1 : 0;
      }
    }
    assertTrue(whole && clipped);
    // The centre is uniform, so a place four pixels from every edge is covered in 16 of 64 cases.
    assertEquals(DRAWS / 4.0, covered[3 * SIZE + 3], 5 * Math.sqrt(DRAWS * 3 / 16.0));
  }

  /** Two of Beta(α, α)'s moments: mean 1/2, variance 1 / (4 (2 α + 1)). */
  @Test
  void theShareOfMixupIsFromABetaDistribution() {
    int draws = 20_000;
    for (double alpha : new double[] {0.01, 0.2, 1, 5}) {
      Augment augment = Augment.none().mixup(alpha);
      double sum = 0;
      double squares = 0;
      for (int i = 0; i < draws; i++) {
        float share = augment.drawShare(1, 2, i);
        assertTrue(share >= 0 && share <= 1);
        sum += share;
        squares += (share - 0.5) * (share - 0.5);
      }
      double variance = 1 / (4 * (2 * alpha + 1));
      assertEquals(0.5, sum / draws, 5 * Math.sqrt(variance / draws));
      assertEquals(variance, squares / draws, 5 * variance / Math.sqrt(draws / 2.0));
    }
    assertEquals(1, Augment.none().drawShare(1, 2, 3));
  }

  /** Mean and variance of a gamma distribution are its shape. */
  @Test
  void gammaVariablesHaveTheirMoments() {
    int draws = 20_000;
    for (double shape : new double[] {1, 1.2, 7}) {
      SplitMix64 random = new SplitMix64(3);
      double sum = 0;
      double squares = 0;
      for (int i = 0; i < draws; i++) {
        double x = random.nextGamma(shape);
        sum += x;
        squares += (x - shape) * (x - shape);
      }
      assertEquals(shape, sum / draws, 5 * Math.sqrt(shape / draws));
      assertEquals(shape, squares / draws, 5 * shape * Math.sqrt((2 + 6 / shape) / draws));
    }
  }
}
