package io.alexnet.data.source;

import static io.alexnet.data.source.DatasetAssertions.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.alexnet.data.Dataset;
import io.alexnet.data.Split;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageListTest {

  @TempDir Path root;

  @BeforeEach
  void someImages() throws IOException {
    Files.createDirectory(root.resolve("my photos"));
    for (String name : List.of("a.png", "b.png", "my photos/c 1.png")) {
      BufferedImage image = new BufferedImage(4, 3, BufferedImage.TYPE_INT_RGB);
      ImageIO.write(image, "png", root.resolve(name).toFile());
    }
  }

  private Path list(String name, String... lines) throws IOException {
    return Files.writeString(root.resolve(name), String.join("\n", lines) + "\n");
  }

  private static int[] labels(Dataset dataset) {
    return IntStream.range(0, dataset.size()).map(dataset::label).toArray();
  }

  @Test
  void numbersAreLabels() throws IOException {
    Dataset dataset = ImageList.in(list("l.txt", "b.png 1", "", "my photos/c 1.png 0", "a.png\t1"));
    assertArrayEquals(new int[] {1, 0, 1}, labels(dataset));
    assertEquals(List.of("0", "1"), dataset.classNames());
    assertEquals(root.resolve("my photos/c 1.png").toString(), dataset.name(1));
    assertEquals("Image 4×3×3", dataset.image(1).toString());
  }

  @Test
  void namesAreNumberedAlphabetically() throws IOException {
    Path absolute = root.resolve("b.png").toAbsolutePath();
    Dataset dataset =
        ImageList.in(
            list("l.txt", "a.png tulip", "my photos/c 1.png\tred rose", absolute + " tulip"));
    assertArrayEquals(new int[] {1, 0, 1}, labels(dataset));
    assertEquals(List.of("red rose", "tulip"), dataset.classNames());
  }

  /** As Caffe's lists of ImageNet go with its synset_words.txt; here two classes have no image. */
  @Test
  void numbersAreLinesOfTheFileOfClassNames() throws IOException {
    list("synset_words.txt", "n01 tench", "n02 goldfish", "n03 shark", "n04 ray");
    Dataset dataset = ImageList.in(list("l.txt", "a.png 2", "b.png 0"));
    assertArrayEquals(new int[] {2, 0}, labels(dataset));
    assertEquals(List.of("tench", "goldfish", "shark", "ray"), dataset.classNames());
    Path wrong = list("m.txt", "a.png 3", "b.png 4");
    assertRefused(wrong, ", line 2: label 4 must be from 0 to 3", () -> ImageList.in(wrong));
  }

  @Test
  void synsetsAreNamedByTheFileOfClassNames() throws IOException {
    list("synset_words.txt", "n02 goldfish", "n01 tench");
    Dataset dataset = ImageList.in(list("l.txt", "a.png n02", "b.png n01"));
    assertEquals(List.of("tench", "goldfish"), dataset.classNames());
    assertArrayEquals(new int[] {1, 0}, labels(dataset));
  }

  @Test
  void aFolderHasAListForEachPart() throws IOException {
    list("train.txt", "a.png cat", "b.png dog");
    list("val.txt", "my photos/c 1.png dog");
    Split split = ImageList.split(root, 0.5, 1);
    assertArrayEquals(new int[] {0, 1}, labels(split.train()));
    assertArrayEquals(new int[] {1}, labels(split.validation()));
    assertEquals(List.of("cat", "dog"), split.validation().classNames());
    assertArrayEquals(new int[] {1}, labels(ImageList.forTest(root)));
    assertEquals(List.of("cat", "dog"), ImageList.forTest(root).classNames());
    Path val = list("val.txt", "a.png cat", "b.png owl");
    assertRefused(val, ", line 2: class 'owl' is not in train.txt", () -> ImageList.forTest(root));
    Files.delete(val);
    assertRefused(val, "no such list", () -> ImageList.split(root, 0.5, 1));
  }

  @Test
  void oneListIsSplitAtRandom() throws IOException {
    Path list = list("l.txt", "a.png 0", "b.png 0");
    Split split = ImageList.split(list, 0.5, 1);
    assertEquals(1, split.train().size());
    assertEquals(1, split.validation().size());
    assertEquals(2, ImageList.forTest(list).size());
  }

  @Test
  void filesThatCannotBeReadAreLeftOut() throws IOException {
    Files.createFile(root.resolve("empty.png"));
    Dataset dataset = ImageList.in(list("l.txt", "empty.png 0", "a.png 0", "b.png 1"));
    assertArrayEquals(new int[] {0, 1}, labels(dataset));
    Path none = list("m.txt", "a.png 0", "empty.png 1");
    assertRefused(none, "none of the images of class '1' can be read", () -> ImageList.in(none));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a.png 0;b.png          | , line 2: expected a path and a label, not 'b.png'",
        "a.png 0;none.png 1     | , line 2: no such file: ",
        "a.png 0;;my photos 1   | , line 3: no such file: ", // a folder
        "a.png 0;b.png cat      | , line 2: label 'cat' is not a number",
        "a.png 0;b.png -1       | , line 2: label -1 must be 0 or more",
        "a.png -1               | , line 1: label -1 must be 0 or more",
        "a.png 9999999999       | , line 1: label 9999999999 must be 0 or more",
        "a.png 0;b.png 2        | labels go up to 2 but none is 1",
        "a.png 0;b.png 2000000000 | labels go up to 2000000000 but none is 1",
        "a.png 1                | labels go up to 1 but none is 0",
        "a.png 0;b\0.png 1      | , line 2: not a path",
        "''                     | has no lines"
      })
  void linesThatAreWrongAreRefused(String lines, String words) throws IOException {
    Path list = list("l.txt", lines.split(";"));
    assertRefused(list, words, () -> ImageList.in(list));
  }

  /** As of a file that is no list at all. */
  @Test
  void aLineWithoutAnEndIsNotRead() throws IOException {
    Path list = root.resolve("list.txt");
    Files.writeString(list, "a.jpg 0\n" + "x".repeat(70_000));
    assertRefused(list, "a line of more than 65536 characters", () -> ImageList.in(list));
  }

  @Test
  void aListThatIsNotThereIsRefused() {
    assertRefused("none.txt", "no such list", () -> ImageList.in(root.resolve("none.txt")));
  }
}
