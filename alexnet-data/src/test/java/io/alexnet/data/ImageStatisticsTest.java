package io.alexnet.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.batch.Batch;
import io.alexnet.batch.BatchSource;
import io.alexnet.data.image.Image;
import io.alexnet.data.image.ImageException;
import io.alexnet.data.image.Normalization;
import io.alexnet.data.image.PrincipalColors;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ImageStatisticsTest {

  private static final int SIDE = 6;
  private static final int COUNT = 20;
  private final ResizedImages images = ResizedImages.of(new Colours(COUNT, SIDE, 3), SIDE);
  private final ImageStatistics statistics = ImageStatistics.of(images, 1);

  @Test
  void normalisedTrainingImagesHaveMeanZeroAndDeviationOne() {
    float[] batch = normalised(statistics.standard());
    for (int c = 0; c < 3; c++) {
      double sum = 0;
      double squares = 0;
      for (int image = 0; image < COUNT; image++) {
        for (int i = 0; i < SIDE * SIDE; i++) {
          float v = batch[(image * 3 + c) * SIDE * SIDE + i];
          sum += v;
          squares += v * v;
        }
      }
      int n = COUNT * SIDE * SIDE;
      assertEquals(0, sum / n, 1e-6);
      assertEquals(1, squares / n, 1e-5);
    }
  }

  /** Its deviation is not quite 0 in floating point: 7·10⁻⁹ of these images. */
  @Test
  void aChannelThatNeverChangesIsOnlyShifted() {
    PixelSums sums = new PixelSums(3, 32);
    byte[] pixels = new byte[3 * 32 * 32];
    for (int image = 0; image < 1000; image++) {
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = (byte) (i % 3 == 1 ? 128 : image + i);
      }
      sums.add(pixels);
    }
    float[] deviation = ImageStatistics.of(sums).standard().toMap().get("normalization.deviation");
    assertEquals(1, deviation[1]);
    assertTrue(deviation[0] > 0.2 && deviation[0] < 0.4, "that of all grey levels");
  }

  @Test
  void sumsMayBeMadeInPartsAndAddedUp() {
    PixelSums even = new PixelSums(3, SIDE);
    PixelSums odd = new PixelSums(3, SIDE);
    for (int i = 0; i < COUNT; i++) {
      (i % 2 == 0 ? even : odd).add(images.pixels(i));
    }
    even.add(odd);
    ImageStatistics added = ImageStatistics.of(even);
    assertArrayEquals(statistics.mean(), added.mean());
    assertArrayEquals(statistics.deviation(), added.deviation());
    assertArrayEquals(normalised(statistics.meanImage()), normalised(added.meanImage()));
    assertArrayEquals(
        statistics.principalColors().toMap().get("principalColors.directions"),
        added.principalColors().toMap().get("principalColors.directions"));
    assertThrows(IllegalArgumentException.class, () -> even.add(new PixelSums(1, SIDE)));
    assertThrows(IllegalArgumentException.class, () -> ImageStatistics.of(new PixelSums(3, SIDE)));
  }

  @Test
  void nothingIsDecodedAfterAnImageThatCannotBeRead() throws InterruptedException {
    AtomicInteger read = new AtomicInteger();
    Dataset damaged =
        new ForwardingDataset(new Colours(10_000, SIDE, 3)) {
          @Override
          public Image image(int index) {
            read.incrementAndGet();
            if (index % 100 == 7) {
              throw new ImageException(name(index), "damaged");
            }
            return super.image(index);
          }
        };
    ResizedImages resized = ResizedImages.of(damaged, SIDE);
    assertThrows(ImageException.class, () -> ImageStatistics.of(resized, 1));
    int atFailure = read.get();
    assertTrue(atFailure < 5000, atFailure + " read");
    Thread.sleep(100);
    assertEquals(atFailure, read.get());
  }

  @Test
  void subtractingTheMeanImageLeavesMeanZeroAtEachPlace() {
    float[] batch = normalised(statistics.meanImage());
    float largest = 0;
    for (int place = 0; place < 3 * SIDE * SIDE; place++) {
      double sum = 0;
      for (int image = 0; image < COUNT; image++) {
        float v = batch[image * 3 * SIDE * SIDE + place];
        sum += v;
        largest = Math.max(largest, Math.abs(v));
      }
      assertEquals(0, sum / COUNT, 1e-4); // values up to 255 in float
    }
    assertEquals(180, largest, 75); // the range of grey levels, not of [0, 1]
  }

  @Test
  void subtractingTheMeanPixelLeavesMeanZeroInEachChannelAndItsRange() {
    float[] batch = normalised(statistics.meanPixel());
    for (int c = 0; c < 3; c++) {
      double sum = 0;
      float least = Float.POSITIVE_INFINITY;
      float largest = Float.NEGATIVE_INFINITY;
      int darkest = 255;
      int brightest = 0;
      for (int image = 0; image < COUNT; image++) {
        byte[] pixels = images.pixels(image);
        for (int i = 0; i < SIDE * SIDE; i++) {
          float v = batch[(image * 3 + c) * SIDE * SIDE + i];
          sum += v;
          least = Math.min(least, v);
          largest = Math.max(largest, v);
          darkest = Math.min(darkest, pixels[3 * i + c] & 0xFF);
          brightest = Math.max(brightest, pixels[3 * i + c] & 0xFF);
        }
      }
      assertEquals(0, sum / COUNT / SIDE / SIDE, 1e-4); // values up to 255 in float
      assertEquals(brightest - darkest, largest - least, 1e-4, "in grey levels");
    }
  }

  @Test
  void theMeanPixelIsThatOfAllPixels() {
    double[] sums = new double[3];
    for (int i = 0; i < COUNT; i++) {
      byte[] pixels = images.pixels(i);
      for (int k = 0; k < pixels.length; k++) {
        sums[k % 3] += (pixels[k] & 0xFF) / 255.0 / COUNT / SIDE / SIDE;
      }
    }
    for (int c = 0; c < 3; c++) {
      assertEquals(sums[c], statistics.mean()[c], 1e-7);
    }
  }

  private float[] normalised(Normalization normalization) {
    BatchSource source = Batches.of(images).batchSize(COUNT).normalization(normalization).build();
    try (BatchSource.Batches batches = source.open(0, 0)) {
      Batch batch = batches.next();
      return batch.images().toArray();
    }
  }

  @Test
  void aSampleIsDrawnByItsSeed() {
    assertArrayEquals(
        ImageStatistics.of(images, 5, 2).mean(), ImageStatistics.of(images, 5, 2).mean());
    assertEquals(
        false,
        ImageStatistics.of(images, 5, 2).mean()[0] == ImageStatistics.of(images, 5, 3).mean()[0]);
    assertThrows(IllegalArgumentException.class, () -> ImageStatistics.of(images, 0, 3));
  }

  @Test
  void principalColoursDiagonaliseTheCovariance() {
    PrincipalColors colors = statistics.principalColors();
    double[][] rebuilt = new double[3][3];
    for (int k = 0; k < 3; k++) {
      for (int a = 0; a < 3; a++) {
        for (int b = 0; b < 3; b++) {
          rebuilt[a][b] +=
              colors.deviation(k)
                  * colors.deviation(k)
                  * colors.direction(k, a)
                  * colors.direction(k, b);
        }
      }
    }
    float[] mean = statistics.mean();
    double[][] covariance = new double[3][3];
    for (int i = 0; i < COUNT; i++) {
      byte[] pixels = images.pixels(i);
      for (int k = 0; k < pixels.length; k += 3) {
        for (int a = 0; a < 3; a++) {
          for (int b = 0; b < 3; b++) {
            covariance[a][b] +=
                ((pixels[k + a] & 0xFF) / 255.0 - mean[a])
                    * ((pixels[k + b] & 0xFF) / 255.0 - mean[b])
                    / COUNT
                    / SIDE
                    / SIDE;
          }
        }
      }
    }
    for (int a = 0; a < 3; a++) {
      assertArrayEquals(covariance[a], rebuilt[a], 1e-6);
    }
  }

  @Test
  void principalColoursSurviveBeingStored() {
    PrincipalColors colors = statistics.principalColors();
    PrincipalColors restored = PrincipalColors.fromMap(colors.toMap());
    for (int k = 0; k < 3; k++) {
      assertEquals(colors.deviation(k), restored.deviation(k));
      for (int c = 0; c < 3; c++) {
        assertEquals(colors.direction(k, c), restored.direction(k, c));
      }
    }
    assertThrows(IllegalArgumentException.class, () -> PrincipalColors.fromMap(Map.of()));
    Map<String, float[]> tooShort = colors.toMap();
    tooShort.replaceAll((name, values) -> new float[2]);
    assertThrows(IllegalArgumentException.class, () -> PrincipalColors.fromMap(tooShort));
  }

  @Test
  void greyImagesHaveNoPrincipalColours() {
    ImageStatistics grey = ImageStatistics.of(images.channels(1), 1);
    assertThrows(IllegalStateException.class, grey::principalColors);
    assertEquals(1, grey.mean().length);
  }

  @Test
  void onlyImagesOfTheShapeAreAdded() {
    PixelSums sums = new PixelSums(3, 8);
    for (int length : new int[] {0, 191, 193, 243}) {
      assertThrows(IllegalArgumentException.class, () -> sums.add(new byte[length]));
    }
    assertEquals(0, sums.images());
    int[][] shapes = {{0, 8}, {2, 8}, {3, 0}, {3, -8}, {3, 40_000}};
    for (int[] shape : shapes) {
      assertThrows(IllegalArgumentException.class, () -> new PixelSums(shape[0], shape[1]));
    }
  }
}
