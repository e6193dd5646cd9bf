package io.alexnet.data.source;

import static io.alexnet.data.source.DatasetAssertions.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.alexnet.data.Dataset;
import io.alexnet.data.SharedData;
import io.alexnet.data.Split;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Flowers17Test {

  @TempDir Path folder;

  @Test
  void eightyImagesOfEachClassComeInOrder() throws IOException {
    Path images = Files.createDirectory(folder.resolve("jpg"));
    for (int i = 1; i <= 1360; i++) {
      Files.createFile(images.resolve(String.format(Locale.ROOT, "image_%04d.jpg", i)));
    }
    Path last = images.resolve("image_1360.jpg");
    ImageIO.write(new BufferedImage(9, 7, BufferedImage.TYPE_INT_RGB), "jpg", last.toFile());
    for (Path path : new Path[] {folder, images}) {
      Flowers17 flowers = Flowers17.in(path);
      assertEquals(1360, flowers.size());
      assertEquals(17, flowers.classNames().size());
      assertEquals("daffodil", flowers.classNames().get(flowers.label(79)));
      assertEquals("snowdrop", flowers.classNames().get(flowers.label(80)));
      assertEquals("pansy", flowers.classNames().get(flowers.label(1359)));
      assertEquals(last.toString(), flowers.name(1359));
      assertEquals("Image 9×7×3", flowers.image(1359).toString());
      assertThrows(IndexOutOfBoundsException.class, () -> flowers.label(1360));
      assertThrows(IndexOutOfBoundsException.class, () -> flowers.label(-1));
    }
    Split split = Flowers17.in(folder).split(0.8, 7);
    assertPerClass(64, split.train());
    assertPerClass(16, split.validation());
    Files.delete(last);
    assertRefused(folder, "1 of the 1360 files", () -> Flowers17.in(folder));
  }

  @Test
  void fileNamesDoNotDependOnTheLocale() throws IOException {
    for (int i = 1; i <= 1360; i++) {
      Files.createFile(folder.resolve(String.format(Locale.ROOT, "image_%04d.jpg", i)));
    }
    Locale usual = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("ar-EG")); // writes its digits in its own script
      assertEquals(folder.resolve("image_0001.jpg").toString(), Flowers17.in(folder).name(0));
    } finally {
      Locale.setDefault(usual);
    }
  }

  private static void assertPerClass(int expected, Dataset dataset) {
    assertEquals(17 * expected, dataset.size());
    for (int label = 0; label < 17; label++) {
      int wanted = label;
      assertEquals(
          expected,
          IntStream.range(0, dataset.size()).filter(i -> dataset.label(i) == wanted).count());
    }
  }

  @Test
  void theArchivesImagesAreUnpackedAndNothingElse() throws IOException {
    Path archive = folder.resolve("17flowers.tgz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(archive))) {
      Cifar10Test.writeTarEntry(out, "jpg/", '5', new byte[0]);
      Cifar10Test.writeTarEntry(out, "jpg/image_0002.jpg", '0', new byte[] {1, 2, 3});
      Cifar10Test.writeTarEntry(out, "jpg/files.txt", '0', new byte[600]);
      Cifar10Test.writeTarEntry(out, "../../image_0003.jpg", '0', new byte[512]);
      Cifar10Test.writeTarEntry(out, "jpg/image_0004.jpg", '2', new byte[0]); // a link
      out.write(new byte[1024]);
    }
    Path images = folder.resolve("images/jpg");
    Flowers17.unpack(archive, images);
    try (Stream<Path> unpacked = Files.list(images)) {
      assertEquals(
          List.of(images.resolve("image_0002.jpg"), images.resolve("image_0003.jpg")),
          unpacked.sorted().toList());
    }
    assertEquals(512, Files.size(images.resolve("image_0003.jpg")));
    assertArrayEquals(new byte[] {1, 2, 3}, Files.readAllBytes(images.resolve("image_0002.jpg")));
  }

  @Test
  void allPhotographsHaveTheirSize() {
    Flowers17 flowers = Flowers17.in(SharedData.folder("oxflower17"));
    for (int i = 0; i < flowers.size(); i += 97) {
      assertEquals(500, Math.min(flowers.image(i).width(), flowers.image(i).height()), 20);
    }
  }
}
