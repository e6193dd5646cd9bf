package io.alexnet.data.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.data.image.Distortion.Rectangle;
import io.alexnet.data.random.SplitMix64;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NormalizationTest {

  private static final int SIDE = 7;
  private static final int SIZE = 5;
  private final SplitMix64 random = new SplitMix64(2);
  private final float[] mean = uniform(3 * SIDE * SIDE);
  private final float[] deviation = {0.2f, 0.3f, 0.004f};

  private float[] uniform(int length) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextDouble();
    }
    return values;
  }

  @Test
  void samplesAreCroppedMirroredDistortedAndNormalisedByTheFormula() {
    byte[] pixels = new byte[SIDE * SIDE * 3];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) random.nextLong();
    }
    Normalization[] normalizations = {
      Normalization.unit(),
      Normalization.perChannel(new float[] {0.1f, 0.2f, 0.3f}, deviation),
      Normalization.meanImage(mean, deviation)
    };
    for (Normalization normalization : normalizations) {
      for (boolean mirror : new boolean[] {false, true}) {
        for (int left : new int[] {-3, 0, 1, 4}) {
          float[] oneGain = {1.5f, 0, 0, 0, 1.5f, 0, 0, 0, 1.5f};
          float[] turnedColours = {0.5f, 0.75f, -0.25f, 0, 1, 0.5f, 0.25f, -0.5f, 2};
          for (float[] mix : new float[][] {oneGain, turnedColours}) {
            Distortion d =
                new Distortion(
                    Rectangle.square(left, 2 - left, SIZE),
                    mirror,
                    mix,
                    new float[] {-0.1f, 0, 0.25f},
                    Rectangle.EMPTY);
            assertWritten(pixels, normalization, d);
          }
        }
      }
    }
  }

  private void assertWritten(byte[] pixels, Normalization normalization, Distortion d) {
    float[] target = new float[3 * SIZE * SIZE + 10];
    normalization.write(pixels, SIDE, 3, d, SIZE, target, 10, new float[256]);
    Map<String, float[]> numbers = normalization.toMap();
    float[] means = numbers.get("normalization.mean");
    float[] deviations = numbers.get("normalization.deviation");
    for (int c = 0; c < 3; c++) {
      for (int y = 0; y < SIZE; y++) {
        for (int x = 0; x < SIZE; x++) {
          int across = d.mirror() ? SIZE - 1 - x : x;
          int sy = Math.max(0, Math.min(SIDE - 1, d.source().top() + y));
          int sx = Math.max(0, Math.min(SIDE - 1, d.source().left() + across));
          int place = sy * SIDE + sx;
          double v = d.offsets()[c];
          for (int k = 0; k < 3; k++) {
            v += d.mix()[3 * c + k] * (pixels[place * 3 + k] & 0xFF) / 255.0;
          }
          int at = means.length > 3 ? c * SIDE * SIDE + place : Math.min(c, means.length - 1);
          v = (v - means[at]) / deviations[Math.min(c, deviations.length - 1)];
          // Relative to values of up to 2 / 0.004, in float.
          assertEquals(v, target[10 + (c * SIZE + y) * SIZE + x], 1e-6 * 500);
        }
      }
    }
    for (int i = 0; i < 10; i++) {
      assertEquals(0, target[i]);
    }
  }

  /** A rectangle of another size is what Resize makes of it, under the mean of the same places. */
  @Test
  void aResizedCropIsResampledAndThenNormalised() {
    byte[] pixels = new byte[SIDE * SIDE * 3];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) random.nextLong();
    }
    Image image = new Image(SIDE, SIDE, 3, pixels);
    for (Rectangle source :
        new Rectangle[] {new Rectangle(1, 2, 3, 4), new Rectangle(0, 0, 7, 6)}) {
      for (boolean mirror : new boolean[] {false, true}) {
        Distortion d =
            new Distortion(
                source, mirror, Distortion.gain(1, 3), new float[3], new Rectangle(2, 1, 3, 2));
        float[] target = new float[3 * SIZE * SIZE];
        Normalization.meanImage(mean, deviation)
            .write(pixels, SIDE, 3, d, SIZE, target, 0, new float[256]);
        Image resized =
            Resize.to(
                image.crop(source.left(), source.top(), source.width(), source.height()),
                SIZE,
                SIZE);
        for (int c = 0; c < 3; c++) {
          for (int y = 0; y < SIZE; y++) {
            for (int x = 0; x < SIZE; x++) {
              int across = mirror ? SIZE - 1 - x : x;
              int row = source.top() + (int) ((y + 0.5) * source.height() / SIZE);
              int column = source.left() + (int) ((across + 0.5) * source.width() / SIZE);
              double v =
                  resized.sample(across, y, c) / 255.0 - mean[(c * SIDE + row) * SIDE + column];
              boolean cut = x >= 2 && y >= 1 && y < 3;
              assertEquals(
                  cut ? 0 : v / deviation[c], target[(c * SIZE + y) * SIZE + x], 1e-6 * 500);
            }
          }
        }
      }
    }
  }

  @Test
  void itSurvivesBeingStored() {
    Map<String, float[]> stored = new HashMap<>(Normalization.meanImage(mean, deviation).toMap());
    Normalization restored = Normalization.fromMap(stored);
    assertArrayEquals(mean, restored.toMap().get("normalization.mean"));
    assertArrayEquals(deviation, restored.toMap().get("normalization.deviation"));
    assertEquals(SIDE, restored.side());
    assertThrows(IllegalArgumentException.class, () -> Normalization.fromMap(Map.of()));
  }

  /** Of which torchvision's weights have learnt: another digit would be another network. */
  @Test
  void imageNetsNumbersAreTorchvisions() {
    Map<String, float[]> numbers = Normalization.imageNet().toMap();
    assertArrayEquals(new float[] {0.485f, 0.456f, 0.406f}, numbers.get("normalization.mean"));
    assertArrayEquals(new float[] {0.229f, 0.224f, 0.225f}, numbers.get("normalization.deviation"));
  }

  @Test
  void itIsEqualByItsNumbersAndNamesThem() {
    Normalization image = Normalization.meanImage(mean, deviation);
    assertEquals(Normalization.meanImage(mean, deviation), image);
    assertEquals(Normalization.meanImage(mean, deviation).hashCode(), image.hashCode());
    assertNotEquals(Normalization.meanImage(mean, new float[] {0.2f, 0.3f, 0.005f}), image);
    assertNotEquals(Normalization.perChannel(new float[3], deviation), image);
    assertEquals("mean image of 7×7, deviation [0.2, 0.3, 0.004]", image.toString());
    assertEquals("mean [0.0], deviation [1.0]", Normalization.unit().toString());
  }

  @Test
  void itKnowsWhatItFits() {
    assertTrue(Normalization.unit().fits(1, 9));
    assertTrue(Normalization.unit().fits(3, 9));
    assertTrue(Normalization.meanImage(mean, deviation).fits(3, SIDE));
    assertFalse(Normalization.meanImage(mean, deviation).fits(3, SIDE + 1));
    assertFalse(Normalization.meanImage(mean, deviation).fits(1, SIDE));
  }

  @Test
  void numbersThatCannotBeAreRefused() {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      assertThrows(
          IllegalArgumentException.class,
          () -> Normalization.perChannel(new float[] {bad, 0, 0}, new float[] {1, 1, 1}));
      assertThrows(
          IllegalArgumentException.class,
          () ->
              PrincipalColors.fromMap(
                  Map.of(
                      "principalColors.deviations",
                      new float[3],
                      "principalColors.directions",
                      new float[] {0, 0, 0, 0, 0, 0, 0, 0, bad})));
    }
    float[] one = {1};
    assertThrows(
        IllegalArgumentException.class, () -> Normalization.perChannel(one, new float[] {0}));
    assertThrows(
        IllegalArgumentException.class, () -> Normalization.perChannel(one, new float[] {1, 1, 1}));
    assertThrows(
        IllegalArgumentException.class,
        () -> Normalization.perChannel(new float[2], new float[] {1, 1}));
    assertThrows(
        IllegalArgumentException.class,
        () -> Normalization.meanImage(new float[3 * 8], new float[] {1, 1, 1}));
  }
}
