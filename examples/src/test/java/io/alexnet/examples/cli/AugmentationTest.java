package io.alexnet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.data.image.Augment;
import io.alexnet.data.image.Distortion;
import io.alexnet.data.image.PrincipalColors;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AugmentationTest {

  private static final PrincipalColors COLORS = PrincipalColors.IMAGENET;

  private static void assertSame(Augment expected, String text) {
    Augment parsed = Augmentation.parse(text).augment(COLORS);
    for (int index = 0; index < 20; index++) {
      Distortion e = expected.draw(1, 2, index, 40, 32, 3);
      Distortion p = parsed.draw(1, 2, index, 40, 32, 3);
      assertEquals(e.source(), p.source(), text);
      assertEquals(e.mirror(), p.mirror(), text);
      assertEquals(Arrays.toString(e.mix()), Arrays.toString(p.mix()), text);
      assertEquals(Arrays.toString(e.offsets()), Arrays.toString(p.offsets()), text);
      assertEquals(e.cutout(), p.cutout(), text);
      assertEquals(expected.drawShare(1, 2, index), parsed.drawShare(1, 2, index), text);
    }
  }

  /** Configurations of earlier versions hold these. */
  @Test
  void namesMeanWhatTheyAlwaysDid() {
    Augment none = Augment.none();
    assertSame(none, "none");
    assertSame(none.mirror(), "mirror");
    assertSame(none.mirror().shift(0.1), "shift");
    assertSame(none.randomCrop().mirror(), "crop");
    assertSame(Augment.paper(COLORS), "paper");
  }

  @Test
  void listsAreTheirChangesWithTheirParameters() {
    Augment none = Augment.none();
    assertSame(none.randomCrop().brightness(0.3), "crop,brightness:0.3");
    assertSame(none.randomCrop(), "crop:0.8");
    assertSame(none.shift(0.2), "shift:0.2");
    assertSame(
        none.randomCrop()
            .mirror()
            .brightness(0.2)
            .contrast(0.2)
            .saturation(0.4)
            .hue(0.05)
            .colorNoise(0.1, COLORS)
            .cutout(0.25)
            .mixup(0.2),
        "crop,mirror,brightness,contrast,saturation,hue,color-noise,cutout,mixup");
    assertSame(
        none.mirror().contrast(0.1).saturation(0.5).hue(0.3).cutout(0.4).mixup(1),
        "mixup:1,hue:0.3,mirror,saturation:0.5,contrast:0.1,cutout:0.4");
    assertSame(none.resizedCrop(), "resized-crop");
    assertSame(none.resizedCrop(0.3, 1, 0.75, 4.0 / 3).mirror(), "resized-crop:0.3..1,mirror");
    assertSame(none.resizedCrop(0.3, 0.9, 0.5, 2), "resized-crop:0.3..0.9:0.5..2");
  }

  @Test
  void greyImagesGoWithoutColourNoise() {
    Augmentation paper = Augmentation.parse("paper");
    assertTrue(paper.hasColorNoise());
    assertEquals(1, paper.augment(null).draw(1, 0, 0, 40, 32, 1).offsets().length);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "none|227",
        "mirror|227",
        "shift|227",
        "crop|256",
        "paper|256",
        "resized-crop|256",
        "mirror,cutout|227",
        "crop:0.5|454",
        "crop:1|227"
      })
  void imagesAreResizedAsLargeAsACropNeeds(String text, int side) {
    assertEquals(side, Augmentation.parse(text).resizedSide(227));
  }

  @Test
  void theSideOfACropIsThatOfEarlierVersions() {
    Augmentation crop = Augmentation.parse("crop");
    for (int size = 1; size <= 1024; size++) {
      assertEquals(Math.round(size * 256f / 227), crop.resizedSide(size));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "blur|'blur': it is none of crop, resized-crop, mirror",
        "crop,paper|'paper': it is none of",
        "crop,|'': it is none of",
        "crop,mirror,crop:0.9|'crop:0.9': crop stands twice",
        "crop,resized-crop|'resized-crop': a resized crop lies anywhere",
        "resized-crop,shift|'shift': a resized crop lies anywhere",
        "mirror:0.5|'mirror:0.5': mirror takes 0 parameters at most",
        "hue:0.1:0.2|'hue:0.1:0.2': hue takes 1 parameters at most",
        "hue:much|'hue:much': 'much' is not a number",
        "hue:|'hue:': '' is not a number",
        "hue:0.9|'hue:0.9': hue must be from 0 to 0.5, not 0.9",
        "mirror,brightness:2|'brightness:2': brightness must be from 0 to 1, not 2.0",
        "brightness:NaN|'brightness:NaN': brightness must be from 0 to 1",
        "cutout:-1|'cutout:-1': cutout must be from 0 to 1",
        "mixup:-1|'mixup:-1': mixup must not be negative",
        "crop:0.1|'crop:0.1': a crop's share of the side must be from 0.5 to 1, not 0.1",
        "resized-crop:0.3|'resized-crop:0.3': '0.3' is not a range, as in 0.3..1",
        "resized-crop:0..1|must be in 0 < least ≤ most ≤ 1",
        "resized-crop:0.5..1:0..1|width by height must be in 0 < least ≤ most"
      })
  void whatIsNotOneIsRefusedWithThePartAtFault(String text, String message) {
    String thrown =
        assertThrows(IllegalArgumentException.class, () -> Augmentation.parse(text)).getMessage();
    assertTrue(thrown.contains(message), thrown);
  }
}
