package io.alexnet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.data.image.Image;
import io.alexnet.data.source.Shapes;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AugmentPreviewTest {

  private static final int SIZE = 32;
  private static final int CELL = SIZE + 4;

  @TempDir Path temporary;
  private Path first;
  private Path second;
  private Path out;

  @BeforeEach
  void drawImages() throws IOException {
    first = Images.png(temporary.resolve("first.png"), shape(0));
    second = Images.png(temporary.resolve("second.png"), shape(1));
    out = temporary.resolve("sheet.png");
  }

  private static Image shape(int index) {
    return Shapes.of(100, SIZE, 3).image(index);
  }

  private BufferedImage sheet(Object... more) throws IOException {
    List<Object> args = new ArrayList<>(List.of("augment-preview", first));
    args.addAll(List.of("--image-size", SIZE, "--out", out));
    args.addAll(List.of(more));
    Invocation.of(args.toArray()).succeeds();
    return ImageIO.read(out.toFile());
  }

  /** The pixels of one picture of a sheet without labels. */
  private static int[] picture(BufferedImage sheet, int row, int column) {
    return sheet.getRGB(4 + column * CELL, 4 + row * CELL, SIZE, SIZE, null, 0, SIZE);
  }

  private static int[] pixels(Image image) {
    int[] pixels = new int[SIZE * SIZE];
    for (int i = 0; i < pixels.length; i++) {
      int x = i % SIZE;
      int y = i / SIZE;
      pixels[i] =
          0xFF000000
              | image.sample(x, y, 0) << 16
              | image.sample(x, y, 1) << 8
              | image.sample(x, y, 2);
    }
    return pixels;
  }

  private static int[] mirrored(int[] pixels) {
    int[] mirrored = new int[pixels.length];
    for (int i = 0; i < pixels.length; i++) {
      mirrored[i] = pixels[i / SIZE * SIZE + SIZE - 1 - i % SIZE];
    }
    return mirrored;
  }

  @Test
  void theUnchangedImageComesFirstThenWhatTrainingSees() throws IOException {
    BufferedImage sheet = sheet("--augment", "mirror", "--rows", 2, "--columns", 5);
    assertEquals(4 + 5 * CELL, sheet.getWidth());
    assertEquals(4 + 2 * CELL, sheet.getHeight());
    int[] plain = pixels(shape(0));
    assertArrayEquals(plain, picture(sheet, 0, 0));
    int turned = 0;
    for (int cell = 1; cell < 10; cell++) {
      int[] picture = picture(sheet, cell / 5, cell % 5);
      if (java.util.Arrays.equals(picture, mirrored(plain))) {
        turned++;
      } else {
        assertArrayEquals(plain, picture);
      }
    }
    assertTrue(turned > 0 && turned < 9, turned + " of 9 are mirrored");
  }

  @Test
  void theSameSeedGivesTheSameSheet() throws IOException {
    Object[] options = {"--augment", "resized-crop,hue,color-noise", "--rows", 1, "--seed", 4};
    sheet(options);
    byte[] bytes = Files.readAllBytes(out);
    sheet(options);
    assertArrayEquals(bytes, Files.readAllBytes(out));
    options[5] = 5;
    sheet(options);
    assertFalse(java.util.Arrays.equals(bytes, Files.readAllBytes(out)));
  }

  @Test
  void severalImagesAreShownInTurnAndMixed() throws IOException {
    BufferedImage sheet =
        sheet(second, "--augment", "mixup:5", "--rows", 2, "--columns", 2, "--seed", 2);
    int[] one = pixels(shape(0));
    int[] two = pixels(shape(1));
    assertArrayEquals(one, picture(sheet, 0, 0));
    assertArrayEquals(two, picture(sheet, 0, 1));
    // Where the images differ most, each mixture lies between, and the two add up to both.
    int[] mixedOne = picture(sheet, 1, 0);
    int[] mixedTwo = picture(sheet, 1, 1);
    boolean between = false;
    for (int i = 0; i < one.length; i++) {
      int a = one[i] & 0xFF;
      int b = two[i] & 0xFF;
      int mixture = mixedOne[i] & 0xFF;
      assertTrue(mixture >= Math.min(a, b) - 1 && mixture <= Math.max(a, b) + 1);
      assertEquals(a + b, mixture + (mixedTwo[i] & 0xFF), 1);
      between |= Math.abs(mixture - a) > 5 && Math.abs(mixture - b) > 5;
    }
    assertTrue(between);
  }

  @Test
  void eachChangeHasARow() throws IOException {
    int changes = Augmentation.Change.values().length;
    BufferedImage sheet = sheet(second, "--each", "--columns", 3);
    assertEquals(4 + changes * CELL, sheet.getHeight());
    assertTrue(sheet.getWidth() > 4 + 3 * CELL, "and its name on the left");
    assertEquals(4 + (changes - 1) * CELL, sheet("--each").getHeight(), "mixup needs two images");
  }

  @Test
  void badInputIsOneLine() throws IOException {
    preview(first, "--augment", "mixup").failsWith(2, "mixup needs a second IMAGE");
    preview(first, "--augment", "blur").failsWith(2, "--augment: 'blur'", "resized-crop");
    preview(first, "--each", "--augment", "crop").failsWith(2, "--each");
    preview(first, "--rows", 0).failsWith(2, "--rows must be at least 1");
    preview(first, "--columns", 0).failsWith(2, "--columns must be at least 1");
    preview(first, "--image-size", 0).failsWith(2, "--image-size must be from 1 to 2048");
    preview(first, "--image-size", Integer.MAX_VALUE).failsWith(2, "--image-size must be from 1");
    preview(first, "--columns", 1000000000).failsWith(2, "too large");
    preview(first, "--rows", 2000000000).failsWith(2, "too large");
    preview(first, second, "--rows", 1, "--columns", 1).failsWith(2, "2 images are more");
    preview(temporary.resolve("none.png")).failsWith(1, "none.png: no such file");
    preview().failsWith(2, "Missing required parameter");
    Path text = Files.writeString(temporary.resolve("text.png"), "not a picture");
    preview(text).failsWith(1, "text.png: not an image");
    preview(first, "--out", first).failsWith(1, "would replace what it is made of");
    Path folder = Files.createDirectory(temporary.resolve("folder.png"));
    preview(first, "--out", folder).failsWith(1, "--out " + folder);
    preview(first, "--out", temporary.resolve("a.jpg")).failsWith(2, "--out writes a PNG file");
    preview(first, second, first, "--each").failsWith(2, "--each takes one IMAGE");
    preview(first, "--out", temporary.resolve("no/a.png")).failsWith(1, "a.png", "folder");
  }

  private Invocation preview(Object... more) {
    List<Object> args = new ArrayList<>(List.of("augment-preview"));
    args.addAll(List.of(more));
    if (!args.contains("--out")) {
      args.addAll(List.of("--out", out));
    }
    return Invocation.of(args.toArray());
  }
}
