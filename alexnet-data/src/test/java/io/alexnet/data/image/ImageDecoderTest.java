package io.alexnet.data.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.data.SharedData;
import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ImageDecoderTest {

  private final ImageDecoder decoder = new ImageDecoder();
  @TempDir Path folder;

  private static byte[] encode(BufferedImage image, String format) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      assertTrue(ImageIO.write(image, format, out));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return out.toByteArray();
  }

  private Image decode(BufferedImage image, String format) {
    return decoder.decode(encode(image, format), "made up");
  }

  private static void assertPixel(int rgb, Image image, int x, int y) {
    int actual = image.sample(x, y, 0) << 16 | image.sample(x, y, 1) << 8 | image.sample(x, y, 2);
    assertEquals(Integer.toHexString(rgb), Integer.toHexString(actual));
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        BufferedImage.TYPE_INT_RGB,
        BufferedImage.TYPE_3BYTE_BGR,
        BufferedImage.TYPE_INT_ARGB,
        BufferedImage.TYPE_4BYTE_ABGR
      })
  void coloursArriveInTheirPlaces(int type) {
    BufferedImage image = new BufferedImage(3, 2, type);
    image.setRGB(0, 0, 0xFF112233);
    image.setRGB(2, 1, 0xFFFFFE01);
    Image decoded = decode(image, "png");
    assertEquals("Image 3×2×3", decoded.toString());
    assertPixel(0x112233, decoded, 0, 0);
    assertPixel(0xFFFE01, decoded, 2, 1);
  }

  @Test
  void greyKeepsItsLevels() {
    BufferedImage grey = new BufferedImage(256, 1, BufferedImage.TYPE_BYTE_GRAY);
    BufferedImage deep = new BufferedImage(256, 1, BufferedImage.TYPE_USHORT_GRAY);
    for (int x = 0; x < 256; x++) {
      grey.getRaster().setSample(x, 0, 0, x);
      deep.getRaster().setSample(x, 0, 0, x * 257);
    }
    for (BufferedImage image : List.of(grey, deep)) {
      Image decoded = decode(image, "png");
      for (int x = 0; x < 256; x++) {
        assertPixel(x * 0x010101, decoded, x, 0);
      }
    }
  }

  @Test
  void picturesInOtherColourSpacesAreConverted() {
    ColorSpace linear = ColorSpace.getInstance(ColorSpace.CS_LINEAR_RGB);
    ColorModel colours =
        new ComponentColorModel(linear, false, false, Transparency.OPAQUE, DataBuffer.TYPE_BYTE);
    WritableRaster raster = colours.createCompatibleWritableRaster(2, 1);
    raster.setPixel(1, 0, new int[] {128, 128, 128});
    Image image = decoder.decode(new BufferedImage(colours, raster, false, null));
    assertPixel(0, image, 0, 0);
    // sRGB of half the light (IEC 61966-2-1): 1.055 · 0.502^(1/2.4) − 0.055 = 0.737.
    assertEquals(188, image.sample(1, 0, 1), 1);
  }

  @Test
  void palettesAreLookedUp() {
    byte[] red = {0, 10, 20};
    byte[] green = {0, 11, 21};
    byte[] blue = {0, 12, (byte) 222};
    IndexColorModel palette = new IndexColorModel(8, 3, red, green, blue);
    BufferedImage image = new BufferedImage(3, 1, BufferedImage.TYPE_BYTE_INDEXED, palette);
    image.getRaster().setSample(1, 0, 0, 1);
    image.getRaster().setSample(2, 0, 0, 2);
    for (String format : List.of("png", "gif")) {
      assertPixel(0x0A0B0C, decode(image, format), 1, 0);
      assertPixel(0x1415DE, decode(image, format), 2, 0);
    }
  }

  @Test
  void transparentPixelsLieOverTheBackground() {
    BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_ARGB);
    image.setRGB(0, 0, 0x00FF0000);
    image.setRGB(1, 0, 0x80000000);
    assertPixel(0xFFFFFF, decode(image, "png"), 0, 0);
    assertPixel(0x7F7F7F, decode(image, "png"), 1, 0);
    Image onBlue = decoder.background(0x0000FF).decode(encode(image, "png"), "made up");
    assertPixel(0x0000FF, onBlue, 0, 0);
    assertPixel(0x00007F, onBlue, 1, 0);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void exifTurnsTheImage(int orientation) {
    // Red left half, green right half; blue in the upper rows of the left half.
    BufferedImage stored = new BufferedImage(64, 32, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 32; y++) {
      for (int x = 0; x < 64; x++) {
        stored.setRGB(x, y, x >= 32 ? 0x00FF00 : y < 16 ? 0x0000FF : 0xFF0000);
      }
    }
    Image upright = decoder.decode(withExif(encode(stored, "jpg"), orientation), "made up");
    assertEquals(orientation < 5 ? 64 : 32, upright.width());
    // Where the blue corner and the green side come to lie, by EXIF's table.
    String corner = List.of("NW", "NE", "SE", "SW", "NW", "NE", "SE", "SW").get(orientation - 1);
    String green = List.of("E", "W", "W", "E", "S", "S", "N", "N").get(orientation - 1);
    int x = corner.contains("E") ? upright.width() - 4 : 3;
    int y = corner.contains("S") ? upright.height() - 4 : 3;
    assertTrue(upright.sample(x, y, 2) > 200, "blue in " + corner);
    int gx = green.equals("E") ? upright.width() - 4 : green.equals("W") ? 3 : upright.width() / 2;
    int gy =
        green.equals("S") ? upright.height() - 4 : green.equals("N") ? 3 : upright.height() / 2;
    assertTrue(upright.sample(gx, gy, 1) > 200, "green in " + green);
  }

  private static byte[] withExif(byte[] jpeg, int orientation) {
    byte[] exif = {
      (byte) 0xFF,
      (byte) 0xE1,
      0,
      34,
      'E',
      'x',
      'i',
      'f',
      0,
      0,
      'M',
      'M',
      0,
      42,
      0,
      0,
      0,
      8,
      0,
      1,
      1,
      0x12,
      0,
      3,
      0,
      0,
      0,
      1,
      0,
      (byte) orientation,
      0,
      0,
      0,
      0,
      0,
      0
    };
    byte[] file = Arrays.copyOf(jpeg, jpeg.length + exif.length);
    System.arraycopy(exif, 0, file, 2, exif.length);
    System.arraycopy(jpeg, 2, file, 2 + exif.length, jpeg.length - 2);
    return file;
  }

  private ImageException refused(String name, byte[] content) throws IOException {
    Path file = Files.write(folder.resolve(name), content);
    ImageException thrown = assertThrows(ImageException.class, () -> decoder.decode(file));
    assertEquals(file + ": " + thrown.reason(), thrown.getMessage());
    assertEquals(1, thrown.getMessage().lines().count());
    return thrown;
  }

  /** A segment of a colour profile that claims so many bytes, as the number-th of two. */
  private static byte[] withProfile(byte[] jpeg, int number, int length) {
    ByteBuffer file = ByteBuffer.allocate(jpeg.length + 146);
    file.put(jpeg, 0, 2).putShort((short) 0xFFE2).putShort((short) 144);
    file.put("ICC_PROFILE\0".getBytes(StandardCharsets.ISO_8859_1));
    file.put((byte) number).put((byte) 2).putInt(length).position(148);
    return file.put(jpeg, 2, jpeg.length - 2).array();
  }

  @Test
  void aColourProfileLargerThanItsFileIsRefused() throws IOException {
    byte[] jpeg = encode(new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB), "jpg");
    String reason = "it claims a colour profile of 2147483647 bytes";
    assertEquals(reason, refused("a.jpg", withProfile(jpeg, 9, Integer.MAX_VALUE)).reason());
    byte[] second = withProfile(withProfile(jpeg, 1, Integer.MAX_VALUE), 2, 100);
    assertEquals(reason, refused("b.jpg", second).reason());
    // Segments that end before the name that seems to follow must not count against the profile.
    byte[] profile = withProfile(jpeg, 1, Integer.MAX_VALUE);
    ByteBuffer shortened = ByteBuffer.allocate(profile.length + 40 * 16);
    shortened.put(profile, 0, profile.length - 2);
    for (int i = 0; i < 40; i++) {
      shortened.putShort((short) 0xFFE2).putShort((short) 2);
      shortened.put("ICC_PROFILE\0".getBytes(StandardCharsets.ISO_8859_1));
    }
    shortened.put(profile, profile.length - 2, 2);
    assertEquals(reason, refused("d.jpg", shortened.array()).reason());
    assertEquals(8, decoder.decode(withProfile(jpeg, 1, 500), "broken, and harmless").width());
    ByteBuffer webp = ByteBuffer.allocate(148).order(ByteOrder.LITTLE_ENDIAN);
    webp.put("RIFF".getBytes(StandardCharsets.ISO_8859_1)).putInt(140);
    webp.put("WEBPICCP".getBytes(StandardCharsets.ISO_8859_1)).putInt(128);
    webp.order(ByteOrder.BIG_ENDIAN).putInt(Integer.MAX_VALUE);
    assertEquals(reason, refused("c.webp", webp.array()).reason());
  }

  @Test
  void whatIsNoImageIsRefusedByName() throws IOException {
    assertEquals("the file is empty", refused("empty.jpg", new byte[0]).reason());
    assertEquals(
        "not an image in a known format",
        refused("text.jpg", "some text\n".getBytes(StandardCharsets.UTF_8)).reason());
    Path missing = folder.resolve("missing.jpg");
    ImageException thrown = assertThrows(ImageException.class, () -> decoder.decode(missing));
    assertEquals(missing + ": no such file", thrown.getMessage());
    assertThrows(ImageException.class, () -> decoder.decode(folder));
  }

  @ParameterizedTest
  @ValueSource(strings = {"jpg", "png", "bmp", "gif"})
  void aFileCutAnywhereIsRefused(String format) throws IOException {
    BufferedImage image = new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB);
    IntStream.range(0, 1200).forEach(i -> image.setRGB(i % 40, i / 40, i * 0x10307));
    byte[] whole = encode(image, format);
    decoder.decode(whole, "whole");
    for (int share = 1; share < 16; share++) {
      byte[] cut = Arrays.copyOf(whole, whole.length * share / 16);
      refused(share + "." + format, cut);
    }
  }

  @Test
  void anImageThatTakesTooMuchMemoryIsRefusedBeforeItIsDecoded() throws IOException {
    byte[] bomb = encode(new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB), "png");
    bomb[17] = 1; // width and height with 65,536 more
    bomb[21] = 1;
    CRC32 crc = new CRC32();
    crc.update(bomb, 12, 17);
    ByteBuffer.wrap(bomb).putInt(29, (int) crc.getValue());
    assertEquals(
        "65544×65544 pixels are more than any image may have here",
        refused("bomb.png", bomb).reason());
  }

  /** The file, the picture, and as many of its rows at a time as divide it into eight strips. */
  @ParameterizedTest
  @CsvSource({"8, 1", "15, 2", "16, 2", "17, 3"})
  void theMemoryOfAnEighthMustBeLeft(int height, int rows) {
    byte[] small = encode(new BufferedImage(8, height, BufferedImage.TYPE_INT_RGB), "png");
    int least = small.length + 8 * height * 3 + 8 * rows * 3;
    ImageDecoder strict = decoder.maxBytes(least - 1);
    assertThrows(ImageException.class, () -> strict.decode(small, "small"));
    assertEquals(height, decoder.maxBytes(least).decode(small, "small").height());
  }

  @Test
  void aCheckFindsWhatTheStructureTells() throws IOException {
    byte[] whole = encode(new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB), "jpg");
    decoder.check(Files.write(folder.resolve("whole.jpg"), whole));
    Path cut = Files.write(folder.resolve("cut.jpg"), Arrays.copyOf(whole, whole.length - 2));
    assertThrows(ImageException.class, () -> decoder.check(cut));
  }

  @Test
  void anyThreadMayDecode() {
    BufferedImage image = new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB);
    IntStream.range(0, 1200).forEach(i -> image.setRGB(i % 40, i / 40, i * 0x10307));
    byte[] file = encode(image, "jpg");
    byte[] expected = decoder.decode(file, "one").pixels();
    assertTrue(
        IntStream.range(0, 200)
            .parallel()
            .allMatch(i -> Arrays.equals(expected, decoder.decode(file, "many").pixels())));
  }

  @Test
  void allOrientationsOfOnePhotographAreTheSamePicture() {
    Path photographs = SharedData.folder("awkward-images/exif-orientation");
    byte[] first = decoder.decode(photographs.resolve("Landscape_1.jpg")).pixels();
    for (int i = 2; i <= 8; i++) {
      byte[] other = decoder.decode(photographs.resolve("Landscape_" + i + ".jpg")).pixels();
      // Each has its number written on it and was compressed on its own; turned the wrong way
      // they are 60 apart.
      assertEquals(0, meanDifference(first, other), 6);
    }
  }

  private static double meanDifference(byte[] a, byte[] b) {
    assertEquals(a.length, b.length);
    long difference = 0;
    for (int i = 0; i < a.length; i++) {
      difference += Math.abs((a[i] & 0xFF) - (b[i] & 0xFF));
    }
    return (double) difference / a.length;
  }

  @Test
  void cmykComesCloseToItsRgbTwin() {
    Path images = SharedData.folder("awkward-images/pillow");
    byte[] cmyk = decoder.decode(images.resolve("pil_sample_cmyk.jpg")).pixels();
    byte[] rgb = decoder.decode(images.resolve("pil_sample_rgb.jpg")).pixels();
    // Inverted colours, the usual mistake, would be 200 apart.
    assertEquals(0, meanDifference(cmyk, rgb), 8);
  }
}
