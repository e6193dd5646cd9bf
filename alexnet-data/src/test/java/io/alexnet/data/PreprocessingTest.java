package io.alexnet.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.batch.Batch;
import io.alexnet.batch.BatchSource;
import io.alexnet.data.image.Image;
import io.alexnet.data.image.Normalization;
import io.alexnet.data.random.SplitMix64;
import io.alexnet.format.SafeTensors;
import io.alexnet.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreprocessingTest {

  private static final int SIDE = 12;
  private static final int SIZE = 8;

  private static Normalization meanImage() {
    SplitMix64 random = new SplitMix64(1);
    float[] mean = new float[3 * SIDE * SIDE];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = (float) random.nextDouble();
    }
    return Normalization.meanImage(mean, new float[] {1 / 255f, 0.3f, Float.MIN_NORMAL});
  }

  private static List<Preprocessing> all() {
    float[] mean = {0.1f, 1 / 3f, -0f};
    float[] deviation = {0.2f, 1e-7f, 3e7f};
    return List.of(
        new Preprocessing(3, SIDE, SIZE, Normalization.unit()),
        new Preprocessing(1, SIDE, SIZE, Normalization.unit()),
        new Preprocessing(3, SIDE, SIDE, Normalization.perChannel(mean, deviation)),
        new Preprocessing(3, SIDE, SIZE, meanImage()));
  }

  @Test
  void itsTextGivesTheSameBack() {
    for (Preprocessing preprocessing : all()) {
      Map<String, String> text = new HashMap<>(preprocessing.toText());
      text.put("other", "x");
      assertEquals(preprocessing, Preprocessing.ofText(text));
    }
  }

  /** The largest mean image that a file has room for is read from it again. */
  @Test
  void aMeanImageTooLargeForAFileIsRefused(@TempDir Path folder) throws IOException {
    int side = 1118;
    float[] mean = new float[3 * side * side];
    float[] deviation = {1, 1, 1};
    Preprocessing largest =
        new Preprocessing(3, side, 227, Normalization.meanImage(mean, deviation));
    Path file = folder.resolve("largest.safetensors");
    SafeTensors.write(file, Map.of(), largest.toText());
    try (SafeTensors tensors = SafeTensors.open(file)) {
      assertEquals(side, Preprocessing.ofText(tensors.metadata()).normalization().side());
    }
    String refused =
        assertThrows(IllegalArgumentException.class, () -> Preprocessing.requireTextOf(3, side + 1))
            .getMessage();
    assertTrue(refused.endsWith("its side may be 1118"), refused);
  }

  @Test
  void writesTheNumbersThatBatchesHave() {
    Colours images = new Colours(5, 20, 3);
    for (Preprocessing preprocessing : all()) {
      for (boolean tenCrops : new boolean[] {false, true}) {
        if (tenCrops && !preprocessing.leavesRoomForCrops()) {
          continue;
        }
        BatchSource source = preprocessing.batches(preprocessing.resized(images), 50, tenCrops);
        try (BatchSource.Batches batches = source.open(0, 0)) {
          Batch batch = batches.next();
          float[] expected = batch.images().toArray();
          List<Image> oneByOne = new ArrayList<>();
          for (int i = 0; i < images.size(); i++) {
            Image image = images.image(i);
            oneByOne.add(i % 2 == 0 ? image : preprocessing.resized(image));
          }
          Tensor written = preprocessing.batch(oneByOne, tenCrops);
          assertEquals(batch.images().shape(), written.shape());
          assertArrayEquals(
              expected, written.toArray(), preprocessing + (tenCrops ? ", ten crops" : ""));
        }
      }
    }
  }

  @Test
  void imagesOfAnotherSizeAreRefused() {
    Preprocessing preprocessing = all().get(0);
    ResizedImages images = ResizedImages.of(new Colours(5, 20, 3), SIDE);
    ResizedImages larger = ResizedImages.of(new Colours(5, 20, 3), SIDE + 1);
    Map.of("3×13×13", larger, "1×12×12", images.channels(1))
        .forEach(
            (size, others) ->
                assertEquals(
                    "images of " + size + ", not 3×12×12: take those that resized(dataset) gives",
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> preprocessing.batches(others, 2, false))
                        .getMessage()));
  }

  @Test
  void saysWhatIsMissingOrWrong() {
    Map<String, String> good = all().get(2).toText();
    for (String key : good.keySet()) {
      Map<String, String> text = new HashMap<>(good);
      text.remove(key);
      assertTrue(message(text).contains(key + " is missing"), message(text));
      text.put(key, "red");
      assertTrue(message(text).contains(key + " is no number: 'red'"), message(text));
    }
    Map<String, String> text = new HashMap<>(good);
    text.put("preprocessing.crop", "13");
    assertTrue(message(text).contains("no images of 13 pixels can be cut from 12"));
    text.put("preprocessing.resize", "30000");
    assertEquals(
        "images of 3×30000×30000 take 2700 MB, more than the 268 that one may have", message(text));
    text.put("preprocessing.resize", Integer.toString(Integer.MAX_VALUE));
    assertTrue(message(text).startsWith("images of 3×2147483647×2147483647 take "), message(text));
    new Preprocessing(1, 1 << 14, 8, Normalization.unit());
    assertThrows(
        IllegalArgumentException.class, () -> new Preprocessing(2, 12, 8, Normalization.unit()));
    assertThrows(IllegalArgumentException.class, () -> new Preprocessing(3, 13, 8, meanImage()));
  }

  private static String message(Map<String, String> text) {
    return assertThrows(IllegalArgumentException.class, () -> Preprocessing.ofText(text))
        .getMessage();
  }
}
