package io.alexnet.data.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.alexnet.data.ChildJvm;
import io.alexnet.data.image.ImageDecoder;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sound image that the heap has no room for is an error, not a bad file to be left out. */
class SmallHeapTest {

  @TempDir Path temporary;

  @Test
  void noImageIsLeftOutForWantOfHeap() throws Exception {
    Path photos = temporary.resolve("photos");
    Path folder = Files.createDirectories(photos.resolve("class"));
    ImageIO.write(image(16), "png", folder.resolve("a.png").toFile());
    Path large = folder.resolve("large.png");
    ImageIO.write(image(4000), "png", large.toFile()); // 48 MB, and as much to decode
    Path packed = temporary.resolve("packed");
    ProcessBuilder child =
        ChildJvm.of(
            System.getProperty("java.class.path"),
            "-Xmx40m",
            "-Djava.util.concurrent.ForkJoinPool.common.parallelism=2",
            Child.class.getName(),
            photos.toString(),
            packed.toString());
    String expected =
        "out of heap while decoding " + large + ": take fewer threads or a larger -Xmx";
    assertEquals(
        List.of("DatasetException " + expected, "OutOfMemoryError " + expected),
        ChildJvm.output(child).lines().toList());
    assertFalse(Files.exists(packed));
    assertFalse(Files.exists(temporary.resolve("packed.part")));
  }

  private static BufferedImage image(int side) {
    return new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
  }

  /** Opens a folder with all images decoded, then packs it; tells what comes of each. */
  static final class Child {

    private Child() {}

    public static void main(String[] arguments) throws IOException {
      Path photos = Path.of(arguments[0]);
      tell(() -> ImageFolder.in(photos, new ImageDecoder(), ImageFolder.Check.DECODE));
      tell(
          () ->
              Packer.to(Path.of(arguments[1]))
                  .side(16)
                  .pack(ImageFolder.in(photos, new ImageDecoder(), ImageFolder.Check.NONE)));
    }

    private static void tell(Runnable work) {
      try {
        work.run();
        System.out.println("done");
      } catch (RuntimeException | OutOfMemoryError e) {
        System.out.println(e.getClass().getSimpleName() + " " + e.getMessage());
      }
    }
  }
}
