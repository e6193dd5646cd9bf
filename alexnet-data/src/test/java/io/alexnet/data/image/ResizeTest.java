package io.alexnet.data.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.alexnet.data.random.SplitMix64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResizeTest {

  private static Image random(int width, int height, int channels) {
    SplitMix64 random = new SplitMix64(width * 1000L + height);
    byte[] pixels = new byte[width * height * channels];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) random.nextLong();
    }
    return new Image(width, height, channels, pixels);
  }

  private static Image grey(int width, int... pixels) {
    byte[] bytes = new byte[pixels.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) pixels[i];
    }
    return new Image(width, bytes.length / width, 1, bytes);
  }

  @Test
  void shrinkingTakesTheMeanOfWhatAPixelCovers() {
    Image image = grey(4, 0, 10, 20, 30, 40, 50, 60, 70);
    assertArrayEquals(grey(2, 25, 45).pixels(), Resize.to(image, 2, 1).pixels());
    // 3 → 2: each target pixel covers one and a half.
    assertArrayEquals(
        grey(2, (0 + 60 / 2) * 2 / 3, (60 / 2 + 120) * 2 / 3).pixels(),
        Resize.to(grey(3, 0, 60, 120), 2, 1).pixels());
  }

  @Test
  void growingInterpolatesBetweenPixelCentres() {
    assertArrayEquals(grey(4, 0, 25, 75, 100).pixels(), Resize.to(grey(2, 0, 100), 4, 1).pixels());
    assertArrayEquals(grey(1, 7, 7, 7).pixels(), Resize.to(grey(1, 7), 1, 3).pixels());
  }

  @ParameterizedTest
  @CsvSource({
    "17, 31, 5, 9",
    "64, 48, 7, 48",
    "5, 9, 17, 31",
    "13, 40, 29, 11",
    "500, 333, 64, 64"
  })
  void itAgreesWithThePlainFormula(int width, int height, int toWidth, int toHeight) {
    Image image = random(width, height, 3);
    Image resized = Resize.to(image, toWidth, toHeight);
    for (int y = 0; y < toHeight; y++) {
      for (int x = 0; x < toWidth; x++) {
        for (int c = 0; c < 3; c++) {
          double sum = 0;
          double weights = 0;
          for (int sy = 0; sy < height; sy++) {
            double wy = weight(sy, y, height, toHeight);
            for (int sx = 0; wy > 0 && sx < width; sx++) {
              double w = wy * weight(sx, x, width, toWidth);
              sum += w * image.sample(sx, sy, c);
              weights += w;
            }
          }
          // Half a level of rounding and a little for sums in float.
          assertEquals(sum / weights, resized.sample(x, y, c), 0.501);
        }
      }
    }
  }

  private static double weight(int pixel, int target, int source, int size) {
    double scale = (double) source / size;
    if (scale > 1) {
      return Math.max(
          0, Math.min(pixel + 1, (target + 1) * scale) - Math.max(pixel, target * scale));
    }
    double place = Math.max(0, Math.min(source - 1, (target + 0.5) * scale - 0.5));
    return Math.max(0, 1 - Math.abs(place - pixel));
  }

  @Test
  void oneColourStaysThatColourAtAnySize() {
    byte[] white = new byte[37 * 53 * 3];
    java.util.Arrays.fill(white, (byte) 255);
    for (int size : new int[] {1, 2, 36, 37, 38, 99}) {
      for (byte sample : Resize.to(new Image(37, 53, 3, white), size, size).pixels()) {
        assertEquals(255, sample & 0xFF);
      }
    }
  }

  @Test
  void aSquareIsCutFromTheCentre() {
    Image image = grey(5, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    assertArrayEquals(
        grey(3, 2, 3, 4, 7, 8, 9, 12, 13, 14).pixels(), Resize.square(image, 3).pixels());
    Image square = random(8, 8, 3);
    assertSame(square, Resize.square(square, 8));
  }

  @Test
  void imagesThatCannotBeAreRefused() {
    Image image = new Image(4, 3, 3, new byte[36]);
    int[][] sizes = {{0, 5}, {-1, 5}, {5, -1}, {40_000, 40_000}};
    for (int[] size : sizes) {
      assertThrows(IllegalArgumentException.class, () -> Resize.to(image, size[0], size[1]));
    }
    int[][] crops = {{0, 0, -1, 2}, {0, 0, 2, 0}, {-1, 0, 1, 1}, {3, 0, 2, 1}, {0, 2, 1, 2}};
    for (int[] c : crops) {
      assertThrows(IllegalArgumentException.class, () -> image.crop(c[0], c[1], c[2], c[3]));
    }
    int most = Integer.MAX_VALUE;
    assertThrows(IllegalArgumentException.class, () -> image.crop(most, 0, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> image.crop(1, 1, most, most));
    assertThrows(IllegalArgumentException.class, () -> image.withChannels(2));
    int[][] places = {{4, 0, 0}, {0, 3, 0}, {0, 0, 3}, {-1, 1, 0}};
    for (int[] p : places) {
      assertThrows(IndexOutOfBoundsException.class, () -> image.sample(p[0], p[1], p[2]));
    }
  }
}
