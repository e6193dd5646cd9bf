package io.alexnet.data.source;

import static io.alexnet.data.source.DatasetAssertions.assertRefused;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.data.Dataset;
import io.alexnet.data.DatasetException;
import io.alexnet.data.ForwardingDataset;
import io.alexnet.data.ResizedImages;
import io.alexnet.data.Split;
import io.alexnet.data.image.Image;
import io.alexnet.data.image.ImageException;
import io.alexnet.data.image.Resize;
import io.alexnet.data.random.SplitMix64;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PackedImagesTest {

  @TempDir Path temporary;

  /**
   * Noise of odd sizes, some larger and some smaller than what they are packed at.
   *
   * @param unreadable numbers of images that cannot be read
   */
  private record Noise(int size, int channels, int seed, List<Integer> unreadable)
      implements Dataset {

    Noise(int size, int channels, int seed, Integer... unreadable) {
      this(size, channels, seed, List.of(unreadable));
    }

    @Override
    public List<String> classNames() {
      return List.of("tench, Tinca tinca", "naïve\tclass", "crane");
    }

    @Override
    public int label(int index) {
      return index % 3;
    }

    @Override
    public String name(int index) {
      return "folder/bild-ü " + index + ".jpg";
    }

    @Override
    public Image image(int index) {
      if (unreadable.contains(index)) {
        throw new ImageException(name(index), "made to fail");
      }
      SplitMix64 random = SplitMix64.of(seed, index);
      int width = 5 + random.nextInt(20);
      int height = 5 + random.nextInt(20);
      byte[] pixels = new byte[width * height * channels];
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = (byte) random.nextLong();
      }
      return new Image(width, height, channels, pixels);
    }
  }

  private Path folder(String name) {
    return temporary.resolve(name);
  }

  private static Packer packer(Path folder) {
    return Packer.to(folder).side(11).threads(2);
  }

  private static Map<String, String> files(Path folder) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        contents.put(file.getFileName().toString(), Arrays.toString(Files.readAllBytes(file)));
      }
    }
    return contents;
  }

  private static void assertSamePixels(Image expected, Image actual) {
    assertEquals(expected.toString(), actual.toString());
    assertArrayEquals(expected.pixels(), actual.pixels());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void squaresComeBackAsATrainingWouldMakeThem(int channels) {
    Dataset noise = new Noise(20, channels, 1);
    Packer.Summary packed = packer(folder("packed")).shardBytes(2000).pack(noise);
    Dataset read = PackedImages.in(folder("packed"));
    assertEquals(new Packer.Summary(20, 0, packed.shards(), packed.bytes()), packed);
    assertTrue(packed.shards() > 1, "in several files: " + packed);
    assertEquals(20, read.size());
    assertEquals(channels, read.channels());
    assertEquals(List.of("tench, Tinca tinca", "naïve class", "crane"), read.classNames());
    ResizedImages fresh = ResizedImages.of(noise, 11);
    for (int i = 0; i < 20; i++) {
      assertEquals(noise.label(i), read.label(i));
      assertTrue(
          read.name(i).endsWith(".npy, image " + i + " (" + noise.name(i) + ")"), read.name(i));
      assertSamePixels(new Image(11, 11, channels, fresh.pixels(i)), read.image(i));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void wholeImagesKeepTheirProportions(int channels) {
    Dataset noise = new Noise(20, channels, 1);
    packer(folder("packed")).crop(Packer.Crop.FULL).shardBytes(2000).pack(noise);
    Dataset read = PackedImages.in(folder("packed"));
    for (int i = 0; i < 20; i++) {
      Image image = noise.image(i);
      double scale = 11.0 / Math.min(image.width(), image.height());
      int width = (int) Math.round(scale * image.width());
      int height = (int) Math.round(scale * image.height());
      assertEquals(11, Math.min(width, height));
      assertSamePixels(Resize.to(image, width, height), read.image(i));
    }
  }

  /** What is as large as a file by itself is not cut up, nor refused. */
  @Test
  void aShardHoldsAtLeastOneImage() {
    Packer.Summary packed = packer(folder("packed")).shardBytes(1).pack(new Noise(4, 3, 1));
    assertEquals(4, packed.shards());
    assertEquals(4, PackedImages.in(folder("packed")).size());
  }

  @Test
  void shardsStayWithinTheirSize() throws IOException {
    packer(folder("packed")).crop(Packer.Crop.FULL).shardBytes(4000).pack(new Noise(40, 3, 1));
    List<String> shards = new ArrayList<>(files(folder("packed")).keySet());
    shards.remove("index.tsv");
    for (String name : shards) {
      long size = Files.size(folder("packed").resolve(name));
      assertTrue(size <= 4000, name + " " + size);
      boolean last = name.equals(shards.get(shards.size() - 1));
      assertTrue(last || size > 2000, name + ": " + size + ", the next image had room in it");
    }
  }

  @Test
  void partsStayApart() {
    Noise train = new Noise(9, 3, 1);
    Noise validation = new Noise(6, 3, 2);
    packer(folder("packed")).pack(new Split(train, validation));
    Split read = PackedImages.split(folder("packed"), 0.5, 1);
    assertEquals(9, read.train().size());
    assertEquals(6, read.validation().size());
    byte[] expected = ResizedImages.of(validation, 11).pixels(0);
    assertArrayEquals(expected, read.validation().image(0).pixels());
    assertArrayEquals(expected, PackedImages.forTest(folder("packed")).image(0).pixels());
    assertRefused("packed", "open it as a split", () -> PackedImages.in(folder("packed")));
  }

  @Test
  void whatIsAllOneIsSplitAsBeforeItWasPacked() {
    Noise noise = new Noise(30, 3, 1);
    packer(folder("packed")).pack(noise);
    Split expected = noise.split(0.7, 5);
    Split read = PackedImages.split(folder("packed"), 0.7, 5);
    assertEquals(expected.validation().size(), read.validation().size());
    for (int i = 0; i < read.validation().size(); i++) {
      String name = expected.validation().name(i);
      assertTrue(read.validation().name(i).contains("(" + name + ")"), name);
    }
    assertEquals(30, PackedImages.forTest(folder("packed")).size());
  }

  @ParameterizedTest
  @EnumSource
  void threadsChangeNoByte(Packer.Crop crop) throws IOException {
    Dataset noise = new Noise(100, 3, 1, 17, 40);
    packer(folder("one")).crop(crop).threads(1).shardBytes(5000).pack(noise);
    packer(folder("five")).crop(crop).threads(5).shardBytes(5000).pack(noise);
    assertEquals(files(folder("one")), files(folder("five")));
  }

  @Test
  void imagesThatCannotBeReadAreLeftOutAndNamed() throws IOException {
    Packer.Summary packed = packer(folder("packed")).pack(new Noise(12, 3, 1, 4, 11));
    assertEquals(10, packed.images());
    assertEquals(2, packed.skipped());
    List<String> index = Files.readAllLines(folder("packed").resolve("index.tsv"));
    assertTrue(index.contains("skipped\tfolder/bild-ü 4.jpg: made to fail"), index.toString());
    assertTrue(index.contains("skipped\tfolder/bild-ü 11.jpg: made to fail"), index.toString());
    PackedImages read = PackedImages.in(folder("packed"));
    assertEquals(10, read.size());
    assertEquals(5 % 3, read.label(4), "the next takes its place");
  }

  @Test
  void aClassOfWhichNothingCanBeReadIsRefused() {
    DatasetException refused =
        assertThrows(
            DatasetException.class, () -> packer(folder("packed")).pack(new Noise(6, 3, 1, 2, 5)));
    assertTrue(refused.getMessage().contains("class 'crane'"), refused.getMessage());
    assertTrue(refused.getMessage().contains("bild-ü 5.jpg: made to fail"), refused.getMessage());
    assertFalse(Files.exists(folder("packed")));
    assertFalse(Files.exists(folder("packed.part")), "what was begun is removed");
  }

  /** A line of pixels would grow to a strip that fills the memory. */
  @Test
  void anImageTooNarrowToBeKeptWholeIsLeftOut() throws IOException {
    int[] widths = {1000, 17, 16};
    Dataset lines =
        new Dataset() {
          @Override
          public int size() {
            return widths.length;
          }

          @Override
          public int channels() {
            return 1;
          }

          @Override
          public List<String> classNames() {
            return List.of("line");
          }

          @Override
          public int label(int index) {
            return 0;
          }

          @Override
          public String name(int index) {
            return "line " + index;
          }

          @Override
          public Image image(int index) {
            return new Image(widths[index], 1, 1, new byte[widths[index]]);
          }
        };
    Packer.Summary packed =
        Packer.to(folder("packed")).crop(Packer.Crop.FULL).side(256).pack(lines);
    assertEquals(1, packed.images());
    assertEquals(2, packed.skipped());
    String index = Files.readString(folder("packed").resolve("index.tsv"));
    assertTrue(index.contains("skipped\tline 0: 256000×256 pixels"), index);
  }

  // ---- batches

  @Test
  void whatLiesReadyIsNotKeptASecondTime() {
    packer(folder("packed")).pack(new Noise(30, 3, 1));
    Dataset part = PackedImages.split(folder("packed"), 0.5, 1).train(); // a subset
    ResizedImages ready = ResizedImages.of(part, 11);
    assertFalse(ready.keeps());
    ready.pixels(0);
    assertEquals(0, ready.cachedBytes());
    ResizedImages smaller = ResizedImages.of(part, 7);
    assertTrue(smaller.keeps());
    assertArrayEquals(Resize.square(part.image(0), 7).pixels(), smaller.pixels(0));
    assertEquals(7 * 7 * 3, smaller.cachedBytes());
    ResizedImages grey = ResizedImages.of(part, 11).channels(1);
    grey.pixels(0);
    assertEquals(11 * 11, grey.cachedBytes(), "what had to be converted is kept");
  }

  @Test
  void neitherAreImagesThatAreInMemoryAnyway() {
    RawImages raw = new RawImages("raw", 4, 4, 1, new byte[16], new byte[1], List.of("class"));
    assertFalse(ResizedImages.of(raw, 4).keeps());
    assertTrue(ResizedImages.of(raw, 5).keeps());
  }

  @Test
  void ofAWholeImageTheCentreIsTaken() {
    packer(folder("packed")).crop(Packer.Crop.FULL).pack(new Noise(9, 3, 1));
    PackedImages read = PackedImages.in(folder("packed"));
    ResizedImages squares = ResizedImages.of(read, 11);
    for (int i = 0; i < 9; i++) {
      assertArrayEquals(read.image(i).centreSquare().pixels(), squares.pixels(i));
    }
    assertEquals(0, squares.cachedBytes());
  }

  // ---- damage

  private Path packed(String name, int seed) {
    packer(folder(name)).shardBytes(4000).pack(new Noise(30, 3, seed));
    return folder(name);
  }

  private static void flip(Path file, long at) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[(int) (at < 0 ? bytes.length + at : at)] ^= 4;
    Files.write(file, bytes);
  }

  @Test
  void aByteThatChangedIsFoundWhenItsImageIsRead() throws IOException {
    Path folder = packed("packed", 1);
    flip(folder.resolve("all-00001.npy"), -1);
    PackedImages read = PackedImages.in(folder);
    int last = -1; // of the second shard
    for (int i = 0; i < read.size(); i++) {
      last = read.name(i).contains("all-00001.npy") ? i : last;
    }
    int damaged = last;
    ImageException thrown = assertThrows(ImageException.class, () -> read.image(damaged));
    String message = thrown.getMessage();
    assertTrue(message.contains("all-00001.npy, image " + damaged + " ("), message);
    assertTrue(message.contains("its checksum does not match"), message);
    read.image(damaged - 1);
    read.image(damaged + 1);
  }

  @Test
  void theFirstImageOfAShardIsCheckedWhenItIsOpened() throws IOException {
    Path folder = packed("packed", 1);
    flip(folder.resolve("all-00002.npy"), 128);
    assertRefused("all-00002.npy", "of another index", () -> PackedImages.in(folder));
  }

  @Test
  void shardsOfAnotherPackAreRefused() throws IOException {
    Path folder = packed("packed", 1);
    Path other = packed("other", 2);
    Path shard = folder.resolve("all-00001.npy");
    Files.delete(shard);
    Files.copy(other.resolve("all-00001.npy"), shard);
    assertRefused("all-00001.npy", "of another index", () -> PackedImages.in(folder));
  }

  @Test
  void aShardThatIsCutOffOrMissingIsRefused() throws IOException {
    Path folder = packed("packed", 1);
    Path shard = folder.resolve("all-00001.npy");
    long size = Files.size(shard);
    try (FileChannel channel = FileChannel.open(shard, StandardOpenOption.WRITE)) {
      channel.truncate(size - 1);
    }
    assertRefused(
        shard, "has " + (size - 1) + " bytes, not the " + size, () -> PackedImages.in(folder));
    Files.delete(shard);
    assertRefused(shard, "missing", () -> PackedImages.in(folder));
  }

  @Test
  void aShardWithAnotherHeaderIsRefused() throws IOException {
    Path folder = packed("packed", 1);
    flip(folder.resolve("all-00000.npy"), 70);
    assertRefused("all-00000.npy", "its header", () -> PackedImages.in(folder));
  }

  @Test
  void aDamagedIndexIsRefused() throws IOException {
    Path folder = packed("packed", 1);
    Path index = folder.resolve("index.tsv");
    byte[] whole = Files.readAllBytes(index);
    for (int at = 0; at < whole.length; at += 13) {
      flip(index, at);
      assertThrows(DatasetException.class, () -> PackedImages.in(folder), "byte " + at);
      Files.write(index, whole);
    }
    for (int length = 0; length < whole.length; length += 11) {
      Files.write(index, Arrays.copyOf(whole, length));
      assertThrows(DatasetException.class, () -> PackedImages.in(folder), "cut at " + length);
    }
  }

  /** Replaces the index's text, under a checksum that is right. */
  private static void rewrite(Path folder, UnaryOperator<String> change) throws IOException {
    Path index = folder.resolve("index.tsv");
    String text = Files.readString(index);
    String body = change.apply(text.substring(0, text.lastIndexOf(PackedFormat.CHECKSUM)));
    Files.writeString(
        index, body + PackedFormat.checksumLine(PackedFormat.checksum(body.getBytes(UTF_8))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "alexnet-packed\t1   | alexnet-packed\t2 | of version 2 of the format",
        "alexnet-packed      | something-else    | not an index of packed images",
        "shard\tall-         | shard\t../all-    | , line 6: not as version 1 has it",
        "shard\tall-         | shard\ttrain-     | not as version 1 has it",
        "image\t0\t128\t11   | image\t3\t128\t11 | , line 7: not as version 1 has it",
        "image\t0\t128\t11   | image\t0\t129\t11 | , line 7: not as version 1 has it",
        "image\t0\t128\t11   | image\t0\t128\t12 | not as version 1 has it",
        "image\t0\t128\t11   | image\tx\t128\t11 | , line 7: not as version 1 has it",
        "image\t0\t128\t11   | picture\t0\t128   | , line 7: not as version 1 has it",
        "shard\tall-00000    | skipped\tall      | , line 7: not as version 1 has it",
        "centre\t3           | centre\t4         | , line 2: not as version 1 has it",
        "images\t11          | images\t0         | , line 2: not as version 1 has it",
        "images\t.*          | skipped\tall      | not as version 1 has it",
        "(images\t.*\\R)      | $1$1             | , line 3: not as version 1 has it",
        "(?s)image\t.*(?=\\n) | skipped           | not as version 1 has it",
      })
  void anIndexOfAnotherFormIsRefused(String from, String to, String words) throws IOException {
    Path folder = packed("packed", 1);
    rewrite(folder, text -> text.replaceFirst(from, to));
    assertRefused("index.tsv", words, () -> PackedImages.in(folder));
  }

  @Test
  void anIndexOfMoreClassesThanAreKeptIsRefused() throws IOException {
    Path folder = packed("packed", 1);
    rewrite(folder, text -> text + "class\tcat\n".repeat(500_001));
    assertRefused("index.tsv", "more than 500000 classes", () -> PackedImages.in(folder));
  }

  @Test
  void anIndexThatCannotBeMappedIsRefused() throws IOException {
    Path folder = packed("packed", 1);
    Path index = folder.resolve("index.tsv");
    try (RandomAccessFile file = new RandomAccessFile(index.toFile(), "rw")) {
      file.setLength(1L << 31);
    }
    assertRefused(index, "2 GB or more", () -> PackedImages.in(folder));
  }

  @Test
  void moreNamesThanAnIndexCanHoldAreNotBegun() {
    String name = "n".repeat(1 << 20);
    Dataset named =
        new ForwardingDataset(new Noise(2050, 3, 1)) {
          @Override
          public String name(int index) {
            return name;
          }

          @Override
          public Image image(int index) {
            throw new AssertionError("not begun");
          }
        };
    assertRefused(folder("packed"), "too many images", () -> packer(folder("packed")).pack(named));
    assertFalse(Files.exists(folder("packed.part")));
  }

  @Test
  void anotherFolderIsRefused() throws IOException {
    Path empty = Files.createDirectory(folder("empty"));
    assertRefused(empty, "not a folder of packed images", () -> PackedImages.in(empty));
    assertRefused(folder("none"), "not a folder of packed", () -> PackedImages.in(folder("none")));
  }

  // ---- interrupted packing

  @Test
  void packingThatEndsHalfWayLeavesNothing() {
    Packer packer =
        packer(folder("packed"))
            .shardBytes(1000)
            .progress(
                (done, images) -> {
                  if (done == 10) {
                    throw new IllegalStateException("stopped at " + done + " of " + images);
                  }
                });
    Exception stopped =
        assertThrows(IllegalStateException.class, () -> packer.pack(new Noise(30, 3, 1)));
    assertEquals("stopped at 10 of 30", stopped.getMessage());
    assertFalse(Files.exists(folder("packed")));
    assertFalse(Files.exists(folder("packed.part")));
  }

  /** As it looks when the machine lost power: shards, and an index that is half written. */
  @Test
  void packingThatWasKilledIsToldAndBegunAnew() throws IOException {
    packed("expected", 1);
    packed("packed", 1);
    Files.move(folder("packed"), folder("packed.part"));
    Files.writeString(folder("packed.part").resolve("all-00009.npy"), "more than will be");
    assertRefused(
        folder("packed"), "packing was not finished", () -> PackedImages.in(folder("packed")));
    packed("packed", 1);
    assertEquals(files(folder("expected")), files(folder("packed")));
    assertFalse(Files.exists(folder("packed.part")));
  }

  @Test
  void twoCannotPackIntoTheSameFolder() {
    List<String> refusals = new ArrayList<>();
    Packer.Summary summary =
        packer(folder("packed"))
            .progress(
                (done, images) -> {
                  if (done == 3) {
                    try {
                      packed("packed", 1);
                    } catch (DatasetException e) {
                      refusals.add(e.getMessage());
                    }
                  }
                })
            .pack(new Noise(30, 3, 1));
    assertEquals(30, summary.images());
    assertEquals(1, refusals.size());
    assertTrue(refusals.get(0).endsWith("packed.part: is being packed to at this moment"));
    assertEquals(30, PackedImages.in(folder("packed")).size());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 15, 30})
  void anInterruptedThreadStopsPacking(int when) {
    Packer packer =
        packer(folder("packed"))
            .shardBytes(4000)
            .progress(
                (done, images) -> {
                  if (done == when) {
                    Thread.currentThread().interrupt();
                  }
                });
    if (when == 0) {
      Thread.currentThread().interrupt();
    }
    Exception stopped =
        assertThrows(UncheckedIOException.class, () -> packer.pack(new Noise(30, 3, 1)));
    assertTrue(Thread.interrupted(), "the interruption is passed on");
    assertEquals("interrupted while packing", stopped.getMessage());
    assertFalse(Files.exists(folder("packed.part")));
  }

  @Test
  void anInterruptedThreadDoesNotTakeTheFilesForBad() {
    packed("packed", 1);
    Thread.currentThread().interrupt();
    String message =
        assertThrows(UncheckedIOException.class, () -> PackedImages.in(folder("packed")))
            .getMessage();
    assertTrue(Thread.interrupted(), "the interruption is passed on");
    assertEquals("interrupted while opening " + folder("packed/index.tsv"), message);
  }

  @Test
  void aPartThatIsTakenAwayIsNamed() {
    Packer packer =
        packer(folder("packed"))
            .shardBytes(1000)
            .progress((done, images) -> move(folder("packed.part"), folder("elsewhere")));
    assertRefused(
        folder("packed"), "all-00001.npy is missing", () -> packer.pack(new Noise(30, 3, 1)));
  }

  private static void move(Path from, Path to) {
    try {
      if (Files.exists(from)) {
        Files.move(from, to);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void threadsEndWithThePacking() {
    packed("packed", 1);
    assertTrue(
        Thread.getAllStackTraces().keySet().stream()
            .noneMatch(thread -> thread.getName().equals("alexnet-pack")));
  }

  // ---- where to

  @Test
  void aFolderThatIsNotEmptyIsRefused() throws IOException {
    Path folder = packed("packed", 1);
    Map<String, String> before = files(folder);
    assertRefused(folder, "is not empty", () -> packed("packed", 2));
    assertEquals(before, files(folder));
    Files.createDirectory(folder("empty"));
    packed("empty", 1);
    assertEquals(before, files(folder("empty")));
  }

  @Test
  void aPartOfSomethingElseIsLeftAlone() throws IOException {
    Path part = Files.createDirectory(folder("packed.part"));
    Files.writeString(part.resolve("all-00000.npy"), "a shard");
    Files.writeString(part.resolve("weights.npy"), "somebody's");
    Map<String, String> before = files(part);
    assertRefused(part, "move it away", () -> packed("packed", 1));
    assertEquals(before, files(part));
    assertFalse(Files.exists(folder("packed")));
    Path file = Files.writeString(folder("file.part"), "somebody's");
    assertRefused(file, "move it away", () -> packed("file", 1));
    Path link = Files.createSymbolicLink(folder("link.part"), Files.createDirectory(folder("x")));
    assertRefused(link, "move it away", () -> packed("link", 1));
  }

  @Test
  void aLinkToAFolderStaysOne() throws IOException {
    Path elsewhere = Files.createDirectories(folder("elsewhere/packed"));
    Path link = Files.createSymbolicLink(folder("link"), elsewhere);
    packed("link", 1);
    assertTrue(Files.isSymbolicLink(link));
    assertEquals(30, PackedImages.in(elsewhere).size());
  }

  @Test
  void anEmptyFolderOutlivesPackingThatFails() throws IOException {
    Path empty = Files.createDirectory(folder("packed"));
    assertThrows(DatasetException.class, () -> packer(empty).pack(new Noise(6, 3, 1, 2, 5)));
    assertTrue(Files.isDirectory(empty));
  }

  /** Hours of work are not thrown away for a name. */
  @Test
  void whatCannotGetItsNameStaysAsThePart() throws IOException {
    Path folder = Files.createDirectory(folder("packed"));
    Packer packer =
        packer(folder)
            .progress(
                (done, images) -> {
                  if (done == images) {
                    move(folder("other"), folder.resolve("other"));
                  }
                });
    Files.writeString(folder("other"), "somebody's");
    assertRefused(
        "packed.part: is whole", "it is not empty", () -> packer.pack(new Noise(30, 3, 1)));
    assertEquals(30, PackedImages.in(folder("packed.part")).size());
    assertEquals(1, files(folder).size());
  }

  @Test
  void aFolderThatCannotBeWrittenIsRefused() throws IOException {
    Path file = Files.createFile(folder("file"));
    assertRefused(file, "cannot be written: it is a file", () -> packed("file", 1));
    assertRefused(file, "cannot be written", () -> packed("file/packed", 1));
  }

  @Test
  void whatTheDiskHasNoRoomForIsNotBegun() {
    Dataset huge = new Noise(Integer.MAX_VALUE, 3, 1);
    Packer packer = Packer.to(folder("packed")).side(8192); // 432 PB
    assertRefused(folder("packed"), "432345564.0 GB are needed", () -> packer.pack(huge));
    assertFalse(Files.exists(folder("packed.part")));
  }

  @Test
  void optionsOutOfRangeAreRefused() {
    Packer packer = Packer.to(folder("packed"));
    assertThrows(IllegalArgumentException.class, () -> packer.side(0));
    assertThrows(IllegalArgumentException.class, () -> packer.side(8193));
    assertThrows(IllegalArgumentException.class, () -> packer.threads(0));
    assertThrows(IllegalArgumentException.class, () -> packer.shardBytes(0));
    assertThrows(IllegalArgumentException.class, () -> packer.shardBytes(1L << 31));
    Split mixed = new Split(new Noise(3, 3, 1), new Noise(3, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> packer.pack(mixed));
  }
}
