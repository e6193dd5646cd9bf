package io.alexnet.data.source;

import static io.alexnet.data.source.DatasetAssertions.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.data.SharedData;
import io.alexnet.data.Split;
import io.alexnet.data.image.Image;
import io.alexnet.data.image.ImageException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Cifar10Test {

  @TempDir Path folder;

  /** Two records; samples tell image, channel and row. */
  private static byte[] records(int label) {
    byte[] file = new byte[2 * 3073];
    for (int image = 0; image < 2; image++) {
      file[image * 3073] = (byte) (label + image);
      for (int i = 0; i < 3072; i++) {
        file[image * 3073 + 1 + i] = (byte) (100 * image + 40 * (i / 1024) + i % 1024 / 32);
      }
    }
    return file;
  }

  private void writeBinaries(Path target) throws IOException {
    Files.createDirectories(target);
    for (int i = 1; i <= 5; i++) {
      Files.write(target.resolve("data_batch_" + i + ".bin"), records(i));
    }
    Files.write(target.resolve("test_batch.bin"), records(0));
  }

  private static void assertRecords(Split split) {
    assertEquals(10, split.train().size());
    assertEquals(2, split.validation().size());
    assertEquals("airplane", split.validation().classNames().get(split.validation().label(0)));
    assertEquals(6, split.train().label(9));
    Image second = split.train().image(3);
    assertEquals("Image 32×32×3", second.toString());
    assertEquals(100 + 31, second.sample(5, 31, 0));
    assertEquals(140, second.sample(31, 0, 1));
    assertEquals(180 + 7, second.sample(0, 7, 2));
  }

  @Test
  void theOfficialFilesAreReadFromEitherFolder() throws IOException {
    writeBinaries(folder.resolve("cifar-10-batches-bin"));
    assertRecords(Cifar10.in(folder));
    assertRecords(Cifar10.in(folder.resolve("cifar-10-batches-bin")));
  }

  @Test
  void theOfficialArchiveIsReadAsItIs() throws IOException {
    Path archive = folder.resolve("cifar-10-binary.tar.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(archive))) {
      writeTarEntry(out, "cifar-10-batches-bin/", '5', new byte[0]);
      writeTarEntry(out, "cifar-10-batches-bin/readme.html", '0', new byte[700]);
      for (int i = 1; i <= 5; i++) {
        writeTarEntry(out, "cifar-10-batches-bin/data_batch_" + i + ".bin", '0', records(i));
      }
      writeTarEntry(out, "cifar-10-batches-bin/test_batch.bin", '0', records(0));
      out.write(new byte[1024]);
    }
    assertRecords(Cifar10.in(archive));
    assertRecords(Cifar10.in(folder));
    byte[] whole = Files.readAllBytes(archive);
    Files.write(archive, Arrays.copyOf(whole, whole.length / 2));
    assertRefused(archive, "cannot be unpacked", () -> Cifar10.in(archive));
    Files.write(archive, new byte[100]);
    assertRefused(archive, "cannot be unpacked", () -> Cifar10.in(archive));
  }

  static void writeTarEntry(OutputStream out, String name, char type, byte[] content)
      throws IOException {
    byte[] header = new byte[512];
    byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, header, 0, bytes.length);
    byte[] size = String.format("%011o", content.length).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(size, 0, header, 124, size.length);
    header[156] = (byte) type;
    out.write(header);
    out.write(Arrays.copyOf(content, (content.length + 511) / 512 * 512));
  }

  private static byte[] encoded(String format, int side, int grey) throws IOException {
    BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < side * side; i++) {
      image.setRGB(i % side, i / side, grey * 0x010101);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, format, out);
    return out.toByteArray();
  }

  @Test
  void aZipOfImagesIsReadInTheOrderOfNames() throws IOException {
    Path zip = folder.resolve("images.zip");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
      for (String name : new String[] {"train/truck/2", "train/cat/1", "test/dog/1", "other/x/1"}) {
        out.putNextEntry(new ZipEntry(name + ".jpg"));
        out.write(encoded("jpg", 32, name.charAt(name.length() - 1) - '0'));
      }
      // What macOS and Windows leave in archives and folders.
      for (String name : new String[] {"train/cat/._1.jpg", "train/cat/Thumbs.db"}) {
        out.putNextEntry(new ZipEntry(name));
        out.write(1);
      }
    }
    for (Path path : new Path[] {zip, folder}) {
      Split split = Cifar10.in(path);
      assertEquals(2, split.train().size());
      assertEquals("cat", split.train().classNames().get(split.train().label(0)));
      assertEquals(2, split.train().image(1).sample(9, 9, 1));
      assertEquals(5, split.validation().label(0));
      assertEquals(zip + "!test/dog/1.jpg", split.validation().name(0));
    }
  }

  @Test
  void aFolderOfImagesIsRead() throws IOException {
    for (String name : new String[] {"train/cat", "train/dog", "test/cat", "test/dog"}) {
      Path file = folder.resolve(name).resolve("1.jpg");
      Files.createDirectories(file.getParent());
      Files.write(file, encoded("jpg", 32, 9));
    }
    assertEquals(2, Cifar10.in(folder).train().size());
  }

  @Test
  void whatIsNotCifarIsRefused() throws IOException {
    assertRefused(folder, "no CIFAR-10 here", () -> Cifar10.in(folder));
    Path missing = folder.resolve("missing");
    assertRefused(missing, "no such file or folder", () -> Cifar10.in(missing));
    writeBinaries(folder);
    byte[] records = records(3);
    Files.write(folder.resolve("data_batch_4.bin"), Arrays.copyOf(records, 5000));
    assertRefused(folder, "data_batch_4.bin has 5000 bytes", () -> Cifar10.in(folder));
    records[3073] = 10;
    Files.write(folder.resolve("data_batch_4.bin"), records);
    assertRefused(folder, "data_batch_4.bin has a label 10", () -> Cifar10.in(folder));
    Path zip = folder.resolve("empty.zip");
    new ZipOutputStream(Files.newOutputStream(zip)).close();
    assertRefused(zip, "holds no images", () -> Cifar10.in(zip));
    Files.write(zip, new byte[50]);
    assertRefused(zip, "cannot be read", () -> Cifar10.in(zip));
  }

  @Test
  void anImageFarTooLargeIsRefusedBeforeItIsDecoded() throws IOException {
    Path zip = folder.resolve("images.zip");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
      for (String name : new String[] {"train/cat/1.jpg", "test/dog/1.jpg"}) {
        out.putNextEntry(new ZipEntry(name));
        out.write(encoded("png", 2400, 0));
      }
    }
    Split split = Cifar10.in(zip);
    var e = assertThrows(ImageException.class, () -> split.train().image(0));
    assertTrue(e.getMessage().startsWith(zip + "!train/cat/1.jpg: 2400×2400"), e.getMessage());
  }

  @Test
  void theZipOfJpegsIsWhole() {
    Split split = Cifar10.in(SharedData.folder("cifar10-jpg"));
    assertEquals(50_000, split.train().size());
    assertEquals(10_000, split.validation().size());
    assertEquals(9, split.train().label(49_999));
    assertEquals("Image 32×32×3", split.validation().image(5000).toString());
  }
}
