package io.alexnet.data.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.alexnet.data.ChildJvm;
import io.alexnet.data.SharedData;
import io.alexnet.data.random.SplitMix64;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files that decoders stumble over, each with its outcome in a table: awkward.tsv for the small
 * ones beside it, awkward-images.tsv for a collection that is not shipped. Where the colours of an
 * independent decoder differ from these, the table has a note. The pixels of lossy WebP differ by 1
 * to 6 on average, since chroma is not interpolated and the filter of blocks is another; those of
 * all by rounding. Mean colours tell the tint that imageio-webp 3.14 gave them by 3 to 15.
 */
class AwkwardFilesTest {

  private static final Duration LONG_ENOUGH = Duration.ofSeconds(10);

  private final ImageDecoder decoder = new ImageDecoder();
  @TempDir Path folder;

  private static Path resource(String name) {
    try {
      return Path.of(AwkwardFilesTest.class.getResource(name).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  private static List<String[]> table(String name) throws IOException {
    return Files.readAllLines(resource(name)).stream().map(line -> line.split("\t")).toList();
  }

  private static List<Path> shipped(String glob) throws IOException {
    List<Path> files = new ArrayList<>();
    try (var matching = Files.newDirectoryStream(resource("awkward"), glob)) {
      matching.forEach(files::add);
    }
    files.sort(null);
    return files;
  }

  @TestFactory
  Stream<DynamicTest> shippedFiles() throws IOException {
    List<String[]> table = table("awkward.tsv");
    TreeSet<String> listed = new TreeSet<>();
    table.forEach(row -> listed.add(row[0]));
    TreeSet<String> present = new TreeSet<>();
    shipped("*").forEach(file -> present.add(file.getFileName().toString()));
    assertEquals(present, listed);
    return outcomes(table, resource("awkward"));
  }

  @TestFactory
  Stream<DynamicTest> collectionOfOtherProjects() throws IOException {
    Path awkward = SharedData.folder("awkward-images");
    List<String[]> table = table("awkward-images.tsv");
    List<String> manifest = Files.readAllLines(awkward.resolve("MANIFEST.tsv"));
    assertEquals(
        new TreeSet<>(manifest.stream().skip(1).map(line -> line.split("\t")[0]).toList()),
        new TreeSet<>(table.stream().map(row -> row[0]).toList()));
    return outcomes(table, awkward);
  }

  private Stream<DynamicTest> outcomes(List<String[]> table, Path root) {
    return table.stream()
        .map(
            row ->
                dynamicTest(
                    row[0],
                    () ->
                        assertTimeoutPreemptively(
                            LONG_ENOUGH, () -> assertOutcome(row, root.resolve(row[0])))));
  }

  private void assertOutcome(String[] row, Path file) {
    if (row[1].equals("refused")) {
      ImageException refused = assertThrows(ImageException.class, () -> decoder.decode(file));
      assertEquals(file + ": " + row[2], refused.getMessage());
      return;
    }
    Image image = decoder.decode(file);
    decoder.check(file);
    assertEquals(row[1], image.width() + "x" + image.height());
    assertMean(row[2], image, "mean");
    Image quarter = image.crop(0, 0, (image.width() + 1) / 2, (image.height() + 1) / 2);
    assertMean(row[3], quarter, "mean of the upper left quarter");
  }

  private static void assertMean(String expected, Image image, String what) {
    double[] sum = new double[3];
    for (int i = 0; i < image.pixels().length; i++) {
      sum[i % 3] += image.pixels()[i] & 0xFF;
    }
    String[] colours = expected.split(" ");
    for (int c = 0; c < 3; c++) {
      double mean = sum[c] / image.width() / image.height();
      assertEquals(Double.parseDouble(colours[c]), mean, 1.5, what + ", channel " + c);
    }
  }

  /** The memory that decoding takes if the image is divided into as many strips as there may be. */
  private static long least(byte[] file) throws IOException {
    FileScan scan = FileScan.of(file);
    long frame = (long) scan.frame().width * scan.frame().height;
    long rows = (scan.frame().height + ImageDecoder.MAX_STRIPS - 1) / ImageDecoder.MAX_STRIPS;
    boolean complete = !scan.format().equals("jpeg") || JpegScan.hasHuffmanTables(file);
    return file.length * (complete ? 1 : 2)
        + 3L * scan.width() * scan.height()
        + frame * scan.heldPerPixel()
        + rows * scan.frame().width * scan.stripPerPixel();
  }

  @Test
  void framesOfFilmsGetTheStandardHuffmanTables() throws IOException {
    byte[] bare = Files.readAllBytes(resource("awkward").resolve("no_dht.jpg"));
    byte[] complete = JpegScan.withHuffmanTables(bare);
    assertTrue(JpegScan.hasHuffmanTables(complete));
    BufferedImage plain = ImageIO.read(new ByteArrayInputStream(complete));
    Image image = decoder.decode(bare, "no_dht.jpg");
    assertArrayEquals(decoder.decode(plain).pixels(), image.pixels());
  }

  @Test
  void theCopyThatGetsTheTablesIsCounted() throws IOException {
    byte[] bare = Files.readAllBytes(resource("awkward").resolve("no_dht.jpg"));
    byte[] followed = Arrays.copyOf(bare, 1_000_000); // by what no decoder looks at
    ImageDecoder strict = decoder.maxBytes(1_900_000);
    ImageException refused =
        assertThrows(ImageException.class, () -> strict.decode(followed, "film"));
    assertTrue(refused.reason().endsWith("more than the limit of 2 MB"), refused.reason());
    assertEquals(decoder.decode(bare, "short").width(), decoder.decode(followed, "long").width());
  }

  @Test
  void stripsMakeTheSamePictureAsTheWhole() throws IOException {
    int divided = 0;
    for (String[] row : table("awkward.tsv")) {
      if (row[1].equals("refused")) {
        continue;
      }
      byte[] file = Files.readAllBytes(resource("awkward").resolve(row[0]));
      long least = least(file);
      byte[] whole = decoder.decode(file, row[0]).pixels();
      byte[] strips = decoder.maxBytes(least).decode(file, row[0]).pixels();
      assertArrayEquals(whole, strips, row[0]);
      ImageDecoder tighter = decoder.maxBytes(least - 1);
      assertThrows(ImageException.class, () -> tighter.decode(file, row[0]), row[0]);
      divided += FileScan.of(file).stripPerPixel() > 0 ? 1 : 0;
    }
    assertTrue(divided > 60, divided + " files in strips");
  }

  private String refused(byte[] file) {
    return assertTimeoutPreemptively(
        LONG_ENOUGH,
        () -> assertThrows(ImageException.class, () -> decoder.decode(file, "bomb")).reason());
  }

  @Test
  void thousandsOfScansAreRefused() throws IOException {
    byte[] jpeg = Files.readAllBytes(resource("awkward").resolve("prog.jpg"));
    int last = jpeg.length - 2;
    while (jpeg[last] != (byte) 0xFF || jpeg[last + 1] != (byte) 0xDA) {
      last--;
    }
    ByteArrayOutputStream bomb = new ByteArrayOutputStream();
    bomb.write(jpeg, 0, last);
    for (int i = 0; i < 5000; i++) {
      bomb.write(jpeg, last, jpeg.length - 2 - last);
    }
    bomb.write(jpeg, jpeg.length - 2, 2);
    assertEquals("a JPEG of more than 50 scans, made to take long", refused(bomb.toByteArray()));
  }

  /** The file with so many bytes put in at a place, a pattern over and over. */
  private static byte[] stuffed(String shipped, int at, String pattern, int times)
      throws IOException {
    byte[] file = Files.readAllBytes(resource("awkward").resolve(shipped));
    ByteArrayOutputStream stuffed = new ByteArrayOutputStream();
    stuffed.write(file, 0, at);
    stuffed.writeBytes(pattern.repeat(times).getBytes(StandardCharsets.ISO_8859_1));
    stuffed.write(file, at, file.length - at);
    return stuffed.toByteArray();
  }

  @Test
  void millionsOfEmptyBlocksAreRefused() throws IOException {
    String comment = "\u00FF\u00FE\0\2";
    assertEquals(
        "a JPEG of more than 1000 segments", refused(stuffed("base.jpg", 2, comment, 1_000_000)));
    decoder.decode(stuffed("base.jpg", 2, comment, 900), "comments");
    int afterPalette = 13 + 3 * 4;
    byte[] gif = stuffed("gif_local.gif", afterPalette, "!\u00FE\1a\0", 4900);
    decoder.decode(gif, "comments");
    assertEquals(
        "a GIF of more than 5000 blocks before its image",
        refused(stuffed("gif_local.gif", afterPalette, "!\u00FE" + "\1a".repeat(5000), 1000)));
  }

  private static void chunk(ByteArrayOutputStream png, String type, byte[] data) {
    byte[] typed = type.getBytes(StandardCharsets.ISO_8859_1);
    CRC32 crc = new CRC32();
    crc.update(typed);
    crc.update(data);
    png.writeBytes(ByteBuffer.allocate(4).putInt(data.length).array());
    png.writeBytes(typed);
    png.writeBytes(data);
    png.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
  }

  private static byte[] zeros(long count) throws IOException {
    ByteArrayOutputStream deflated = new ByteArrayOutputStream();
    Deflater fast = new Deflater(Deflater.BEST_SPEED);
    try (DeflaterOutputStream out = new DeflaterOutputStream(deflated, fast, 1 << 16)) {
      byte[] block = new byte[1 << 20];
      for (long left = count; left > 0; left -= block.length) {
        out.write(block, 0, (int) Math.min(left, block.length));
      }
    }
    fast.end();
    return deflated.toByteArray();
  }

  /** A black PNG of 8-bit grey; texts lie before the image, and it unpacks to more if asked to. */
  private static byte[] png(int width, int height, byte[] packed, byte[]... texts) {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    png.writeBytes("\u0089PNG\r\n\u001A\n".getBytes(StandardCharsets.ISO_8859_1));
    byte[] kind = {8, 0, 0, 0, 0};
    chunk(png, "IHDR", ByteBuffer.allocate(13).putInt(width).putInt(height).put(kind).array());
    for (byte[] text : texts) {
      ByteArrayOutputStream keyed = new ByteArrayOutputStream();
      keyed.writeBytes(new byte[] {'a', 0, 0});
      keyed.writeBytes(text);
      chunk(png, "zTXt", keyed.toByteArray());
    }
    chunk(png, "IDAT", packed);
    chunk(png, "IEND", new byte[0]);
    return png.toByteArray();
  }

  @Test
  void bombsInsidePngAreNotUnpacked() throws IOException {
    byte[] bomb = zeros(100_000_000);
    byte[][] texts = new byte[50][];
    Arrays.fill(texts, bomb);
    byte[] file = png(16, 8, zeros(17 * 8), texts);
    byte[] tail = png(16, 8, bomb);
    assertTimeoutPreemptively(
        LONG_ENOUGH,
        () -> {
          assertEquals(16, decoder.decode(file, "50 texts of 100 MB").width());
          assertEquals(8, decoder.decode(tail, "100 MB where 136 bytes are due").height());
        });
  }

  @Test
  void sizesAreJudgedByTheHeaderAlone() {
    byte[] none = new byte[0];
    assertEquals(
        "65000×65000 pixels are more than any image may have here",
        refused(png(65000, 65000, none)));
    assertEquals(
        "13000×13000 pixels take 529 MB of memory to decode, more than the limit of 400 MB",
        refused(png(13000, 13000, none)));
    assertEquals("an image of -1×8 pixels", refused(png(-1, 8, none)));
    assertEquals("an image of 8×0 pixels", refused(png(8, 0, none)));
  }

  @Test
  void theLargestImageFitsIntoAHeapOf512Megabytes() throws Exception {
    int side = 11_000;
    Path large = folder.resolve("large.png");
    Files.write(large, png(side, side, zeros((side + 1L) * side)));
    String said =
        ChildJvm.output(
            ChildJvm.of(
                System.getProperty("java.class.path"),
                "-Xmx512m",
                DecodeInChild.class.getName(),
                large.toString()));
    assertTrue(said.startsWith("Image 11000×11000×3, "), said);
    long taken = Long.parseLong(said.substring(said.indexOf(", ") + 2));
    assertTrue(taken < 512 << 10, taken + " kB");
  }

  /** Decodes a file and tells by how many kB the process grew; by none where no /proc tells. */
  static final class DecodeInChild {

    private DecodeInChild() {}

    public static void main(String[] arguments) throws IOException {
      long before = largestResident();
      Image image = new ImageDecoder().decode(Path.of(arguments[0]));
      System.out.println(image + ", " + (largestResident() - before));
    }

    private static long largestResident() throws IOException {
      Path status = Path.of("/proc/self/status");
      return Files.exists(status)
          ? Files.readAllLines(status).stream()
              .filter(line -> line.startsWith("VmHWM"))
              .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
              .sum()
          : 0;
    }
  }

  private void assertRefused(String reason, Path file) {
    ImageException refused =
        assertTimeoutPreemptively(
            LONG_ENOUGH, () -> assertThrows(ImageException.class, () -> decoder.decode(file)));
    assertEquals(reason, refused.reason());
    assertEquals(1, refused.getMessage().lines().count());
  }

  @Test
  void whatIsNotAFileIsRefused() throws Exception {
    assertRefused("a folder, not a file", Files.createDirectory(folder.resolve("folder.jpg")));
    assertRefused("no such file", folder.resolve("missing.jpg"));
    Path link = folder.resolve("link.jpg");
    assertRefused(
        "a link to nothing", Files.createSymbolicLink(link, folder.resolve("missing.jpg")));
    Path name = folder.resolve("two\nlines.jpg");
    assertRefused("not an image in a known format", Files.writeString(name, "text"));
    Path large = folder.resolve("large.jpg");
    try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
      file.setLength(1L << 40);
    }
    assertRefused("larger than the memory that decoding may take, 400 MB", large);
  }

  @Test
  void aPipeIsNotWaitedFor() throws Exception {
    Path pipe = folder.resolve("pipe.jpg");
    int made;
    try {
      made = new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor();
    } catch (IOException e) {
      made = -1;
    }
    assumeTrue(made == 0, "no mkfifo here");
    assertRefused("a pipe, socket or device, not a file", pipe);
  }

  @Test
  void whatThePhotographerTurnedIsTurnedBackEvenInStrips() throws IOException {
    BufferedImage upright = new BufferedImage(40, 64, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 64; y++) {
      for (int x = 0; x < 40; x++) {
        upright.setRGB(x, y, (x * 6) << 16 | (y * 4) << 8);
      }
    }
    BufferedImage stored = new BufferedImage(64, 40, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 64; y++) {
      for (int x = 0; x < 40; x++) {
        stored.setRGB(y, 39 - x, upright.getRGB(x, y)); // turned by 90° anticlockwise
      }
    }
    ByteArrayOutputStream encoded = new ByteArrayOutputStream();
    ImageIO.write(stored, "png", encoded);
    byte[] png = encoded.toByteArray();
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.write(png, 0, 33);
    byte[] exif = {
      'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0
    };
    chunk(file, "eXIf", exif);
    file.write(png, 33, png.length - 33);
    byte[] turned = file.toByteArray();
    for (ImageDecoder any : List.of(decoder, decoder.maxBytes(least(turned)))) {
      Image image = any.decode(turned, "turned");
      for (int y = 0; y < 64; y++) {
        for (int x = 0; x < 40; x++) {
          assertEquals(x * 6, image.sample(x, y, 0));
          assertEquals(y * 4, image.sample(x, y, 1));
        }
      }
    }
  }

  @Test
  void damagedBytesEndInAnImageOrAnErrorOfOneLine() throws IOException {
    List<Path> whole = new ArrayList<>();
    for (String glob :
        List.of(
            "{base,prog,cmyk_k,cmyk_prog,grey_icc,exif6_then3,restart}.jpg",
            "{base,apng,png_ct3_4,png_trns_ct2_16,png_exif6}.png",
            "{base,gif_interl,gif_small_frame}.gif",
            "{bmp8,bmp_rle8,bmp32_v5a,bmp16_565,bmp_os2}.bmp",
            "{webp_lossy,webp_ll,webp_lossy_a,webp_anim_off,webp_exif6}.webp")) {
      whole.addAll(shipped(glob));
    }
    assertEquals(25, whole.size());
    SplitMix64 random = SplitMix64.of(7, 0);
    int[] outcomes = new int[2];
    for (int i = 0; i < 400; i++) {
      Path file = whole.get(i % whole.size());
      byte[] damaged = damage(Files.readAllBytes(file), random);
      String name = i + " " + file.getFileName();
      Image image =
          assertTimeoutPreemptively(LONG_ENOUGH, () -> decodedOrNull(damaged, name), name);
      outcomes[image == null ? 1 : 0]++;
    }
    assertTrue(outcomes[0] > 40, outcomes[0] + " decoded");
    assertTrue(outcomes[1] > 120, outcomes[1] + " refused");
  }

  private Image decodedOrNull(byte[] file, String name) {
    try {
      return decoder.decode(file, name);
    } catch (ImageException e) {
      assertNotNull(e.reason());
      assertTrue(e.getMessage().startsWith(name + ": "), e.getMessage());
      assertEquals(1, e.getMessage().lines().count(), e.getMessage());
      return null;
    }
  }

  /** One to four bytes changed, or the file cut, or some bytes put in or left out. */
  private static byte[] damage(byte[] file, SplitMix64 random) {
    int at = random.nextInt(file.length);
    int count = 1 + random.nextInt(4);
    switch (random.nextInt(6)) {
      case 0:
        return Arrays.copyOf(file, at);
      case 1:
        byte[] more = Arrays.copyOf(file, file.length + count);
        System.arraycopy(file, at, more, at + count, file.length - at);
        return more;
      case 2:
        int less = Math.min(count, file.length - at);
        byte[] fewer = Arrays.copyOf(file, file.length - less);
        System.arraycopy(file, at + less, fewer, at, fewer.length - at);
        return fewer;
      default:
        byte[] changed = file.clone();
        for (int i = 0; i < count; i++) {
          // Half of the changes are in the headers, where they lead furthest.
          int place = random.nextInt(random.nextBoolean() ? 64 : file.length);
          changed[Math.min(place, file.length - 1)] = (byte) random.nextLong();
        }
        return changed;
    }
  }
}
