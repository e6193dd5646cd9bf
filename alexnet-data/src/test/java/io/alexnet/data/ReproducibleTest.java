package io.alexnet.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.alexnet.batch.Batch;
import io.alexnet.batch.BatchSource;
import io.alexnet.data.image.Augment;
import io.alexnet.data.image.Normalization;
import java.util.zip.CRC32;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A training that began with an earlier version goes on to the same bits: the order of random draws
 * and the arithmetic of each sample are part of what is promised. The checksums are of such a
 * version; they change for no other reason than a break of that promise.
 */
class ReproducibleTest {

  private static Augment augment(String name) {
    return switch (name) {
      case "none" -> Augment.none();
      case "mirror" -> Augment.none().mirror();
      case "shift" -> Augment.none().mirror().shift(0.1);
      case "crop" -> Augment.none().randomCrop().mirror();
      case "paper" -> Augment.paper();
      case "saturation" -> Augment.none().saturation(0.4);
      case "hue" -> Augment.none().hue(0.2);
      case "cutout" -> Augment.none().cutout(0.4);
      case "resized-crop" -> Augment.none().resizedCrop().mirror();
      case "mixup" -> Augment.none().randomCrop().mixup(0.4);
      case "paper-and-later" -> Augment.paper().saturation(0.4).hue(0.2).cutout(0.4).mixup(0.4);
      default -> Augment.paper().shift(0.3).brightness(0.2).contrast(0.2);
    };
  }

  private static Normalization normalization(String name, ResizedImages images) {
    ImageStatistics statistics = ImageStatistics.of(images, 1);
    return switch (name) {
      case "unit" -> Normalization.unit();
      case "standard" -> statistics.standard();
      default -> statistics.meanImage();
    };
  }

  @ParameterizedTest
  @CsvSource({
    "none, unit, df342d42",
    "mirror, unit, bcc0249d",
    "shift, standard, 9f8cec7a",
    "crop, standard, cb95d868",
    "crop, mean-image, 60944bc4",
    "paper, standard, 83189960",
    "paper, unit, 718195b9",
    "everything, mean-image, 38d17706",
    "saturation, standard, f5ad7e91",
    "hue, standard, 393096b5",
    "cutout, standard, 4bc35415",
    "resized-crop, standard, 576ce438",
    "mixup, standard, 4abf7fda",
    "paper-and-later, standard, 61469fac"
  })
  void batchesHaveTheBitsOfEarlierVersions(String augment, String normalization, String crc) {
    ResizedImages images = ResizedImages.of(new Colours(57, 32, 3), 32);
    BatchSource source =
        Batches.of(images)
            .imageSize(24)
            .batchSize(10)
            .shuffle(true)
            .seed(7)
            .augment(augment(augment))
            .normalization(normalization(normalization, images))
            .build();
    CRC32 sum = new CRC32();
    for (int epoch = 0; epoch < 2; epoch++) {
      try (BatchSource.Batches batches = source.open(epoch, 0)) {
        for (Batch batch; (batch = batches.next()) != null; ) {
          for (float value : batch.images().toArray()) {
            update(sum, Float.floatToIntBits(value));
          }
          if (batch.share() != 1) { // what the loss makes of a mixture, too
            update(sum, Float.floatToIntBits(batch.share()));
            for (int n = 0; n < batch.size(); n++) {
              update(sum, batch.labels()[n]);
              update(sum, batch.partnerLabels()[n]);
            }
          }
        }
      }
    }
    assertEquals(crc, Long.toHexString(sum.getValue()));
  }

  private static void update(CRC32 sum, int bits) {
    for (int shift = 0; shift < 32; shift += 8) {
      sum.update(bits >>> shift);
    }
  }
}
