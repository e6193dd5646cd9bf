package io.alexnet.data.source;

import static io.alexnet.data.source.DatasetAssertions.assertRefused;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.alexnet.data.ChildJvm;
import io.alexnet.data.Dataset;
import io.alexnet.data.DatasetException;
import io.alexnet.data.Split;
import io.alexnet.data.image.ImageDecoder;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageFolderTest {

  @TempDir Path root;

  private Path image(String path) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    BufferedImage image = new BufferedImage(20, 10, BufferedImage.TYPE_INT_RGB);
    IntStream.range(0, 200).forEach(i -> image.setRGB(i % 20, i / 20, i * 0x20406));
    String format = path.substring(path.lastIndexOf('.') + 1).toLowerCase();
    assertTrue(ImageIO.write(image, format, file.toFile()));
    return file;
  }

  private Path file(String path, byte[] content) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    return Files.write(file, content);
  }

  private List<String> names(Dataset dataset) {
    return IntStream.range(0, dataset.size())
        .mapToObj(i -> root.relativize(Path.of(dataset.name(i))).toString().replace('\\', '/'))
        .toList();
  }

  @Test
  void classesAndFilesComeInAlphabeticalOrder() throws IOException {
    image("b/2.png");
    image("b/1.jpg");
    image("b/deep/er/3.JPG");
    image("a/9.bmp");
    image("b/.hidden.png");
    image("b/.cache/4.png");
    image(".git/5.png");
    file("b/notes.txt", new byte[] {1});
    file("readme.md", new byte[] {1});
    Dataset dataset = ImageFolder.in(root);
    assertEquals(List.of("a", "b"), dataset.classNames());
    assertEquals(List.of("a/9.bmp", "b/1.jpg", "b/2.png", "b/deep/er/3.JPG"), names(dataset));
    assertEquals(0, dataset.label(0));
    assertEquals(1, dataset.label(3));
    assertEquals("Image 20×10×3", dataset.image(2).toString());
  }

  @Test
  void capitalsComeFirstOnEverySystem() throws IOException {
    image("apple/a.png");
    image("apple/B.png");
    image("Zebra/1.png");
    Dataset dataset = ImageFolder.in(root);
    assertEquals(List.of("Zebra", "apple"), dataset.classNames());
    assertEquals(List.of("Zebra/1.png", "apple/B.png", "apple/a.png"), names(dataset));
  }

  @Test
  @DisabledOnOs({OS.MAC, OS.WINDOWS}) // where names of files are not in the locale's encoding
  void aFolderWhoseNameJavaCannotReadIsRefused() throws Exception {
    ProcessBuilder make =
        new ProcessBuilder("sh", "-c", "mkdir \"$(printf 'caf\\303\\251')\"; mkdir plain");
    int made;
    try {
      made = make.directory(root.toFile()).start().waitFor();
    } catch (IOException e) {
      made = -1;
    }
    assumeTrue(made == 0, "no sh here");
    ProcessBuilder child =
        ChildJvm.of(System.getProperty("java.class.path"), Opening.class.getName(), "" + root);
    child.environment().put("LC_ALL", "C");
    String said = ChildJvm.output(child);
    assertTrue(said.startsWith(root.toString()), said);
    assertTrue(said.endsWith("start it with LC_ALL=C.UTF-8"), said);
  }

  /** Opens a folder in a locale of its own. */
  static final class Opening {

    private Opening() {}

    public static void main(String[] arguments) {
      try {
        System.out.println(ImageFolder.in(Path.of(arguments[0])));
      } catch (DatasetException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  @Test
  void filesThatCannotBeReadAreSkippedWithOneWarningThatCountsThem() throws IOException {
    image("a/good.png");
    Path whole = image("b/good.jpg");
    file("a/text.jpg", "no image".getBytes());
    file("a/zero.png", new byte[0]);
    byte[] jpeg = Files.readAllBytes(whole);
    file("b/truncated.jpg", Arrays.copyOf(jpeg, jpeg.length / 2));
    Files.createSymbolicLink(root.resolve("b/gone.jpg"), root.resolve("nothing"));
    PrintStream err = System.err;
    ByteArrayOutputStream logged = new ByteArrayOutputStream();
    System.setErr(new PrintStream(logged, true));
    Dataset dataset;
    try {
      dataset = ImageFolder.in(root);
    } finally {
      System.setErr(err);
    }
    assertEquals(List.of("a/good.png", "b/good.jpg"), names(dataset));
    assertEquals(1, dataset.label(1));
    String warning = logged.toString();
    assertTrue(warning.contains("skipped 4 of 6 images"), warning);
    assertTrue(warning.contains("truncated.jpg: the file is truncated"), warning);
    assertTrue(warning.contains("gone.jpg: a link to nothing"), warning);
    assertEquals(1, warning.lines().count());
  }

  @Test
  void decodingAllFindsWhatIsGarbledInside() throws IOException {
    image("a/good.png");
    Path garbled = image("a/garbled.jpg");
    byte[] content = Files.readAllBytes(garbled);
    byte[] gap = Arrays.copyOf(content, content.length - 6); // coded data is missing before the end
    System.arraycopy(content, content.length - 2, gap, gap.length - 2, 2);
    Files.write(garbled, gap);
    assertEquals(2, ImageFolder.in(root).size());
    Dataset decoded = ImageFolder.in(root, new ImageDecoder(), ImageFolder.Check.DECODE);
    assertEquals(List.of("a/good.png"), names(decoded));
  }

  @Test
  void trainAndValidationFoldersMakeASplit() throws IOException {
    image("train/x/1.png");
    image("train/y/2.png");
    image("train/y/3.png");
    image("val/x/4.png");
    image("val/y/5.png");
    Split split = ImageFolder.split(root, 0.5, 1);
    assertEquals(3, split.train().size());
    assertEquals(2, split.validation().size());
    assertRefused(root, "open it as a split", () -> ImageFolder.in(root));
    assertEquals(List.of("val/x/4.png", "val/y/5.png"), names(ImageFolder.forTest(root)));
    image("val/z/6.png");
    assertRefused(root, "class 'z' is in val only", () -> ImageFolder.split(root, 0.5, 1));
  }

  @Test
  void aTestFolderBesideValidationIsForTheEndAlone() throws IOException {
    for (String part : List.of("train", "test", "valid")) {
      image(part + "/x/1.png");
      image(part + "/y/2.png");
    }
    assertEquals(
        List.of("valid/x/1.png", "valid/y/2.png"),
        names(ImageFolder.split(root, 0.5, 1).validation()));
    assertEquals(List.of("test/x/1.png", "test/y/2.png"), names(ImageFolder.forTest(root)));
    assertTrue(ImageFolder.hasTest(root));
    assertEquals(List.of("valid/x/1.png", "valid/y/2.png"), names(ImageFolder.validation(root)));
  }

  @Test
  void theTestFoldersClassesAreThoseOfTrain() throws IOException {
    for (String part : List.of("train", "val")) {
      image(part + "/x/1.png");
      image(part + "/y/2.png");
    }
    Path flat = image("test/1.png"); // as ImageNet's, whose labels nobody has
    assertFalse(ImageFolder.hasTest(root));
    assertEquals(List.of("val/x/1.png", "val/y/2.png"), names(ImageFolder.forTest(root)));
    Files.delete(flat);
    image("test/y/3.png");
    Dataset test = ImageFolder.forTest(root);
    assertEquals(List.of("test/y/3.png"), names(test));
    assertEquals(1, test.label(0));
    assertEquals(List.of("x", "y"), test.classNames());
    image("test/z/4.png");
    assertRefused(root, "class 'z' is in test only", () -> ImageFolder.forTest(root));
  }

  @Test
  void partsUnderOtherNamesAreNoClasses() throws IOException {
    image("Training/x/1.png");
    image("Test/x/2.png");
    assertRefused(root, "Test and Training look like parts", () -> ImageFolder.in(root));
    assertRefused(root, "look like parts", () -> ImageFolder.split(root, 0.5, 1));
    assertRefused(root, "look like parts", () -> ImageFolder.forTest(root));
    image("tram/3.png");
    assertEquals(3, ImageFolder.in(root).size());
  }

  @Test
  void classesMayBeginLikeParts() throws IOException {
    image("developed/1.png");
    image("test_positive/2.png");
    assertEquals(2, ImageFolder.in(root).size());
  }

  @Test
  void aFileThatTheDiskDoesNotGiveIsNoBadImage() throws IOException {
    image("a/1.png");
    Path loop = root.resolve("a/2.png"); // stands for a disk that fails: an error of its own
    Files.createSymbolicLink(loop, loop);
    assertRefused(loop, "cannot be read", () -> ImageFolder.in(root));
    Dataset unseen = ImageFolder.in(root, new ImageDecoder(), ImageFolder.Check.NONE);
    Packer packer = Packer.to(root.resolve("packed")).side(8);
    assertRefused(loop, "cannot be read", () -> packer.pack(unseen));
  }

  @Test
  void aLinkToNothingInTheRootMayHaveBeenAClass() throws IOException {
    image("a/1.png");
    image("b/2.png");
    Path gone = Files.createSymbolicLink(root.resolve("aa"), root.resolve("nowhere"));
    assertRefused(gone, "a link to nothing", () -> ImageFolder.in(root));
  }

  @Test
  void withoutThemTheSplitIsRandom() throws IOException {
    for (int i = 0; i < 10; i++) {
      image("train/" + i + ".png"); // a class of trains
      image("bus/" + i + ".png");
    }
    assertEquals(20, ImageFolder.forTest(root).size());
    Split split = ImageFolder.split(root, 0.8, 1);
    assertEquals(16, split.train().size());
    assertEquals(List.of("bus", "train"), split.train().classNames());
  }

  @Test
  void foldersThatAreNoDatasetAreRefused() throws IOException {
    Path missing = root.resolve("missing");
    assertRefused(missing, "no such folder", () -> ImageFolder.in(missing));
    assertRefused(root, "holds no folders", () -> ImageFolder.in(root));
    image("a/1.png");
    Path empty = Files.createDirectory(root.resolve("empty"));
    assertRefused(empty, "holds no images", () -> ImageFolder.in(root));
    file("empty/zero.jpg", new byte[0]);
    assertRefused(
        root, "none of the images of class 'empty' can be read", () -> ImageFolder.in(root));
  }

  @Test
  void foldersWithoutACheckKeepWhatCannotBeRead() throws IOException {
    image("a/1.png");
    file("a/zero.png", new byte[0]);
    Dataset dataset = ImageFolder.in(root, new ImageDecoder(), ImageFolder.Check.NONE);
    assertEquals(2, dataset.size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"LOC_synset_mapping.txt", "synset_words.txt"})
  void aFileInTheRootNamesTheClasses(String name) throws IOException {
    image("train/n02/1.png");
    image("train/n01/2.png");
    image("val/n01/3.png");
    image("val/n02/4.png");
    // In another order than the folders, with a class more, and with Windows' ends of lines.
    file(name, "n02 crane\r\nn01\ttench, Tinca tinca\r\n\r\nn03 drake\r\n".getBytes(UTF_8));
    List<String> expected = List.of("tench, Tinca tinca", "crane");
    Split split = ImageFolder.split(root, 0.5, 1);
    assertEquals(expected, split.train().classNames());
    assertEquals(expected, split.validation().classNames());
    assertEquals(expected, ImageFolder.forTest(root).classNames());
    assertEquals(0, split.train().label(0));
    assertEquals(List.of("train/n01/2.png", "train/n02/1.png"), names(split.train()));
  }

  @Test
  void aClassFolderWithSpacesIsNamedBehindATab() throws IOException {
    image("lily of the valley/1.png");
    file("synset_words.txt", "lily of the valley\tConvallaria majalis".getBytes(UTF_8));
    assertEquals(List.of("Convallaria majalis"), ImageFolder.in(root).classNames());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "n01 tench\\nn02         | , line 2: expected a class's folder and its name, not 'n02'",
        "n01 tench\\n\\nn01 crane | , line 3: a second name for class n01",
        "n01 tench              | no line for class n02",
        "n01 tench\\nn02 cr\u00E4ne  | , line 2: not UTF-8",
        "''                      | has no lines"
      })
  void aFileOfClassNamesThatIsWrongIsRefused(String content, String words) throws IOException {
    image("n01/1.png");
    image("n02/1.png");
    byte[] bytes = content.replace("\\n", "\n").getBytes(ISO_8859_1);
    assertRefused(file("synset_words.txt", bytes), words, () -> ImageFolder.in(root));
  }

  /** Such as another user's trash, or a cache that links to itself. */
  @Test
  void hiddenFoldersAreNotEntered() throws IOException {
    Path photos = Files.createDirectories(root.resolve("photos"));
    Path hidden = Files.createDirectories(photos.resolve("deep/.cache"));
    Files.createSymbolicLink(hidden.resolve("loop"), photos);
    Files.createFile(hidden.resolve("a.jpg"));
    Files.createFile(photos.resolve("deep/b.jpg"));
    Files.createFile(photos.resolve("a.png"));
    assertEquals(
        List.of(photos.resolve("a.png"), photos.resolve("deep/b.jpg")), ImageFolder.files(photos));
    Files.createSymbolicLink(photos.resolve("loop"), photos);
    assertRefused(photos, "cannot be listed", () -> ImageFolder.files(photos));
  }
}
