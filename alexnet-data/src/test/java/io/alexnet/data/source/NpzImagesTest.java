package io.alexnet.data.source;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.alexnet.data.Dataset;
import io.alexnet.data.Split;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpzImagesTest {

  @TempDir Path folder;

  /** 24 and 8 images of 12×16 in four classes, by NumPy; labels are int64 of shape (images, 1). */
  private static Path quarters() throws URISyntaxException {
    return Path.of(NpzImagesTest.class.getResource("/numpy/quarters.npz").toURI());
  }

  @Test
  void readsWhatNumPyWrote() throws URISyntaxException {
    Split split = NpzImages.split(quarters(), 0.8, 1);
    assertEquals(24, split.train().size());
    assertEquals(8, split.validation().size());
    assertEquals(List.of("0", "1", "2", "3"), split.train().classNames());
    assertEquals(3, split.train().channels());
    for (int i = 0; i < 24; i++) {
      assertEquals(i % 4, split.train().label(i));
      var image = split.train().image(i);
      assertEquals(16, image.width());
      assertEquals(12, image.height());
      for (int quarter = 0; quarter < 4; quarter++) {
        boolean bright = image.sample(8 * (quarter % 2) + 3, 6 * (quarter / 2) + 3, 1) >= 150;
        assertEquals(quarter == i % 4, bright, "image " + i + ", quarter " + quarter);
      }
    }
    assertEquals(8, NpzImages.forTest(quarters()).size());
    assertEquals(quarters() + ", x_train, image 3", split.train().name(3));
  }

  private record Array(String name, String type, String shape, byte[] data) {}

  private Path write(Array... arrays) throws IOException {
    Path file = folder.resolve("images.npz");
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Array array : arrays) {
        byte[] header =
            "{'descr': '%s', 'fortran_order': False, 'shape': %s, }\n"
                .formatted(array.type, array.shape)
                .getBytes(StandardCharsets.US_ASCII);
        zip.putNextEntry(new ZipEntry(array.name + ".npy"));
        zip.write(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
        zip.write(
            ByteBuffer.allocate(2)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort((short) header.length)
                .array());
        zip.write(header);
        zip.write(array.data);
      }
    }
    return file;
  }

  private static Array grey(String name, int images) {
    return new Array(name, "|u1", "(" + images + ", 2, 3)", new byte[images * 6]);
  }

  private static Array labels(String name, int... labels) {
    byte[] data = new byte[labels.length];
    for (int i = 0; i < labels.length; i++) {
      data[i] = (byte) labels[i];
    }
    return new Array(name, "|u1", "(" + labels.length + ",)", data);
  }

  @Test
  void withoutATestSetAShareOfEachClassIsKept() throws IOException {
    Path file = write(grey("x_train", 8), labels("y_train", 0, 0, 0, 0, 2, 2, 2, 2));
    Split split = NpzImages.split(file, 0.5, 1);
    assertEquals(4, split.train().size());
    assertEquals(4, split.validation().size());
    Dataset all = NpzImages.forTest(file);
    assertEquals(8, all.size());
    assertEquals(List.of("0", "1", "2"), all.classNames());
    assertEquals(1, all.channels());
  }

  @Test
  void whatDoesNotFitIsRefusedInOneLine() throws IOException {
    Path none = folder.resolve("none.npz");
    DatasetAssertions.assertRefused(none, "no such file", () -> NpzImages.split(none, 0.5, 1));
    assertRefused("no array 'y_train'", grey("x_train", 2));
    assertRefused(
        "x_train holds 2 images, but y_train 3", grey("x_train", 2), labels("y_train", 0, 1, 1));
    assertRefused(
        "x_train is not of uint8",
        new Array("x_train", "<f4", "(2, 1, 1)", new byte[8]),
        labels("y_train", 0, 1));
    assertRefused(
        "x_train is 2×3×4×4, not images×height×width",
        new Array("x_train", "|u1", "(2, 3, 4, 4)", new byte[96]),
        labels("y_train", 0, 1));
    assertRefused(
        "y_train is 2×4, not a label",
        grey("x_train", 2),
        new Array("y_train", "|u1", "(2, 4)", new byte[8]));
    assertRefused(
        "label 0.5 of image 1 is no whole number",
        grey("x_train", 2),
        new Array("y_train", "<f2", "(2,)", new byte[] {0, 0, 0, 0x38}));
  }

  private void assertRefused(String words, Array... arrays) throws IOException {
    Path file = write(arrays);
    DatasetAssertions.assertRefused(file, words, () -> NpzImages.split(file, 0.5, 1));
  }
}
